//! A store that keeps nothing: the oracle of the tests, the simulation's store, and the `--memory` server.
//!
//! Commits are put in order by one short lock; reads take only the locks of the rows they touch, sharded by
//! the beginning of the key, so tables do not contend. Every commit shows as a whole: all its places are locked
//! before the first is changed. What is appended is at once as durable as it gets. Visitors run without any
//! lock held.
//!
//! Deliberately not here: files, recovery, limits of memory.

mod feed;
mod ordered_map;
mod row_shards;

use crate::contract::*;
use crate::lock_table::LockTable;
use feed::Feeds;
use ordered_map::{OrderedMap, Page, pages};
use parking_lot::{Mutex, RwLock, RwLockWriteGuard};
use row_shards::RowShards;
use smallvec::SmallVec;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::ops::Bound;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use stdx::Clock;

/// The store without a disk.
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    is_shared: bool,
    locks: LockTable,
    /// Held while a commit takes its place and is applied. Locks below are taken after it, in this order:
    /// rows, feeds, counters, records, durable.
    order: Mutex<Order>,
    rows: RowShards,
    feeds: Feeds,
    counters: RwLock<Counters>,
    records: RwLock<OrderedMap>,
    watches: Watches,
    durable: RwLock<Stamp>,
    /// Set under `order`, so that no commit slips in behind a close.
    closed: AtomicBool,
}

/// The order of commits, and what decides whether a commit may enter it.
#[derive(Default)]
struct Order {
    last: Stamp,
    fences: HashMap<u64, u64>,
}

impl Order {
    fn holds(&self, fences: &[Fence]) -> bool {
        fences.iter().all(|fence| self.fences.get(&fence.subject).copied().unwrap_or(0) == fence.version)
    }

    fn raise(&mut self, fences: &[Fence]) {
        for fence in fences {
            if fence.version == 0 {
                self.fences.remove(&fence.subject);
                continue;
            }
            let version = self.fences.entry(fence.subject).or_default();
            *version = fence.version.max(*version);
        }
    }

    fn next(&mut self, now_micros: u64) -> Stamp {
        let position = Position(self.last.position.0 + 1);
        self.last = Stamp { position, time_micros: now_micros.max(self.last.time_micros) };
        self.last
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("it has been closed".to_owned())
}

impl MemoryStore {
    /// An empty store that takes its time from `clock` and that only one server uses: nothing needs a lease.
    pub fn private(clock: Arc<dyn Clock>) -> Self {
        Self { is_shared: false, ..Self::new(clock) }
    }

    /// An empty store that takes its time from `clock` and that several servers of this process may use.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            is_shared: true,
            clock,
            locks: LockTable::new(),
            order: Mutex::default(),
            rows: RowShards::default(),
            feeds: Feeds::default(),
            counters: RwLock::default(),
            records: RwLock::default(),
            watches: Watches::default(),
            durable: RwLock::default(),
            closed: AtomicBool::new(false),
        }
    }

    fn mutate_now(&self, mutation: Mutation<'_>) -> Result<Outcome, StoreError> {
        self.health()?;
        match mutation.locking {
            Locking::Single => match self.locks.wait_single(mutation.keys) {
                Ok(_held) => self.decide(mutation),
                Err(busy) => Ok(Outcome::Conflict(busy)),
            },
            Locking::Transaction => match self.locks.transaction(mutation.keys) {
                Ok(_held) => self.decide(mutation),
                Err(busy) => Ok(Outcome::Conflict(busy)),
            },
        }
    }

    fn decide(&self, mutation: Mutation<'_>) -> Result<Outcome, StoreError> {
        let old: SmallVec<[_; 4]> = mutation.keys.iter().map(|key| self.rows.row(key)).collect();
        let old: SmallVec<[_; 4]> = old.iter().map(|row| row.as_deref()).collect();
        match (mutation.decide)(&OldRows(&old)) {
            Decision::Refuse => Ok(Outcome::Refused),
            Decision::Commit(plan) => self.commit(mutation.fences, plan),
        }
    }

    fn commit(&self, fences: &[Fence], plan: Plan) -> Result<Outcome, StoreError> {
        let mut order = self.order.lock();
        self.health()?;
        if !order.holds(fences) {
            return Ok(Outcome::Fenced);
        }
        order.raise(&plan.raise);
        let stamp = order.next(self.clock.now_micros());
        let documents: Vec<_> = plan.records.iter().map(|write| write.key.clone()).collect();
        self.apply(plan, stamp);
        if !documents.is_empty() {
            self.watches.note(documents.iter().map(Vec::as_slice));
        }
        Ok(Outcome::Committed(stamp))
    }

    /// Shows a plan as a whole: no place it has changed is unlocked before the last one is changed and the
    /// position published.
    fn apply(&self, plan: Plan, stamp: Stamp) {
        self.rows.write(plan.rows, || {
            self.feeds.append(stamp, plan.feed, || {
                let counters =
                    (!plan.counters.is_empty()).then(|| add(self.counters.write(), &plan.counters));
                let records =
                    (!plan.records.is_empty()).then(|| document(self.records.write(), plan.records));
                *self.durable.write() = stamp;
                drop((counters, records));
            });
        });
    }

    /// Enters the order of commits with something that is not a plan. `apply` calls what it is handed before
    /// it unlocks what it has changed.
    fn commit_alone(&self, apply: impl FnOnce(&dyn Fn())) -> Pending<'static> {
        let mut order = self.order.lock();
        if let Err(error) = self.health() {
            return Pending::ready(Err(error));
        }
        let stamp = order.next(self.clock.now_micros());
        apply(&|| *self.durable.write() = stamp);
        Pending::ready(Ok(Outcome::Committed(stamp)))
    }
}

