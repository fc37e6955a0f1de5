//! Stores that are wrong on purpose, to show that the suite and the random test notice.

use crate::contract::*;
use crate::memory::MemoryStore;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::SystemClock;

/// What a broken store does wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    GetFindsNothing,
    RangeSkipsARow,
    WriteIsLost,
    CounterIsOld,
    FeedRecordIsLost,
    DropDropsNothing,
    FencesAreIgnored,
    FeedIsReversed,
    ReadsAreApart,
    SafeUntilIsAhead,
    TrimForgetsTooMuch,
    TailSkipsTheRestOfACommit,
    DocumentIsSkipped,
    RefusalWrites,
}

/// A memory store that does one thing wrong, every so many times.
#[derive(Debug)]
pub(crate) struct Broken {
    store: MemoryStore,
    fault: Fault,
    every: u64,
    calls: AtomicU64,
}

/// Not a count of the random test: its readers look so often that nothing else would be reported.
fn is_plain(key: &[u8]) -> bool {
    !key.starts_with(b"c\0\0\0\0")
}

impl Broken {
    pub(crate) fn new(fault: Fault, every: u64) -> Self {
        Self { store: MemoryStore::new(Arc::new(SystemClock)), fault, every, calls: AtomicU64::new(0) }
    }

    fn now(&self, fault: Fault) -> bool {
        self.fault == fault && (self.calls.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(self.every)
    }

    fn spoil(&self, decision: Decision) -> Decision {
        let mut plan = match decision {
            Decision::Commit(plan) => plan,
            Decision::Refuse if self.now(Fault::RefusalWrites) => Plan::default(),
            Decision::Refuse => return Decision::Refuse,
        };
        if plan.rows.iter().any(|row| is_plain(&row.key)) && self.now(Fault::WriteIsLost) {
            plan.rows.pop();
        }
        if !plan.feed.is_empty() && self.now(Fault::FeedRecordIsLost) {
            plan.feed.pop();
        }
        if self.now(Fault::FeedIsReversed) {
            plan.feed.reverse();
        }
        Decision::Commit(plan)
    }
}

impl Store for Broken {
    fn get(&self, key: &[u8], visit: &mut dyn FnMut(Option<&[u8]>)) -> Result<(), StoreError> {
        if is_plain(key) && self.now(Fault::GetFindsNothing) {
            visit(None);
            return Ok(());
        }
        self.store.get(key, visit)
    }

    fn range(
        &self,
        range: KeyRange<'_>,
        direction: Direction,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Visit,
    ) -> Result<(), StoreError> {
        let skipping = &mut |key: &[u8], row: &[u8]| {
            if is_plain(key) && self.now(Fault::RangeSkipsARow) { Visit::Continue } else { visit(key, row) }
        };
        self.store.range(range, direction, skipping)
    }

    fn read_at_one_position(
        &self,
        keys: &[&[u8]],
        visit: &mut dyn FnMut(usize, Option<&[u8]>),
    ) -> Result<Position, StoreError> {
        if self.fault == Fault::ReadsAreApart {
            for (index, key) in keys.iter().enumerate() {
                self.store.get(key, &mut |row| visit(index, row))?;
            }
            return Ok(self.durable().position);
        }
        self.store.read_at_one_position(keys, visit)
    }

    fn mutate(&self, mutation: Mutation<'_>) -> Pending {
        let Mutation { keys, fences, locking, decide } = mutation;
        let fences = if self.now(Fault::FencesAreIgnored) { &[] } else { fences };
        let decide = &mut |old: &OldRows<'_>| self.spoil(decide(old));
        self.store.mutate(Mutation { keys, fences, locking, decide })
    }

    fn mutate_each(&self, mutations: &mut [Mutation<'_>]) -> Vec<Pending> {
        self.store.mutate_each(mutations)
    }

    fn drop_range(&self, prefix: &[u8]) -> Pending {
        if self.fault == Fault::DropDropsNothing {
            return self.store.drop_range(b"no row begins with this");
        }
        self.store.drop_range(prefix)
    }

    fn tail(
        &self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &mut dyn FnMut(FeedRecord<'_>) -> Visit,
    ) -> Result<Position, StoreError> {
        let after = match self.now(Fault::TailSkipsTheRestOfACommit) {
            true => FeedCursor::behind(after.position),
            false => after,
        };
        let safe_until = self.store.tail(feed, after, limit, visit)?;
        Ok(if self.now(Fault::SafeUntilIsAhead) { Position(safe_until.0 + 2) } else { safe_until })
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.store.changed(feed, after)
    }

    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending {
        let more = FeedCursor::behind(Position(up_to.position.0 + 1));
        self.store.trim(feed, if self.now(Fault::TrimForgetsTooMuch) { more } else { up_to })
    }

    fn counter(&self, counter: CounterId) -> Result<i64, StoreError> {
        let value = self.store.counter(counter)?;
        Ok(if self.now(Fault::CounterIsOld) { value - 1 } else { value })
    }

    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.record(key)
    }

    fn records(&self, prefix: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Visit) -> Result<(), StoreError> {
        let skipping = &mut |key: &[u8], document: &[u8]| {
            if self.now(Fault::DocumentIsSkipped) { Visit::Continue } else { visit(key, document) }
        };
        self.store.records(prefix, skipping)
    }

    fn durable(&self) -> Stamp {
        self.store.durable()
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn health(&self) -> Result<(), StoreError> {
        self.store.health()
    }

    fn close(&self) -> Result<(), StoreError> {
        self.store.close()
    }
}
