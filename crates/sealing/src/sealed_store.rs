//! A store over a store: what it lends is open, what it writes is sealed, where the keyring says so.
//!
//! It keeps the contract of the store below. Calls about subjects without keys are handed on as they are; of the
//! others, `decide` and visitors get opened copies. A value that does not open fails its call, and a mutation that
//! would have to decide on one writes nothing.

mod reads;
mod writes;

use crate::keyring::{Keyring, Subject};
use crate::keys::{Keys, Opened};
use crate::value::Place;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use stdx::Random;
use store::{
    Capabilities, CommitId, Consistency, CounterId, FeedCursor, FeedId, KeyRange, Mutation, Pending,
    Position, RangeRead, Reading, Stamp, Store, StoreError, VisitEntry, VisitKeyed, VisitMany, VisitRecord,
    VisitRow, Watch,
};

/// See the module.
#[derive(Debug)]
pub struct SealedStore<K> {
    inner: Arc<dyn Store>,
    keyring: Arc<K>,
    random: Random,
}

impl<K: Keyring> SealedStore<K> {
    /// Over a store. The generator makes nonces, which need not be secret.
    pub fn new(inner: Arc<dyn Store>, keyring: Arc<K>, random: Random) -> Self {
        SealedStore { inner, keyring, random }
    }

    fn is_open(&self) -> bool {
        self.keyring.is_empty()
    }

    fn keys_of(&self, subject: Option<Subject>) -> Option<Arc<Keys>> {
        self.keyring.keys(subject?)
    }

    fn keys_of_row(&self, key: &[u8]) -> Option<Arc<Keys>> {
        self.keys_of(self.keyring.of_row(key))
    }
}

/// The keys of the rows of a walk, which mostly are of one subject.
struct Walk<'s, K> {
    store: &'s SealedStore<K>,
    latest: Option<(Subject, Option<Arc<Keys>>)>,
}

impl<'s, K: Keyring> Walk<'s, K> {
    fn new(store: &'s SealedStore<K>) -> Self {
        Walk { store, latest: None }
    }

    fn keys(&mut self, subject: Option<Subject>) -> Option<&Keys> {
        let subject = subject?;
        if self.latest.as_ref().is_none_or(|(latest, _)| *latest != subject) {
            self.latest = Some((subject, self.store.keyring.keys(subject)));
        }
        self.latest.as_ref().and_then(|(_, keys)| keys.as_deref())
    }

    fn open<'v>(
        &mut self,
        subject: Option<Subject>,
        place: Place<'_>,
        stored: &'v [u8],
    ) -> Result<Opened<'v>, StoreError> {
        match self.keys(subject) {
            Some(keys) => keys.open(place, stored),
            None => Ok(Opened::AsItWas(stored)),
        }
    }
}

impl<K: Keyring> Store for SealedStore<K> {
    fn get<'a>(
        &'a self,
        key: &'a [u8],
        consistency: Consistency,
        visit: &'a mut VisitRow<'a>,
    ) -> Reading<'a, ()> {
        match if self.is_open() { None } else { self.keys_of_row(key) } {
            None => self.inner.get(key, consistency, visit),
            Some(keys) => Reading::waiting(self.get_opened(keys, key, consistency, visit)),
        }
    }

    fn get_many<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        consistency: Consistency,
        visit: &'a mut VisitMany<'a>,
    ) -> Reading<'a, ()> {
        match self.is_open() {
            true => self.inner.get_many(keys, consistency, visit),
            false => Reading::waiting(self.get_many_opened(keys, consistency, visit)),
        }
    }

    fn range<'a>(&'a self, read: RangeRead<'a>, visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        match self.is_open() {
            true => self.inner.range(read, visit),
            false => Reading::waiting(self.range_opened(read, visit)),
        }
    }

    fn read_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Reading<'a, Position> {
        match self.is_open() {
            true => self.inner.read_at_one_position(keys, visit),
            false => Reading::waiting(self.read_opened_at_one_position(keys, visit)),
        }
    }

    fn mutate<'a>(&'a self, mutation: Mutation<'a>) -> Pending<'a> {
        match self.is_open() {
            true => self.inner.mutate(mutation),
            false => Pending::running(self.mutate_sealed(mutation)),
        }
    }

    fn mutate_each<'a>(&'a self, mutations: Vec<Mutation<'a>>) -> Vec<Pending<'a>> {
        match self.is_open() {
            true => self.inner.mutate_each(mutations),
            false => mutations.into_iter().map(|mutation| self.mutate(mutation)).collect(),
        }
    }

    fn resolve(&self, commit: CommitId) -> Reading<'_, Option<Stamp>> {
        self.inner.resolve(commit)
    }

    fn settled(&self) -> Pending<'_> {
        self.inner.settled()
    }

    fn drop_range<'a>(&'a self, prefix: &'a [u8]) -> Pending<'a> {
        self.inner.drop_range(prefix)
    }

    fn tail<'a>(
        &'a self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &'a mut VisitRecord<'a>,
    ) -> Reading<'a, Position> {
        match self.is_open() {
            true => self.inner.tail(feed, after, limit, visit),
            false => Reading::waiting(self.tail_opened(feed, after, limit, visit)),
        }
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.inner.changed(feed, after)
    }

    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending<'_> {
        self.inner.trim(feed, up_to)
    }

    fn counter(&self, counter: CounterId) -> Reading<'_, i64> {
        self.inner.counter(counter)
    }

    fn record<'a>(&'a self, key: &'a [u8]) -> Reading<'a, Option<Vec<u8>>> {
        let keys = if self.is_open() { None } else { self.keys_of(self.keyring.of_document(key)) };
        match keys {
            None => self.inner.record(key),
            Some(keys) => Reading::waiting(self.document_opened(keys, key)),
        }
    }

    fn records<'a>(&'a self, prefix: &'a [u8], visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        match self.is_open() {
            true => self.inner.records(prefix, visit),
            false => Reading::waiting(self.documents_opened(prefix, visit)),
        }
    }

    fn fence(&self, subject: u64) -> Reading<'_, u64> {
        self.inner.fence(subject)
    }

    fn watch(&self, prefix: &[u8]) -> Watch {
        self.inner.watch(prefix)
    }

    fn durable(&self) -> Stamp {
        self.inner.durable()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn health(&self) -> Result<(), StoreError> {
        self.inner.health()
    }

    fn close(&self) -> Result<(), StoreError> {
        self.inner.close()
    }
}

/// The first key of a range, whose subject its rows have.
fn first_of<'a>(range: &KeyRange<'a>) -> Option<&'a [u8]> {
    match range.start {
        std::ops::Bound::Included(key) | std::ops::Bound::Excluded(key) => Some(key),
        std::ops::Bound::Unbounded => None,
    }
}
