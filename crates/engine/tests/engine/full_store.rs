//! A store whose outcomes are waited for and can be held back, and whose disk can be full.

use parking_lot::Mutex;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use store::*;
use tokio::sync::oneshot;

pub struct FullStore {
    pub inner: Arc<MemoryStore>,
    pub full: AtomicBool,
    /// Refuses what frees space, as if it needed some.
    pub refuses_drops: AtomicBool,
    /// Calls that a durable store answers after one sync.
    pub syncs: AtomicUsize,
    /// Outcomes held back; `None` lets them go at once.
    pub held: Mutex<Option<Vec<Held>>>,
}

type Held = (oneshot::Sender<Result<Outcome, StoreError>>, Result<Outcome, StoreError>);

impl fmt::Debug for FullStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FullStore")
    }
}

impl FullStore {
    pub fn over(inner: &Arc<MemoryStore>) -> Arc<Self> {
        Arc::new(FullStore {
            inner: inner.clone(),
            full: AtomicBool::new(false),
            refuses_drops: AtomicBool::new(false),
            syncs: AtomicUsize::new(0),
            held: Mutex::new(None),
        })
    }

    pub fn hold(&self) {
        *self.held.lock() = Some(Vec::new());
    }

    pub fn release(&self) {
        for (sender, outcome) in self.held.lock().take().into_iter().flatten() {
            _ = sender.send(outcome);
        }
    }

    fn later(&self, act: impl FnOnce() -> Pending) -> Pending {
        let (sender, receiver) = oneshot::channel();
        self.syncs.fetch_add(1, Ordering::SeqCst);
        let outcome = match self.full.load(Ordering::SeqCst) {
            true => Err(StoreError::Full("the test".into())),
            false => act().wait(),
        };
        match &mut *self.held.lock() {
            Some(held) => held.push((sender, outcome)),
            None => sender.send(outcome).expect("the receiver is here"),
        }
        Pending::Waiting(receiver)
    }
}

impl Store for FullStore {
    fn get(&self, key: &[u8], visit: &mut dyn FnMut(Option<&[u8]>)) -> Result<(), StoreError> {
        self.inner.get(key, visit)
    }

    fn range(
        &self,
        range: KeyRange<'_>,
        direction: Direction,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Visit,
    ) -> Result<(), StoreError> {
        self.inner.range(range, direction, visit)
    }

    fn read_at_one_position(
        &self,
        keys: &[&[u8]],
        visit: &mut dyn FnMut(usize, Option<&[u8]>),
    ) -> Result<Position, StoreError> {
        self.inner.read_at_one_position(keys, visit)
    }

    fn mutate(&self, mutation: Mutation<'_>) -> Pending {
        self.later(|| self.inner.mutate(mutation))
    }

    fn mutate_each(&self, mutations: &mut [Mutation<'_>]) -> Vec<Pending> {
        self.syncs.fetch_add(1, Ordering::SeqCst);
        self.inner.mutate_each(mutations)
    }

    fn drop_range(&self, prefix: &[u8]) -> Pending {
        match self.refuses_drops.load(Ordering::SeqCst) {
            true => Pending::ready(Err(StoreError::Full("the test".into()))),
            false => self.later(|| self.inner.drop_range(prefix)),
        }
    }

    fn tail(
        &self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &mut dyn FnMut(FeedRecord<'_>) -> Visit,
    ) -> Result<Position, StoreError> {
        self.inner.tail(feed, after, limit, visit)
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.inner.changed(feed, after)
    }

    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending {
        self.later(|| self.inner.trim(feed, up_to))
    }

    fn counter(&self, counter: CounterId) -> Result<i64, StoreError> {
        self.inner.counter(counter)
    }

    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.record(key)
    }

    fn records(&self, prefix: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Visit) -> Result<(), StoreError> {
        self.inner.records(prefix, visit)
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