type Counters = HashMap<CounterId, i64>;

fn add<'a>(mut counters: RwLockWriteGuard<'a, Counters>, deltas: &[(CounterId, i64)]) -> impl Sized + 'a {
    for (counter, delta) in deltas {
        let value = counters.entry(*counter).or_default();
        *value = value.wrapping_add(*delta);
    }
    counters
}

fn document(mut records: RwLockWriteGuard<'_, OrderedMap>, writes: Vec<RecordWrite>) -> impl Sized + '_ {
    for write in writes {
        records.write(write.key, write.document);
    }
    records
}

/// The least key above every key that begins with `prefix`, if there is one.
pub fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut next = prefix[..=last].to_vec();
    next[last] += 1;
    Some(next)
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("durable", &self.durable()).finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn get<'a>(&'a self, key: &'a [u8], _: Consistency, visit: &'a mut VisitRow<'a>) -> Reading<'a, ()> {
        visit(self.rows.row(key).as_deref());
        Reading::ready(Ok(()))
    }

    fn range<'a>(&'a self, read: RangeRead<'a>, visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        let RangeRead { range, direction, .. } = read;
        pages(range, direction, |range, page| self.rows.read(range, direction, page), visit);
        Reading::ready(Ok(()))
    }

    fn read_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Reading<'a, Position> {
        let (rows, position) = self.rows.rows_together(keys, || self.durable.read().position);
        rows.iter().enumerate().for_each(|(index, row)| visit(index, row.as_deref()));
        Reading::ready(Ok(position))
    }

    fn mutate<'a>(&'a self, mutation: Mutation<'a>) -> Pending<'a> {
        Pending::ready(self.mutate_now(mutation))
    }

    fn mutate_each<'a>(&'a self, mutations: Vec<Mutation<'a>>) -> Vec<Pending<'a>> {
        mutations.into_iter().map(|mutation| self.mutate(mutation)).collect()
    }

    /// No outcome of this store is unknown.
    fn resolve(&self, _: CommitId) -> Reading<'_, Option<Stamp>> {
        Reading::ready(Ok(None))
    }

    fn settled(&self) -> Pending<'_> {
        Pending::ready(self.health().map(|()| Outcome::Refused))
    }

    fn drop_range<'a>(&'a self, prefix: &'a [u8]) -> Pending<'a> {
        let mut dropped = None;
        // Freeing many rows takes a while, so it happens after the locks are released.
        self.commit_alone(|publish| dropped = Some(self.rows.take_prefix(prefix, publish)))
    }

    fn tail<'a>(
        &'a self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &'a mut VisitRecord<'a>,
    ) -> Reading<'a, Position> {
        let feed = self.feeds.feed(feed);
        let safe_until = feed.with(|| self.durable.read().position);
        feed.visit(after, safe_until, limit, visit);
        Reading::ready(Ok(safe_until))
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let feed = self.feeds.feed(feed);
        Box::pin(async move { feed.changed(after).await })
    }

    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending<'_> {
        self.commit_alone(|publish| self.feeds.feed(feed).trim(up_to, publish))
    }

    fn counter(&self, counter: CounterId) -> Reading<'_, i64> {
        Reading::ready(Ok(self.counters.read().get(&counter).copied().unwrap_or(0)))
    }

    fn record<'a>(&'a self, key: &'a [u8]) -> Reading<'a, Option<Vec<u8>>> {
        Reading::ready(Ok(self.records.read().row(key).map(|document| document.to_vec())))
    }

    fn records<'a>(&'a self, prefix: &'a [u8], visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        let after = after_prefix(prefix);
        let end = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let range = KeyRange { start: Bound::Included(prefix), end };
        let read =
            |range: KeyRange<'_>, page: &mut Page| self.records.read().read(range, Direction::Forward, page);
        pages(range, Direction::Forward, read, visit);
        Reading::ready(Ok(()))
    }

    fn fence(&self, subject: u64) -> Reading<'_, u64> {
        Reading::ready(Ok(self.order.lock().fences.get(&subject).copied().unwrap_or(0)))
    }

    fn watch(&self, prefix: &[u8]) -> Watch {
        self.watches.watch(prefix)
    }

    fn durable(&self) -> Stamp {
        *self.durable.read()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { durable: false, transactions_across_rows: true, shared: self.is_shared }
    }

    fn health(&self) -> Result<(), StoreError> {
        if self.closed.load(Ordering::Acquire) { Err(closed()) } else { Ok(()) }
    }

    fn close(&self) -> Result<(), StoreError> {
        let _order = self.order.lock();
        self.closed.store(true, Ordering::Release);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
