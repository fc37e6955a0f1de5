//! Stores that are wrong on purpose, to show that the suite and the random test detect it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::SystemClock;
use store::MemoryStore;
use store::*;

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
    WatchSleeps,
    FirstDecisionCounts,
    SettledWrites,
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
    fn get<'a>(
        &'a self,
        key: &'a [u8],
        consistency: Consistency,
        visit: &'a mut VisitRow<'a>,
    ) -> Reading<'a, ()> {
        if is_plain(key) && self.now(Fault::GetFindsNothing) {
            visit(None);
            return Reading::ready(Ok(()));
        }
        self.store.get(key, consistency, visit)
    }

    fn range<'a>(&'a self, read: RangeRead<'a>, visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        let skipping = &mut |key: &[u8], row: &[u8]| {
            if is_plain(key) && self.now(Fault::RangeSkipsARow) { Visit::Continue } else { visit(key, row) }
        };
        Reading::ready(self.store.range(read, skipping).wait())
    }

    fn read_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Reading<'a, Position> {
        if self.fault == Fault::ReadsAreApart {
            for (index, key) in keys.iter().enumerate() {
                let read = self.store.get(key, Consistency::Strong, &mut |row| visit(index, row)).wait();
                read.expect("the memory store reads");
            }
            return Reading::ready(Ok(self.durable().position));
        }
        self.store.read_at_one_position(keys, visit)
    }

    fn mutate<'a>(&'a self, mutation: Mutation<'a>) -> Pending<'a> {
        let Mutation { keys, fences, locking, decide } = mutation;
        let fences = if self.now(Fault::FencesAreIgnored) { &[] } else { fences };
        let decide = &mut |old: &OldRows<'_>| {
            let decision = decide(old);
            if self.fault == Fault::FirstDecisionCounts {
                let _last = decide(old);
            }
            self.spoil(decision)
        };
        Pending::ready(self.store.mutate(Mutation { keys, fences, locking, decide }).wait())
    }

    fn mutate_each<'a>(&'a self, mutations: Vec<Mutation<'a>>) -> Vec<Pending<'a>> {
        self.store.mutate_each(mutations)
    }

    fn resolve(&self, commit: CommitId) -> Reading<'_, Option<Stamp>> {
        self.store.resolve(commit)
    }

    fn settled(&self) -> Pending<'_> {
        match self.fault {
            Fault::SettledWrites => self.store.trim(FeedId(0), FeedCursor::START),
            _ => self.store.settled(),
        }
    }

    fn drop_range<'a>(&'a self, prefix: &'a [u8]) -> Pending<'a> {
        if self.fault == Fault::DropDropsNothing {
            return self.store.drop_range(b"no row begins with this");
        }
        self.store.drop_range(prefix)
    }

    fn tail<'a>(
        &'a self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &'a mut VisitRecord<'a>,
    ) -> Reading<'a, Position> {
        let after = match self.now(Fault::TailSkipsTheRestOfACommit) {
            true => FeedCursor::behind(after.position),
            false => after,
        };
        let safe_until = self.store.tail(feed, after, limit, visit).wait();
        let ahead = self.now(Fault::SafeUntilIsAhead);
        Reading::ready(safe_until.map(|safe| if ahead { Position(safe.0 + 2) } else { safe }))
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.store.changed(feed, after)
    }

    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending<'_> {
        let more = FeedCursor::behind(Position(up_to.position.0 + 1));
        self.store.trim(feed, if self.now(Fault::TrimForgetsTooMuch) { more } else { up_to })
    }

    fn counter(&self, counter: CounterId) -> Reading<'_, i64> {
        let value = self.store.counter(counter).wait();
        let old = self.now(Fault::CounterIsOld);
        Reading::ready(value.map(|value| if old { value - 1 } else { value }))
    }

    fn record<'a>(&'a self, key: &'a [u8]) -> Reading<'a, Option<Vec<u8>>> {
        self.store.record(key)
    }

    fn records<'a>(&'a self, prefix: &'a [u8], visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        let skipping = &mut |key: &[u8], document: &[u8]| {
            if self.now(Fault::DocumentIsSkipped) { Visit::Continue } else { visit(key, document) }
        };
        Reading::ready(self.store.records(prefix, skipping).wait())
    }

    fn fence(&self, subject: u64) -> Reading<'_, u64> {
        self.store.fence(subject)
    }

    fn watch(&self, prefix: &[u8]) -> Watch {
        self.store.watch(if self.fault == Fault::WatchSleeps {
            b"no document begins with this"
        } else {
            prefix
        })
    }

    fn durable(&self) -> Stamp {
        self.store.durable()
    }

    fn newest(&self) -> Reading<'_, Position> {
        self.store.newest()
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
