//! Changes of streams when their table is created, altered or deleted, in the same commit.

use super::document::{self, Stream, document_id};
use super::label::label_at;
use super::seek::find_boundaries;
use super::shard::Place;
use crate::catalog::document::Kind;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::feed::Boundary;
use crate::table::{Scope, StreamSpecification, Table};
use std::sync::Arc;
use store::{FeedId, Plan, RecordWrite, Store, StoreError};

/// What a change of a table writes for its streams.
#[derive(Debug, Default)]
pub(crate) struct StreamChange {
    records: Vec<RecordWrite>,
    feed: Vec<(FeedId, Vec<u8>)>,
}

impl StreamChange {
    /// Writes a stream whose shards change with this commit.
    pub(crate) fn of(stream: &Stream) -> StreamChange {
        let boundary = Boundary { schema_version: stream.schema_version, label: &stream.label };
        StreamChange { records: vec![stream.record()], feed: vec![(stream.feed(), boundary.encode())] }
    }

    fn and(mut self, other: StreamChange) -> StreamChange {
        self.records.extend(other.records);
        self.feed.extend(other.feed);
        self
    }

    /// Hands it to the plan of the change.
    pub(crate) fn add_to(self, plan: &mut Plan) {
        plan.records.extend(self.records);
        plan.feed.extend(self.feed);
    }
}

impl Engine {
    /// A stream by its table's name and its label, perhaps slightly outdated: for reading records, which shows
    /// what has changed since.
    pub async fn stream(
        &self,
        scope: &Scope,
        table_name: &str,
        label: &str,
    ) -> Result<Option<Arc<Stream>>, StoreError> {
        let key = Kind::Stream.key(scope, &document_id(table_name, label)).bytes();
        if let Some(stream) = self.streams().find(&key) {
            return Ok(Some(stream));
        }
        let version = self.streams().version();
        let stream = self.current_stream(scope, table_name, label).await?;
        stream.iter().for_each(|stream| self.streams().keep(key.clone(), stream, version));
        Ok(stream)
    }

    /// The same as the store has it now.
    pub async fn current_stream(
        &self,
        scope: &Scope,
        table_name: &str,
        label: &str,
    ) -> Result<Option<Arc<Stream>>, StoreError> {
        Ok(current(self.store(), scope, table_name, label).await?.map(Arc::new))
    }

    /// Gives a stream that is about to begin a label that no stream of the table's name has had lately.
    pub(crate) async fn give_label(
        &self,
        scope: &Scope,
        table_name: &str,
        stream: &mut Option<StreamSpecification>,
    ) -> Result<(), StoreError> {
        let Some(stream) = stream.as_mut().filter(|stream| stream.enabled) else { return Ok(()) };
        let newest = self.stream_names(scope, Some(table_name), None, usize::MAX).await?.pop();
        let mut micros = self.now_micros();
        while newest.as_ref().is_some_and(|(_, newest)| label_at(micros) <= *newest) {
            micros += 1_000;
        }
        stream.label = label_at(micros);
        Ok(())
    }

    /// The stream of a new table. Nothing of its feed is at or before the position that its creation has at least.
    pub(crate) fn stream_of_new(&self, table: &Table) -> Vec<RecordWrite> {
        let start = Place::At(self.store().durable().position.0 + 1);
        let stream = enabled(table).map(|stream| self.begin_stream(table, stream, start).record());
        stream.into_iter().collect()
    }

    fn begin_stream(&self, table: &Table, stream: &StreamSpecification, start: Place) -> Stream {
        Stream::begin(table, stream.label.clone(), stream.view, start, self.now_micros())
    }

    /// Enables and disables streams with a change of their table. A stream that begins is given its label.
    pub(crate) async fn alter_stream(
        &self,
        old: &Table,
        new: &mut Table,
    ) -> Result<StreamChange, StoreError> {
        let label = |table: &Table| enabled(table).map(|stream| stream.label.clone());
        if label(old) == label(new) {
            return Ok(StreamChange::default());
        }
        let ended = self.end_stream(old).await?;
        self.give_label(&new.scope, &new.name, &mut new.settings.stream).await?;
        let start = self.boundary_of(new.schema_version);
        let begun = enabled(new).map(|stream| StreamChange::of(&self.begin_stream(new, stream, start)));
        Ok(ended.and(begun.unwrap_or_default()))
    }

    /// Disables the stream of a table that is enabled, with the next change of the table.
    pub(crate) async fn end_stream(&self, table: &Table) -> Result<StreamChange, StoreError> {
        let Some(stream) = enabled(table) else { return Ok(StreamChange::default()) };
        let stream = current(self.store(), &table.scope, &table.name, &stream.label).await?;
        let Some(mut stream) = stream else { return Ok(StreamChange::default()) }; // enabled before streams were kept
        stream.schema_version = table.schema_version + 1;
        let (end, now) = (self.boundary_of(stream.schema_version), self.now_micros());
        stream.disabled_micros = Some(now);
        stream.sealing.clone_from(&table.settings.sealing);
        stream.shards.iter_mut().for_each(|shard| shard.close(end, now));
        Ok(StreamChange::of(&stream))
    }

    fn boundary_of(&self, schema_version: u64) -> Place {
        Place::Boundary { schema_version, after: self.store().durable().position.0 }
    }
}

/// A stream as the store has it now, with its boundaries found.
pub(crate) async fn current(
    store: &dyn Store,
    scope: &Scope,
    table_name: &str,
    label: &str,
) -> Result<Option<Stream>, StoreError> {
    let read = document::read(store, scope, table_name, label).await;
    let Some(mut stream) = read.map_err(EngineError::into_store)? else { return Ok(None) };
    find_boundaries(store, &mut stream).await?;
    Ok(Some(stream))
}

pub(super) fn enabled(table: &Table) -> Option<&StreamSpecification> {
    table.settings.stream.as_ref().filter(|stream| stream.enabled)
}
