//! Indexes come and go while their table is written.

use crate::fixture::*;
use engine::table::IndexStatus;
use engine::{IndexKind, KeyType, Projected, Table, Write};
use std::ops::Bound;
use std::sync::Arc;

/// Adds a global index with partition key `g` (S).
fn add(world: &World, name: &str) -> Arc<Table> {
    let key = keys(&[("g", KeyType::S)], &[]);
    add_index(world, "t", &index(name, IndexKind::Global, key, Projected::KeysOnly))
}

fn delete(world: &World, name: &str) -> Arc<Table> {
    delete_index(world, "t", name)
}

pub fn current(world: &World) -> Arc<Table> {
    world.engine.table(&scope(), "t").unwrap()
}

pub fn table_of(world: &World) -> Arc<Table> {
    let mut new = new_table("t", keys(&[("pk", KeyType::S)], &[]), Vec::new());
    new.attribute_definitions = new.key.hash.clone();
    now(world.engine.create_table(new)).unwrap()
}

fn put(world: &World, table: &Arc<Table>, at: i64) {
    let write = Write::put(table, item(&[("pk", s(&at.to_string())), ("g", s("g"))])).unwrap();
    now(world.engine.write(table, &write)).unwrap();
}

pub fn rows_of_kind(world: &World, kind: u8) -> usize {
    let range = store::KeyRange { start: Bound::Included(&[kind]), end: Bound::Excluded(&[kind + 1]) };
    let (direction, consistency) = (store::Direction::Forward, store::Consistency::Strong);
    let read = store::RangeRead { range, direction, consistency, rows_expected: 1 };
    let mut rows = 0;
    let visit = &mut |_: &[u8], _: &[u8]| {
        rows += 1;
        store::Visit::Continue
    };
    store::Store::range(&*world.store, read, visit).wait().unwrap();
    rows
}

/// Items and entries, marks.
pub fn rows(world: &World) -> (usize, usize) {
    (rows_of_kind(world, 1), rows_of_kind(world, 5))
}

pub fn settle(world: &World) -> Arc<Table> {
    world.finish_jobs();
    current(world)
}

pub fn counted(world: &World, of: &Table) -> engine::TableStatistics {
    now(world.engine.statistics(of)).unwrap()
}

#[test]
fn a_removed_index_leaves_nothing() {
    let world = World::new();
    let table = table_of(&world);
    (0..300).for_each(|at| put(&world, &table, at));
    add(&world, "one");
    let with_one = settle(&world);
    assert_eq!((rows(&world), counted(&world, &with_one).indexes[0].entries), ((600, 0), 300));

    delete(&world, "one");
    let without = settle(&world);
    assert_eq!((rows(&world), without.indexes.len()), ((300, 0), 0));
    assert_eq!((&without.attribute_definitions, without.index_number_max), (&table.key.hash, 1));
    assert_eq!(
        counted(&world, &with_one),
        engine::TableStatistics { indexes: vec![Default::default()], ..counted(&world, &table) }
    );
    let other_type = Write::put(&without, item(&[("pk", s("x")), ("g", n(1))])).unwrap();
    now(world.engine.write(&without, &other_type)).unwrap();

    add(&world, "one");
    let again = settle(&world);
    assert_eq!((again.indexes[0].number, rows(&world)), (2, (601, 0)));
    assert_eq!(counted(&world, &again).indexes[0].entries, 300, "one item has a key of another type");
}

#[test]
fn several_lots_are_under_way_at_once() {
    let world = World::new();
    let table = table_of(&world);
    (0..12_000).for_each(|at| put(&world, &table, at));
    add(&world, "one");
    let job = || world.engine.job_progress().into_iter().find(|job| job.id.starts_with("backfill"));
    while let Some(job) = job() {
        let percent = (job.done as f64 / 120.0).min(99.9);
        assert!(job.percent.is_none_or(|told| (told - percent).abs() < 1e-9), "{job:?}");
        world.clock.advance_micros(50_000); // without other clients the job soon takes the largest lots
    }
    let built = settle(&world);
    assert_eq!((rows(&world), counted(&world, &built).indexes[0].entries), ((24_000, 0), 12_000));
}

#[test]
fn an_index_that_is_being_deleted_is_not_maintained() {
    let world = World::new();
    let store = crate::full_store::FullStore::over(&world.store);
    store.refuses_drops.store(true, std::sync::atomic::Ordering::SeqCst);
    let random = stdx::Random::from_seed(1);
    let World { engine: before, store: memory, clock } = world;
    drop(before); // it would do the jobs of the one that is refused
    let engine = engine::Engine::open(store.clone(), clock.clone(), random).unwrap();
    let world = World { engine, store: memory, clock };
    let mut new = new_table("t", keys(&[("pk", KeyType::S)], &[]), Vec::new());
    new.indexes = vec![index("one", IndexKind::Global, keys(&[("g", KeyType::S)], &[]), Projected::All)];
    let table = now(world.engine.create_table(new)).unwrap();
    put(&world, &table, 1);
    assert_eq!(rows(&world), (2, 0));
    let table = delete(&world, "one");
    put(&world, &table, 2);
    let other_type = Write::put(&table, item(&[("pk", s("x")), ("g", n(1))])).unwrap();
    now(world.engine.write(&table, &other_type)).unwrap();
    assert_eq!((rows(&world), current(&world).indexes[0].status), ((4, 0), IndexStatus::Deleting));
    store.refuses_drops.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!((settle(&world).indexes.len(), rows(&world)), (0, (3, 0)));
}

