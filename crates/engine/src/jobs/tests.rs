use super::commit::commit;
use super::*;
use crate::engine::Engine;
use crate::feed::{Consumer, ConsumerKind};
use crate::keys::table_prefix;
use crate::table::testing::table;
use crate::write::Write;
use std::ops::Bound;
use stdx::{ManualClock, Random};
use store::lease::{LEASE_MICROS, Lease};
use store::wait::wait;
use store::{Consistency, CounterId, Direction, KeyRange, MemoryStore, RangeRead, Visit};
use types::{ItemBuilder, Value};

/// Walks a number of cells, and counts each of them in a counter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Walk {
    pub id: u64,
    pub cells: u64,
    pub walked: u64,
}

const CELLS_A_STEP: u64 = 100;

impl Walk {
    pub(super) fn step(&mut self, _: &Surroundings) -> Result<Step, StoreError> {
        let cells = CELLS_A_STEP.min(self.cells - self.walked);
        self.walked += cells;
        let plan = Plan { counters: vec![(CounterId(self.id), cells as i64)], ..Plan::default() };
        Ok(if self.walked < self.cells { Step::Progress(plan) } else { Step::Done(plan) })
    }
}

struct World {
    clock: Arc<ManualClock>,
    store: Arc<dyn Store>,
}

impl World {
    fn new() -> World {
        let clock = Arc::new(ManualClock::at(1));
        World { store: Arc::new(MemoryStore::new(clock.clone())), clock }
    }

    fn open(&self, seed: u64) -> Engine {
        Engine::open(self.store.clone(), self.clock.clone(), Random::from_seed(seed)).unwrap()
    }

    fn commit(&self, plan: Plan) {
        assert!(commit(self.store.as_ref(), &Lease::NotNeeded, 0, plan).unwrap());
    }

    /// A job as an earlier process has left it.
    fn leave(&self, job: &Job) {
        self.commit(Plan { records: vec![job.record()], ..Plan::default() });
    }

    fn jobs_left(&self) -> usize {
        wait(document::all::<Job>(self.store.as_ref(), Kind::Job)).unwrap().len()
    }
}

fn rows(store: &dyn Store, table_id: u32) -> usize {
    let prefix = table_prefix(table_id);
    rows_within(store, KeyRange { start: Bound::Included(&prefix), end: Bound::Unbounded })
}

fn rows_of_kind(store: &dyn Store, kind: u8) -> usize {
    rows_within(store, KeyRange { start: Bound::Included(&[kind]), end: Bound::Excluded(&[kind + 1]) })
}

fn rows_within(store: &dyn Store, range: KeyRange<'_>) -> usize {
    let mut rows = 0;
    let mut visit = |_: &[u8], _: &[u8]| {
        rows += 1;
        Visit::Continue
    };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    store.range(RangeRead { range, direction, consistency, rows_expected: 99 }, &mut visit).wait().unwrap();
    rows
}

/// A process that ended between deleting a table and dropping its rows.
#[test]
fn a_job_that_was_not_finished_is_resumed() {
    let world = World::new();
    let table = Arc::new(table());
    world.commit(Plan { raise: vec![table.fence()], ..Plan::default() });
    let item = ItemBuilder::new().put("pk", &Value::S("a".into())).put("sk", &Value::N(1.into())).build();
    let engine = world.open(1);
    let write = Write::put(&table, item).unwrap();
    let mut future = std::pin::pin!(engine.write(&table, &write));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(&mut cx).is_ready());
    assert_eq!(rows(world.store.as_ref(), table.id), 1);

    world.leave(&Job::DropTable(DropTable::of(&table, false)));
    let engine = world.open(2);
    engine.wait_for_jobs();
    assert_eq!(rows(world.store.as_ref(), table.id), 0);
    assert_eq!(wait(engine.statistics(&table)).unwrap().items, 0);
    assert_eq!((world.jobs_left(), rows_of_kind(world.store.as_ref(), 4)), (0, 0));
}

