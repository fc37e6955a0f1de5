//! A store whose outcomes are waited for and can be held back, whose disk can be full, and whose process can crash.

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
    /// Writes only what lies together in one commit.
    pub is_narrow: AtomicBool,
    /// Commits before the crash: everything after them fails.
    pub commits_left: AtomicUsize,
    /// Several engines may have it open.
    pub is_shared: AtomicBool,
    /// Calls that a durable store answers after one sync.
    pub syncs: AtomicUsize,
    /// Outcomes held back; `None` releases them at once.
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
            is_narrow: AtomicBool::new(false),
            commits_left: AtomicUsize::new(usize::MAX),
            is_shared: AtomicBool::new(false),
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

    fn is_dead(&self) -> bool {
        let spend = |left: usize| left.checked_sub(usize::from(left != usize::MAX));
        self.commits_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend).is_err()
    }

    fn later(&self, act: impl FnOnce() -> Result<Outcome, StoreError>) -> Pending<'static> {
        let (sender, receiver) = oneshot::channel();
        self.syncs.fetch_add(1, Ordering::SeqCst);
        let outcome = match self.full.load(Ordering::SeqCst) {
            true => Err(StoreError::Full("the test".into())),
            false if self.is_dead() => Err(StoreError::Poisoned("the test".into())),
            false => act(),
        };
        match &mut *self.held.lock() {
            Some(held) => held.push((sender, outcome)),
            None => sender.send(outcome).expect("the receiver is here"),
        }
        Pending::Waiting(receiver)
    }
}

impl Store for FullStore {
    fn get<'a>(
        &'a self,
        key: &'a [u8],
        consistency: Consistency,
        visit: &'a mut VisitRow<'a>,
    ) -> Reading<'a, ()> {
        self.inner.get(key, consistency, visit)
    }

    fn range<'a>(&'a self, read: RangeRead<'a>, visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        self.inner.range(read, visit)
    }

    fn read_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Reading<'a, Position> {
        self.inner.read_at_one_position(keys, visit)
    }

    fn mutate<'a>(&'a self, mutation: Mutation<'a>) -> Pending<'a> {
        self.later(|| self.inner.mutate(mutation).wait())
    }

    fn mutate_each<'a>(&'a self, mutations: Vec<Mutation<'a>>) -> Vec<Pending<'a>> {
        self.syncs.fetch_add(1, Ordering::SeqCst);
        let each = |mutation| match self.is_dead() {
            true => Pending::ready(Err(StoreError::Poisoned("the test".into()))),
            false => self.inner.mutate(mutation),
        };
        mutations.into_iter().map(each).collect()
    }

    fn resolve(&self, commit: CommitId) -> Reading<'_, Option<Stamp>> {
        self.inner.resolve(commit)
    }

    fn settled(&self) -> Pending<'_> {
        self.later(|| self.inner.settled().wait())
    }

    fn drop_range<'a>(&'a self, prefix: &'a [u8]) -> Pending<'a> {
        match self.refuses_drops.load(Ordering::SeqCst) {
            true => Pending::ready(Err(StoreError::Full("the test".into()))),
            false => self.later(|| self.inner.drop_range(prefix).wait()),
        }
    }

    fn tail<'a>(
        &'a self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &'a mut VisitRecord<'a>,
    ) -> Reading<'a, Position> {
        self.inner.tail(feed, after, limit, visit)
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.inner.changed(feed, after)
    }

    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending<'_> {
        self.later(|| self.inner.trim(feed, up_to).wait())
    }

    fn counter(&self, counter: CounterId) -> Reading<'_, i64> {
        self.inner.counter(counter)
    }

    fn record<'a>(&'a self, key: &'a [u8]) -> Reading<'a, Option<Vec<u8>>> {
        self.inner.record(key)
    }

    fn records<'a>(&'a self, prefix: &'a [u8], visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        self.inner.records(prefix, visit)
    }

    fn fence(&self, subject: u64) -> Reading<'_, u64> {
        self.inner.fence(subject)
    }

    /// Held outcomes must not show; the one engine of a test shows what it has changed itself.
    fn watch(&self, prefix: &[u8]) -> Watch {
        Watches::default().watch(prefix)
    }

    fn durable(&self) -> Stamp {
        self.inner.durable()
    }

    fn newest(&self) -> Reading<'_, Position> {
        self.inner.newest()
    }

    fn capabilities(&self) -> Capabilities {
        let transactions_across_rows = !self.is_narrow.load(Ordering::SeqCst);
        let shared = self.is_shared.load(Ordering::SeqCst);
        Capabilities { transactions_across_rows, shared, ..self.inner.capabilities() }
    }

    fn health(&self) -> Result<(), StoreError> {
        self.inner.health()
    }

    fn close(&self) -> Result<(), StoreError> {
        self.inner.close()
    }
}
