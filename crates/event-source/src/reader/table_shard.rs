//! A shard of a table's stream.

use super::page_filling::PageFilling;
use super::{Selection, cursor, place};
use crate::dynamodb_event;
use crate::lane::{Page, Record, Wanted};
use crate::place::Place;
use dynamodb::sequence_number;
use engine::Engine;
use engine::stream::{ReadFrom, ShardReadError, Stream, StreamRecord};
use std::sync::Arc;
use store::{FeedCursor, StoreError};

/// Reads a lane of it.
pub(crate) struct TableShard {
    pub(super) engine: Engine,
    pub(super) stream: Arc<Stream>,
    pub(super) arn: String,
    pub(super) selection: Selection,
}

impl TableShard {
    pub(super) async fn read(&self, wanted: Wanted) -> Result<Page, StoreError> {
        let newest = place(FeedCursor::behind(self.engine.store().durable().position));
        let from = ReadFrom { after: cursor(wanted.after), skips_trimmed: true };
        let mut filling = PageFilling::new(&self.selection, wanted);
        let take = &mut |stream: &Stream, record: StreamRecord<'_>| self.take(&mut filling, stream, record);
        let read = self.engine.read_shard(&self.stream, &self.selection.lane.shard, from, take).await;
        let mut page = filling.page;
        match read {
            Ok(read) => match read.next {
                Some(next) => page.read_to = page.read_to.max(place(next.after)),
                None => page.is_end = true,
            },
            Err(ShardReadError::NotFound) => page.is_end = true,
            Err(ShardReadError::Trimmed) => {} // a record became too old on the way: the next reading passes over it
            Err(ShardReadError::Store(error)) => return Err(error),
        }
        page.is_caught_up = page.is_end || page.read_to >= newest;
        Ok(page)
    }

    pub(super) async fn changed(&self, after: Place) {
        self.engine.stream_changed(&self.stream, cursor(after)).await;
    }

    fn take(&self, filling: &mut PageFilling<'_>, stream: &Stream, record: StreamRecord<'_>) -> bool {
        if filling.is_full() {
            return false;
        }
        if !self.selection.has(record.change.key.as_bytes()) {
            return true;
        }
        let (place, arrived_micros) = (place(record.place), record.time_micros);
        let sequence_number = sequence_number::of_record(record.place);
        let mut json = Vec::with_capacity(512);
        dynamodb_event::write(stream, &self.arn, record, &mut json);
        filling.add(Record { place, sequence_number, arrived_micros, json }, |record| {
            serde_json::from_slice(&record.json).expect("what was just written is JSON")
        })
    }
}
