use super::*;
use crate::engine::Engine;
use crate::keys::table_prefix;
use crate::table::testing::table;
use crate::write::Write;
use std::ops::Bound;
use stdx::{ManualClock, Random};
use store::{Direction, KeyRange, MemoryStore, Visit};
use types::{ItemBuilder, Value};

fn rows(store: &dyn Store, table_id: u32) -> usize {
    let (mut rows, prefix) = (0, table_prefix(table_id));
    let range = KeyRange { start: Bound::Included(&prefix), end: Bound::Unbounded };
    let mut visit = |_: &[u8], _: &[u8]| {
        rows += 1;
        Visit::Continue
    };
    store.range(range, Direction::Forward, &mut visit).unwrap();
    rows
}

/// A process that ended between deleting a table and dropping its rows.
#[test]
fn a_job_that_was_not_finished_is_resumed() {
    let clock = Arc::new(ManualClock::at(1));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(clock.clone()));
    let open = || Engine::open(store.clone(), clock.clone(), Random::from_seed(1)).unwrap();
    let table = Arc::new(table());
    let plan = Plan { raise: vec![table.fence()], ..Plan::default() };
    commit(store.as_ref(), plan).unwrap();
    let item = ItemBuilder::new().put("pk", &Value::S("a".into())).put("sk", &Value::N(1.into())).build();
    let engine = open();
    let write = Write::put(&table, item).unwrap();
    let mut future = std::pin::pin!(engine.write(&table, &write));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(&mut cx).is_ready());
    assert_eq!(rows(store.as_ref(), table.id), 1);

    let job = Job::DropTable(DropTable::of(&table));
    commit(store.as_ref(), Plan { records: vec![job.record()], ..Plan::default() }).unwrap();
    let engine = open();
    engine.settle_jobs();
    assert_eq!(rows(store.as_ref(), table.id), 0);
    assert_eq!(engine.statistics(&table).unwrap().items, 0);
    assert!(document::all::<Job>(store.as_ref(), Kind::Job).unwrap().is_empty());
}