/// Documents of version 1 name no stage.
#[test]
fn a_job_of_an_earlier_version_is_read() {
    let old = r#"{"DropTable":{"table_id":7,"feed":7,"counters":[30064771072,30064771073]}}"#;
    let job: Job = serde_json::from_str(old).unwrap();
    assert_eq!((job.id(), job.done()), ("drop-table-0000000007".to_owned(), 0));
    assert_eq!(serde_json::to_string(&job).unwrap(), old.replace("]}", r#"],"ranges_are_dropped":false}"#));

    let old = r#"{"BackfillIndex":{"table_id":7,"scope":{"account":"1","region":"r"},"name":"t","index":2,"after":[1],"items":3,"is_active":false}}"#;
    let job: Job = serde_json::from_str(old).unwrap();
    assert_eq!((job.id(), job.done()), ("backfill-index-0000000007-00002".to_owned(), 3));
}

#[test]
fn a_job_that_is_stopped_again_and_again_ends_exactly() {
    let world = World::new();
    let cells = 1_000_000;
    world.leave(&Job::Walk(Walk { id: 9, cells, walked: 0 }));
    let counted = || world.store.counter(CounterId(9)).wait().unwrap() as u64;
    let mut stops = 0;
    while world.jobs_left() > 0 {
        let before = counted();
        let engine = world.open(stops);
        while world.jobs_left() > 0 && counted() < before + cells / 50 {
            world.clock.advance_micros(LEASE_MICROS / 1_000); // the one before may have kept its lease
            std::thread::yield_now();
        }
        drop(engine); // in the middle of a step, or just behind it
        stops += 1;
    }
    assert_eq!(counted(), cells);
    assert!(stops >= 10, "{stops}");
}

#[test]
fn engines_on_one_store_do_a_job_once_and_one_takes_over() {
    let world = World::new();
    let cells = 100_000;
    for id in 0..4 {
        world.leave(&Job::Walk(Walk { id, cells, walked: 0 }));
    }
    let engines = [1, 2, 3].map(|seed| world.open(seed));
    for at in 0.. {
        if world.jobs_left() == 0 {
            break;
        }
        if at % 100 == 0 {
            world.clock.advance_micros(LEASE_MICROS / 3); // leases expire in the middle of steps
        }
        std::thread::yield_now();
    }
    world.clock.advance_micros(LEASE_MICROS);
    engines.iter().for_each(Engine::wait_for_jobs);
    for id in 0..4 {
        assert_eq!(world.store.counter(CounterId(id)).wait().unwrap(), cells as i64);
    }
    assert_eq!(rows_of_kind(world.store.as_ref(), 4), 0);
}

#[test]
fn a_job_begun_by_another_engine_is_taken_over_when_that_one_ends() {
    let world = World::new();
    let (owner, other) = (world.open(1), world.open(2));
    other.wait_for_jobs();
    let cells = 100_000;
    let walk = Job::Walk(Walk { id: 9, cells, walked: 0 });
    world.leave(&walk);
    owner.jobs().start(walk);
    let counted = || world.store.counter(CounterId(9)).wait().unwrap() as u64;
    while counted() == 0 {
        std::thread::yield_now();
    }
    drop(owner); // in the middle of the job, with its lease
    other.wait_for_jobs();
    assert!(
        counted() < cells && other.job_progress().is_empty(),
        "nothing tells the other engine of the job"
    );
    for _ in 0..3 {
        world.clock.advance_micros(LEASE_MICROS);
        other.wait_for_jobs();
    }
    assert_eq!((counted(), world.jobs_left(), rows_of_kind(world.store.as_ref(), 4)), (cells, 0, 0));
}

#[test]
fn a_table_of_another_engine_is_tended_whoever_learns_of_it_first() {
    let world = World::new();
    let engine = world.open(1);
    engine.wait_for_jobs();
    let mut table = table();
    table.consumers.push(Consumer {
        kind: ConsumerKind::PointInTime,
        id: String::new(),
        view: None,
        retention_micros: LEASE_MICROS,
        acknowledges: false,
    });
    let record = document::put_table(&table);
    world.commit(Plan { records: vec![record], ..Plan::default() });
    wait(engine.catalog().refresh(world.store.as_ref())).unwrap(); // as a job does
    wait(engine.refresh()).unwrap();
    assert!(engine.job_progress().is_empty());
    world.clock.advance_micros(LEASE_MICROS);
    engine.wait_for_jobs();
    assert_eq!(
        engine.job_progress().iter().map(|job| &job.id[..]).collect::<Vec<_>>(),
        ["trim-feed-0000000007"]
    );
}

#[test]
fn a_short_job_does_not_wait_for_a_long_one() {
    let world = World::new();
    let engine = world.open(1);
    let long = Job::Walk(Walk { id: 9, cells: u64::MAX, walked: 0 });
    world.leave(&long);
    engine.jobs().start(long);
    let progress = |id: &str| engine.job_progress().into_iter().find(|job| job.id == id);
    while progress("walk-9").is_none_or(|job| job.done == 0) {
        std::thread::yield_now();
    }
    let drop_table = Job::DropTable(DropTable::of(&table(), false));
    world.leave(&drop_table);
    engine.jobs().start(drop_table);
    while progress("drop-table-0000000007").is_some() {
        std::thread::yield_now();
    }
    assert!(progress("walk-9").is_some());
}
