//! Groups, streams and their events. [`Logs`] is what the operations stand on, and what other parts of the server
//! append to.

use crate::errors;
use crate::events::{self, StreamId};
use crate::group::{self, Group, Region, Stream};
use crate::keys;
use model::ApiError;
use std::sync::Arc;
use std::time::Duration;
use stdx::{Clock, Random};
use store::Store;
use store::documents::Documents;

/// Streams that are looked at for one request.
pub(crate) const STREAMS_MAX: usize = 100_000;

/// An event that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it happened, in milliseconds since the Unix epoch.
    pub at_millis: u64,
    /// What happened.
    pub message: String,
}

/// The logs of a server. Cheap to clone.
#[derive(Clone)]
pub struct Logs {
    store: Arc<dyn Store>,
    documents: Documents,
    clock: Arc<dyn Clock>,
    random: Random,
}

impl Logs {
    /// The logs that a store has.
    pub fn of(store: Arc<dyn Store>, clock: Arc<dyn Clock>, random: Random) -> Self {
        let documents = Documents::of(Arc::clone(&store), group::FORMAT);
        Logs { store, documents, clock, random }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    pub(crate) fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Resolves so much later by the clock, however it is moved.
    pub(crate) async fn pause(&self, time: Duration) {
        let until = self.clock.now_micros() + time.as_micros() as u64;
        stdx::clock::sleep_until(self.clock.as_ref(), until).await;
    }

    pub(crate) fn now_millis(&self) -> u64 {
        self.clock.now_micros() / 1_000
    }

    /// Appends events to a stream, which is made with its group where they are missing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn append(
        &self,
        region: &Region,
        group: &str,
        stream: &str,
        events: Vec<Event>,
    ) -> Result<(), ApiError> {
        let group = match self.find_group(region, group).await? {
            Some(group) => group,
            None => self.make_group(region, group, self.new_group()).await?.0,
        };
        let stream = match self.find_stream(region, &group, stream).await? {
            Some(stream) => stream,
            None => self.make_stream(region, &group, stream).await?.0,
        };
        let id = StreamId { group: group.id, stream: stream.id };
        let events: Vec<(u64, String)> =
            events.into_iter().map(|event| (event.at_millis, event.message)).collect();
        events::append(self.store(), id, &events, self.now_millis())
            .await
            .map_err(|error| errors::store(&error))
    }

    pub(crate) fn new_group(&self) -> Group {
        let created_millis = self.now_millis();
        let (retention_days, class, tags) = (None, None, Default::default());
        Group { id: self.random.next_u64(), created_millis, retention_days, class, tags }
    }

    pub(crate) async fn find_group(&self, region: &Region, name: &str) -> Result<Option<Group>, ApiError> {
        self.documents.get(&region.group_key(name)).await.map_err(errors::record)
    }

    pub(crate) async fn group(&self, region: &Region, name: &str) -> Result<Group, ApiError> {
        self.find_group(region, name).await?.ok_or_else(errors::no_group)
    }

    /// The group of a name, and whether it was made just now.
    pub(crate) async fn make_group(
        &self,
        region: &Region,
        name: &str,
        new: Group,
    ) -> Result<(Group, bool), ApiError> {
        let make = |old: Option<Group>| {
            let made = old.is_none();
            let group = old.unwrap_or_else(|| new.clone());
            // A commit may be asked for again: the group that is there then is this one.
            let is_own = group.id == new.id;
            Ok::<_, ApiError>((Some(group.clone()), (group, made || is_own)))
        };
        self.documents.change(&region.group_key(name), make).await.map_err(errors::record)?
    }

    pub(crate) async fn change_group(
        &self,
        region: &Region,
        name: &str,
        mut change: impl FnMut(&mut Group) -> Result<(), ApiError> + Send,
    ) -> Result<(), ApiError> {
        let changed = |old: Option<Group>| {
            let mut group = old.ok_or_else(errors::no_group)?;
            change(&mut group)?;
            Ok((Some(group), ()))
        };
        self.documents.change(&region.group_key(name), changed).await.map_err(errors::record)?
    }

    pub(crate) async fn delete_group(&self, region: &Region, name: &str) -> Result<(), ApiError> {
        let group = self.group(region, name).await?;
        let delete = |_: Option<Group>| Ok::<_, ApiError>((None, ()));
        self.documents.change(&region.group_key(name), delete).await.map_err(errors::record)??;
        self.store.drop_range(&keys::group(group.id)).await.map_err(|error| errors::store(&error))?;
        for (name, _) in self.streams(region, &group, None, STREAMS_MAX).await? {
            self.forget_stream(region, &group, &name).await?;
        }
        Ok(())
    }

    pub(crate) async fn find_stream(
        &self,
        region: &Region,
        group: &Group,
        name: &str,
    ) -> Result<Option<Stream>, ApiError> {
        self.documents.get(&region.stream_key(group.id, name)).await.map_err(errors::record)
    }

    /// The stream of a name, and whether it was made just now.
    pub(crate) async fn make_stream(
        &self,
        region: &Region,
        group: &Group,
        name: &str,
    ) -> Result<(Stream, bool), ApiError> {
        let new = Stream { id: self.random.next_u64(), created_millis: self.now_millis() };
        let make = |old: Option<Stream>| {
            let stream = old.unwrap_or_else(|| new.clone());
            let is_own = stream.id == new.id;
            Ok::<_, ApiError>((Some(stream.clone()), (stream, is_own)))
        };
        self.documents.change(&region.stream_key(group.id, name), make).await.map_err(errors::record)?
    }

    pub(crate) async fn delete_stream(
        &self,
        region: &Region,
        group: &Group,
        name: &str,
    ) -> Result<(), ApiError> {
        let stream = self.find_stream(region, group, name).await?.ok_or_else(errors::no_stream)?;
        self.forget_stream(region, group, name).await?;
        let rows = keys::stream(group.id, stream.id);
        self.store.drop_range(&rows).await.map(|_| ()).map_err(|error| errors::store(&error))
    }

    async fn forget_stream(&self, region: &Region, group: &Group, name: &str) -> Result<(), ApiError> {
        let delete = |_: Option<Stream>| Ok::<_, ApiError>((None, ()));
        self.documents.change(&region.stream_key(group.id, name), delete).await.map_err(errors::record)?
    }

    /// The streams of a group in the order of their names, behind one of them.
    pub(crate) async fn streams(
        &self,
        region: &Region,
        group: &Group,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Stream)>, ApiError> {
        let after = region.stream_key(group.id, after.unwrap_or_default());
        let prefix = region.stream_key(group.id, "").id;
        let listed = self.documents.list::<Stream>(region.streams(), Some(&after), limit).await;
        let listed = listed.map_err(errors::record)?.into_iter();
        let own = listed.take_while(|(key, _)| key.id.starts_with(&prefix));
        Ok(own.map(|(key, stream)| (group::stream_name(&key.id).to_owned(), stream)).collect())
    }
}

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logs").finish_non_exhaustive()
    }
}
