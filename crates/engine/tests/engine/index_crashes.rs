//! Indexes are built and removed exactly, through crashes, late and lost answers.

use crate::fixture::*;
use crate::indexes::{counted, current, rows, settle, table_of};
use engine::table::IndexStatus;
use engine::{IndexKind, KeyType, Projected, Table, Write};
use std::sync::Arc;

/// Whether index `at` of the table has exactly the entries of its items, and counts them.
fn is_exact(world: &World, table: &Table, at: usize) {
    let index = &table.indexes[at];
    let in_index = |item: &types::Item| {
        let entry =
            item.get("g").map(|g| g.to_value()).filter(|g| matches!(g, types::Value::S(g) if !g.is_empty()));
        Some(self::item(&[("g", entry?), ("pk", item.get("pk").unwrap().to_value())]))
    };
    let expected = sorted(scan(world, table, None).iter().filter_map(in_index).collect());
    let counted = counted(world, table).indexes[at];
    let size_bytes: usize = expected.iter().map(types::Item::size_bytes).sum();
    assert_eq!((counted.entries, counted.size_bytes), (expected.len() as i64, size_bytes as i64));
    assert_eq!(scan(world, table, Some(index)), expected);
}

/// Items with a key of the right type, of another type, empty, and without one.
fn put_mixed(world: &World, table: &Arc<Table>, items: std::ops::Range<i64>) {
    for at in items {
        let mut attributes = vec![("pk", s(&at.to_string()))];
        match at % 5 {
            0 => attributes.push(("g", n(at))),
            1 => attributes.push(("g", s(""))),
            2 => {}
            _ => attributes.push(("g", s(&format!("g{}", at % 7)))),
        }
        now(world.engine.write(table, &Write::put(table, item(&attributes)).unwrap())).unwrap();
    }
}

/// Crashes after each number of commits in turn: in the middle of a lot, before and behind the descriptor's changes.
fn dies_at_every_commit(changes: impl Fn(&World) -> Result<(), engine::AlterError>, check: impl Fn(&World)) {
    for commits in 1.. {
        let mut world = World::new();
        let table = table_of(&world);
        put_mixed(&world, &table, 0..100);
        let dying = crate::full_store::FullStore::over(&world.store);
        let random = stdx::Random::from_seed(2);
        let first = engine::Engine::open(dying.clone(), world.clock.clone(), random).unwrap();
        first.wait_for_jobs();
        dying.commits_left.store(commits, std::sync::atomic::Ordering::SeqCst);
        world.engine = first;
        let changed = changes(&world);
        world.engine.wait_for_jobs();
        let has_lived = changed.is_ok() && world.engine.job_progress().is_empty();
        world.replace_engine();
        let table = current(&world);
        let some = item(&[("pk", s("50")), ("g", s("late"))]);
        let gone = item(&[("pk", s("53"))]);
        now(world.engine.write(&table, &Write::put(&table, some).unwrap())).unwrap();
        now(world.engine.write(&table, &Write::delete(&table, gone).unwrap())).unwrap();
        settle(&world);
        assert_eq!(rows(&world).1, 0, "marks are left, {commits}");
        check(&world);
        if has_lived {
            assert!(commits > 5, "{commits}");
            return;
        }
    }
}

fn try_alter(world: &World, alter: impl FnOnce(&mut Table) + Send) -> Result<(), engine::AlterError> {
    now(world.engine.alter_table(&current(world), alter)).map(|_| ())
}

fn by_g(number: u16, status: IndexStatus) -> engine::Index {
    let by_g = index("by_g", IndexKind::Global, keys(&[("g", KeyType::S)], &[]), Projected::KeysOnly);
    engine::Index { number, status, ..by_g }
}

fn start_building(table: &mut Table) {
    table.index_number_max = 1;
    table.indexes.push(by_g(1, IndexStatus::Backfilling));
}

fn start_removing(table: &mut Table) {
    table.indexes[0].status = IndexStatus::Deleting;
}

fn is_gone_or_exact(world: &World) {
    match current(world).indexes.len() {
        0 => assert_eq!(rows(world).0, 99),
        _ => is_exact(world, &current(world), 0),
    }
}

#[test]
fn a_build_is_exact_wherever_the_process_dies() {
    dies_at_every_commit(|world| try_alter(world, start_building), is_gone_or_exact);
}

#[test]
fn a_removal_is_complete_wherever_the_process_dies() {
    dies_at_every_commit(
        |world| {
            try_alter(world, start_building)?;
            world.engine.wait_for_jobs();
            try_alter(world, start_removing)
        },
        is_gone_or_exact,
    );
}

#[test]
fn a_removal_of_an_index_that_is_built_is_complete_wherever_the_process_dies() {
    dies_at_every_commit(
        |world| {
            try_alter(world, start_building)?;
            while let Err(engine::AlterError::Changed) = try_alter(world, start_removing) {}
            Ok(())
        },
        is_gone_or_exact,
    );
}

/// Engines that answer late and lose answers of commits build and remove indexes, and write, on one store.
#[test]
fn engines_on_a_slow_store_build_and_remove_indexes_beside_writes() {
    for seed in 1..=4 {
        let mut world = World::new();
        let table = table_of(&world);
        put_mixed(&world, &table, 0..200);
        let slow = |seed| {
            let store = store::SlowStore::new(world.store.clone(), seed).losing_one_of(20);
            let random = stdx::Random::from_seed(seed);
            engine::Engine::open(Arc::new(store), world.clock.clone(), random).unwrap()
        };
        let engines = [slow(10 * seed), slow(10 * seed + 1)];
        for round in 0..6i64 {
            let step = |table: &mut Table| match round % 3 {
                0 | 1 => {
                    table.index_number_max += 1;
                    let name = format!("ix{}", table.index_number_max);
                    let new = by_g(table.index_number_max, IndexStatus::Backfilling);
                    table.indexes.push(engine::Index { name, ..new });
                }
                _ => table.indexes[0].status = IndexStatus::Deleting,
            };
            loop {
                let [engine, _] = &engines;
                now(engine.refresh()).unwrap();
                let read = engine.table(&scope(), "t").unwrap();
                let version = read.schema_version;
                _ = now(engine.alter_table(&read, step)); // its answer may be lost
                now(world.engine.refresh()).unwrap();
                if current(&world).schema_version > version {
                    break;
                }
            }
            for at in 0..60 {
                let engine = &engines[at as usize % 2];
                now(engine.refresh()).unwrap();
                let table = engine.table(&scope(), "t").unwrap();
                let pk = ("pk", s(&(at * 3).to_string()));
                let write = match at % 3 {
                    0 => Write::delete(&table, item(&[pk])),
                    _ => Write::put(&table, item(&[pk, ("g", s(&format!("r{round}")))])),
                };
                _ = now(engine.write(&table, &write.unwrap()));
                world.clock.advance_micros(200_000);
            }
        }
        let [first, second] = engines;
        drop(first);
        for _ in 0..200 {
            second.wait_for_jobs();
            world.clock.advance_micros(1_000_000);
        }
        drop(second);
        world.replace_engine();
        let table = settle(&world);
        assert!(!table.indexes.is_empty());
        assert!(table.indexes.iter().all(|index| index.status == IndexStatus::Active), "{:?}", table.indexes);
        (0..table.indexes.len()).for_each(|at| is_exact(&world, &table, at));
        assert_eq!(rows(&world).1, 0);
    }
}