#[test]
fn an_index_is_deleted_while_it_is_built() {
    let mut world = World::new();
    let table = table_of(&world);
    (0..3_000).for_each(|at| put(&world, &table, at));
    for round in 0..8 {
        let mut table = add(&world, "one");
        while table.indexes[0].status == IndexStatus::Backfilling && rows(&world).1 < 300 * round {
            put(&world, &table, 7 * round as i64);
            table = current(&world);
        }
        let deleted = delete(&world, "one");
        put(&world, &deleted, 1);
        if round % 2 == 0 {
            world.replace_engine();
        }
        let table = settle(&world);
        assert_eq!((table.indexes.len(), rows(&world)), (0, (3_000, 0)), "round {round}");
        assert_eq!(counted(&world, &deleted).indexes[0], Default::default());
    }
}

#[test]
fn a_table_is_deleted_while_its_index_is_built_or_deleted() {
    let world = World::new();
    for deletes_index in [false, true] {
        let table = table_of(&world);
        (0..3_000).for_each(|at| put(&world, &table, at));
        let mut table = add(&world, "one");
        if deletes_index {
            table = delete(&world, "one");
        }
        now(world.engine.delete_table(&table)).unwrap();
        world.engine.wait_for_jobs();
        assert_eq!((rows(&world), world.engine.job_progress()), ((0, 0), Vec::new()));
        assert_eq!(counted(&world, &table), engine::TableStatistics::empty(&table));
    }
}

/// Writers continue while an index is built and its engine is stopped repeatedly; the counters are exact.
#[test]
fn an_index_is_built_beside_writes_and_stops() {
    const ITEMS: i64 = 20_000;
    let mut world = World::new();
    let table = table_of(&world);
    (0..ITEMS).for_each(|at| put(&world, &table, at));
    let mut table = add(&world, "by_g");
    let (mut stops, mut written) = (0, ITEMS);
    while table.indexes[0].status != IndexStatus::Active {
        for at in 0..40 {
            put(&world, &table, written);
            put(&world, &table, (written * 7 + at) % ITEMS);
            let gone = Write::delete(&table, item(&[("pk", s(&written.to_string()))])).unwrap();
            now(world.engine.write(&table, &gone)).unwrap();
            written += 1;
        }
        world.replace_engine();
        world.clock.advance_micros(5_000_000);
        stops += 1;
        table = current(&world);
    }
    assert!(stops >= 5, "{stops}");
    let table = settle(&world);
    assert_eq!(counted(&world, &table).indexes[0].entries, ITEMS);
    assert_eq!(rows(&world), (2 * ITEMS as usize, 0));
}

/// Replaces the row of an item; returns the one before.
fn replace_row(world: &World, table: &Table, at: i64, row: impl Fn(&[u8]) -> Vec<u8> + Sync) -> Vec<u8> {
    let key = engine::ItemKey::of(table, &item(&[("pk", s(&at.to_string()))])).unwrap();
    let mut before = Vec::new();
    let decide = &mut |old: &store::OldRows<'_>| {
        before = old.get(0).expect("an item").to_vec();
        let write = store::RowWrite { key: key.as_bytes().to_vec(), row: Some(row(&before)) };
        store::Decision::Commit(store::Plan { rows: vec![write], ..store::Plan::default() })
    };
    let keys = &[key.as_bytes()][..];
    let mutation = store::Mutation { keys, fences: &[], locking: store::Locking::Single, decide };
    store::Store::mutate(&*world.store, mutation).wait().unwrap();
    before
}

#[test]
fn a_damaged_item_holds_up_the_build_of_its_index_and_nothing_else() {
    const HEADER_AND_COUNT: usize = 26;
    let world = World::new();
    let table = table_of(&world);
    (1..=3).for_each(|at| put(&world, &table, at));
    let sound = replace_row(&world, &table, 2, |row| row[..HEADER_AND_COUNT].to_vec());
    add(&world, "by-g");
    world.engine.wait_for_jobs();
    let builds = world.engine.job_progress().into_iter().filter(|job| job.id.starts_with("backfill"));
    let failures: Vec<_> = builds.map(|job| job.failure).collect();
    assert_eq!(failures, [Some("damaged data: a step panicked".to_owned())]);
    put(&world, &current(&world), 4);
    now(world.engine.create_table(new_table("other", keys(&[("pk", KeyType::S)], &[]), Vec::new()))).unwrap();
    replace_row(&world, &table, 2, |_| sound.clone());
    settle(&world);
    assert_eq!(rows(&world), (8, 0));
}
