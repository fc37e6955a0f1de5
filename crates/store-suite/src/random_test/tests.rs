use super::*;
use crate::broken::{Broken, Fault};
use std::sync::atomic::AtomicU64;
use stdx::SystemClock;
use store::MemoryStore;

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
        let report = test().run(Arc::new(Broken::new(fault, 100)));
        assert!(
            report.wrong > 0 && report.descriptions.iter().any(|text| text.contains(expect)),
            "{fault:?}: {report:?}"
        );
    }
}

#[test]
fn a_run_can_be_as_long_as_one_says() {
    let test = RandomTest { round_operations: 100, ..RandomTest::new(7, Length::Seconds(1)) };
    let report = test.run(Arc::new(memory()));
    assert_eq!(report.descriptions, Vec::<String>::new());
    assert!(report.rounds > 1, "{report:?}");
}
