//! A store over a store: what it lends is open, what it writes is sealed, where the keyring says so.
//!
//! It keeps the contract of the store below. Calls about subjects without keys are handed on as they are; of the
//! others, `decide` and visitors get opened copies. A value that does not open fails its call, and a mutation that
//! would have to decide on one writes nothing.

mod reads;
mod writes;

use crate::keyring::{Keyring, LentKeys, Subject};
use crate::keys::{Keys, Opened};
use crate::value::Place;
use smallvec::SmallVec;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use stdx::Random;
use store::{
    Capabilities, CommitId, Consistency, CounterId, FeedCursor, FeedId, KeyRange, Measure, Mutation, Pending,
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

    /// The keys of these rows.
    fn walk_of(&self, rows: &[&[u8]]) -> Walk<'_, K> {
        let mut walk = Walk { store: self, known: SmallVec::new() };
        for row in rows {
            walk.keys(self.keyring.of_row(row));
        }
        walk
    }
}

/// The keys of what a call reads and writes. Those of what it reads are taken before it reads: a row that is read as of
/// then may be sealed under a generation that goes meanwhile.
struct Walk<'s, K> {
    store: &'s SealedStore<K>,
    known: SmallVec<[(Subject, Option<LentKeys<'s>>); 2]>,
}

impl<K: Keyring> Walk<'_, K> {
    fn keys(&mut self, subject: Option<Subject>) -> Option<&Keys> {
        let subject = subject?;
        let found = self.known.iter().rposition(|(known, _)| *known == subject);
        let at = found.unwrap_or_else(|| {
            self.known.push((subject, self.store.keyring.keys(subject)));
            self.known.len() - 1
        });
        self.known[at].1.as_deref()
    }

    fn open<'v>(
        &mut self,
        subject: Option<Subject>,
        place: Place<'_>,
        stored: &'v [u8],
    ) -> Result<Opened<'v>, StoreError> {
        if self.keys(subject).is_some_and(|keys| !keys.have_generation_of(stored)) {
            self.known.retain(|(known, _)| Some(*known) != subject); // another may have begun meanwhile
        }
        match self.keys(subject) {
            Some(keys) => keys.open(place, stored),
            None => Ok(Opened::AsItWas(stored)),
        }
    }

    /// Refuses where the keys of one subject are locked.
    fn check(&self) -> Result<(), StoreError> {
        self.known.iter().filter_map(|(_, keys)| keys.as_deref()).try_for_each(Keys::check)
    }

    fn has_keys(&self) -> bool {
        self.known.iter().any(|(_, keys)| keys.is_some())
    }
}

impl<K: Keyring> Store for SealedStore<K> {
    fn get<'a>(
        &'a self,
        key: &'a [u8],
        consistency: Consistency,
        visit: &'a mut VisitRow<'a>,
    ) -> Reading<'a, ()> {
        let walk = (!self.is_open()).then(|| self.walk_of(&[key])).filter(Walk::has_keys);
        match walk {
            None => self.inner.get(key, consistency, visit),
            Some(walk) => Reading::waiting(self.get_opened(walk, key, consistency, visit)),
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
        let subject = if self.is_open() { None } else { self.keyring.of_document(key) };
        match subject {
            None => self.inner.record(key),
            Some(subject) => Reading::waiting(self.document_opened(subject, key)),
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

    fn newest(&self) -> Reading<'_, Position> {
        self.inner.newest()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn health(&self) -> Result<(), StoreError> {
        self.inner.health()
    }

    fn measures(&self) -> Pin<Box<dyn Future<Output = Vec<Measure>> + Send + '_>> {
        self.inner.measures()
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
