use super::*;
use crate::contract::*;
use crate::memory::MemoryStore;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicU64;
use stdx::SystemClock;

fn memory() -> MemoryStore {
    MemoryStore::new(Arc::new(SystemClock))
}

fn test() -> RandomTest<'static> {
    RandomTest { round_operations: 500, ..RandomTest::new(42, Length::Operations(2_000)) }
}

#[test]
fn the_memory_store_answers_right() {
    let report = test().run(Arc::new(memory()));
    assert_eq!(report.descriptions, Vec::<String>::new());
    assert_eq!((report.wrong, report.rounds), (0, 4));
    assert!(report.operations > 8_000);
}

#[test]
fn a_reopen_that_loses_everything_is_noticed() {
    let reopen = |_: Arc<dyn Store>| Arc::new(memory()) as Arc<dyn Store>;
    let report = RandomTest { reopen: Some(&reopen), ..test() }.run(Arc::new(memory()));
    assert!(report.descriptions.iter().any(|text| text.contains("after reopening")), "{report:?}");
    assert_eq!(report.reopens, 4);
}

#[test]
fn the_flush_hook_is_called() {
    let calls = AtomicU64::new(0);
    let flush = |_: &dyn Store| {
        calls.fetch_add(1, Ordering::Relaxed);
    };
    RandomTest { flush: Some(&flush), ..test() }.run(Arc::new(memory()));
    assert!(calls.into_inner() > 0);
}

/// What a broken store does once in a hundred times.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    GetFindsNothing,
    RangeSkipsARow,
    WriteIsLost,
    CounterIsOld,
    FeedRecordIsLost,
    DropDropsNothing,
}

#[derive(Debug)]
struct Broken(MemoryStore, Fault, AtomicU64);

/// The readers look so often that their findings would be all there is to read.
fn is_writers(key: &[u8]) -> bool {
    key.starts_with(b"w")
}

impl Broken {
    fn now(&self, fault: Fault) -> bool {
        self.1 == fault && self.2.fetch_add(1, Ordering::Relaxed) % 100 == 99
    }

    fn spoil(&self, decision: Decision) -> Decision {
        let Decision::Commit(mut plan) = decision else { return decision };
        if plan.rows.iter().any(|row| is_writers(&row.key)) && self.now(Fault::WriteIsLost) {
            plan.rows.pop();
        }
        if !plan.feed.is_empty() && self.now(Fault::FeedRecordIsLost) {
            plan.feed.pop();
        }
        Decision::Commit(plan)
    }
}

#[test]
fn every_kind_of_broken_store_is_noticed() {
    for (fault, expect) in [
        (Fault::GetFindsNothing, "nothing where"),
        (Fault::RangeSkipsARow, "range"),
        (Fault::WriteIsLost, "decide"),
        (Fault::CounterIsOld, "was acknowledged or seen"),
        (Fault::FeedRecordIsLost, "feed after a round"),
        (Fault::DropDropsNothing, "where nothing was due"),
    ] {
        let report = test().run(Arc::new(Broken(memory(), fault, AtomicU64::new(0))));
        assert!(
            report.wrong > 0 && report.descriptions.iter().any(|text| text.contains(expect)),
            "{fault:?}: {report:?}"
        );
    }
}

impl Store for Broken {
    fn get(&self, key: &[u8], visit: &mut dyn FnMut(Option<&[u8]>)) -> Result<(), StoreError> {
        if is_writers(key) && self.now(Fault::GetFindsNothing) {
            visit(None);
            return Ok(());
        }
        self.0.get(key, visit)
    }

    fn range(
        &self,
        range: KeyRange<'_>,
        direction: Direction,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Visit,
    ) -> Result<(), StoreError> {
        let skipping = &mut |key: &[u8], row: &[u8]| {
            if is_writers(key) && self.now(Fault::RangeSkipsARow) { Visit::Continue } else { visit(key, row) }
        };
        self.0.range(range, direction, skipping)
    }

    fn read_at_one_position(
        &self,
        keys: &[&[u8]],
        visit: &mut dyn FnMut(usize, Option<&[u8]>),
    ) -> Result<Position, StoreError> {
        self.0.read_at_one_position(keys, visit)
    }

    fn mutate(&self, mutation: Mutation<'_>) -> Pending {
        let Mutation { keys, fences, locking, decide } = mutation;
        let decide = &mut |old: &OldRows<'_>| self.spoil(decide(old));
        self.0.mutate(Mutation { keys, fences, locking, decide })
    }

    fn mutate_each(&self, mutations: &mut [Mutation<'_>]) -> Vec<Pending> {
        self.0.mutate_each(mutations)
    }

    fn drop_range(&self, prefix: &[u8]) -> Pending {
        if self.1 == Fault::DropDropsNothing {
            return self.0.drop_range(b"no row begins with this");
        }
        self.0.drop_range(prefix)
    }

    fn tail(
        &self,
        feed: FeedId,
        after: Position,
        limit: usize,
        visit: &mut dyn FnMut(FeedRecord<'_>) -> Visit,
    ) -> Result<Position, StoreError> {
        self.0.tail(feed, after, limit, visit)
    }

    fn changed(&self, feed: FeedId, after: Position) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.changed(feed, after)
    }

    fn trim(&self, feed: FeedId, up_to: Position) -> Pending {
        self.0.trim(feed, up_to)
    }

    fn counter(&self, counter: CounterId) -> Result<i64, StoreError> {
        let value = self.0.counter(counter)?;
        Ok(if self.now(Fault::CounterIsOld) { value - 1 } else { value })
    }

    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.record(key)
    }

    fn records(&self, prefix: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Visit) -> Result<(), StoreError> {
        self.0.records(prefix, visit)
    }

    fn durable(&self) -> Stamp {
        self.0.durable()
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn health(&self) -> Result<(), StoreError> {
        self.0.health()
    }

    fn close(&self) -> Result<(), StoreError> {
        self.0.close()
    }
}
