//! The time index agrees with the items, and expired items are deleted, through crashes, late and lost answers.

use crate::fixture::*;
use crate::full_store::FullStore;
use crate::indexes::current;
use engine::{AlterError, Engine, IndexKind, KeyType, Projected, Table, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use stdx::{Clock, Random};

const ITEMS: i64 = 60;

/// A table with a global index, in which every third item has expired, every third will and every third never does.
fn table_of(world: &World) -> Arc<Table> {
    let mut new = new_table("t", keys(&[("pk", KeyType::S)], &[]), Vec::new());
    new.indexes = vec![index("by_g", IndexKind::Global, keys(&[("g", KeyType::S)], &[]), Projected::All)];
    let table = now(world.engine.create_table(new)).unwrap();
    (0..ITEMS).for_each(|at| put(world, &world.engine, &table, at, at));
    table
}

fn put(world: &World, engine: &Engine, table: &Arc<Table>, at: i64, kind: i64) {
    let seconds = (world.clock.now_micros() / 1_000_000) as i64;
    let mut attributes = vec![("pk", s(&at.to_string())), ("g", s("g"))];
    match kind % 3 {
        0 => attributes.push(("ttl", n(seconds - 1 - at))),
        1 => attributes.push(("ttl", n(seconds + 1_000_000 + at))),
        _ => {}
    }
    _ = now(engine.write(table, &Write::put(table, item(&attributes)).unwrap())); // its answer may be lost
}

fn switch(engine: &Engine, on: bool) -> Result<(), AlterError> {
    now(engine.refresh()).map_err(AlterError::Store)?;
    let read = engine.table(&scope(), "t").unwrap();
    let alter = |table: &mut Table| match on {
        true => table.switch_on_time_to_live("ttl".into()),
        false => table.settings.time_to_live = None,
    };
    now(engine.alter_table(&read, alter)).map(drop)
}

/// Continues until no job is left: then time index, items, entries and counters agree.
fn check(world: &World) {
    world.finish_jobs();
    let table = current(world);
    let is_on = table.settings.time_to_live.is_some();
    if is_on {
        assert!(time_rows(world) == expected_times(world, &table, "ttl"));
    } else {
        assert_eq!(time_rows(world).len(), 0);
    }
    world.clock.advance_micros(20_000_000);
    world.engine.wait_for_jobs();
    let left = expected_times(world, &table, "ttl");
    let seconds = world.clock.now_micros() / 1_000_000;
    assert!(!is_on || left.iter().all(|(at, _)| *at >= seconds), "expired items stay");
    let statistics = now(world.engine.statistics(&table)).unwrap();
    assert_eq!(statistics.items, statistics.indexes[0].entries);
    let rows = crate::indexes::rows(world).0 as i64;
    assert_eq!(rows, statistics.items + statistics.indexes[0].entries);
}

/// Crashes after each number of commits in turn: in the middle of the build, of a sweep, of the drop.
#[test]
fn nothing_disagrees_wherever_the_process_dies() {
    for commits in 1.. {
        let mut world = World::new();
        table_of(&world);
        let dying = FullStore::over(&world.store);
        let first = Engine::open(dying.clone(), world.clock.clone(), Random::from_seed(2)).unwrap();
        first.wait_for_jobs();
        dying.commits_left.store(commits, Ordering::SeqCst);
        world.engine = first;
        let mut changed = switch(&world.engine, true);
        for _ in 0..3 {
            world.engine.wait_for_jobs();
            world.clock.advance_micros(3_000_000);
        }
        world.engine.wait_for_jobs();
        if commits % 2 == 0 {
            changed = changed.and_then(|()| switch(&world.engine, false));
            world.engine.wait_for_jobs();
        }
        let has_lived = changed.is_ok() && dying.commits_left.load(Ordering::SeqCst) > 0;
        world.replace_engine();
        check(&world);
        if has_lived {
            assert!(commits > 5, "{commits}");
            return;
        }
    }
}

/// Engines that answer late and lose answers of commits switch time to live on and off, write and sweep, on one store.
#[test]
fn nothing_disagrees_on_a_slow_store_under_two_engines() {
    for seed in 1..=4 {
        let mut world = World::new();
        let table = table_of(&world);
        let slow = |seed| {
            let store = store::SlowStore::new(world.store.clone(), seed).losing_one_of(20);
            Engine::open(Arc::new(store), world.clock.clone(), Random::from_seed(seed)).unwrap()
        };
        let engines = [slow(10 * seed), slow(10 * seed + 1)];
        for round in 0..6i64 {
            while current(&world).settings.time_to_live.is_some() != (round % 3 != 2) {
                _ = switch(&engines[round as usize % 2], round % 3 != 2); // its answer may be lost
                now(world.engine.refresh()).unwrap();
            }
            for at in 0..ITEMS {
                let engine = &engines[at as usize % 2];
                _ = now(engine.refresh());
                let table = engine.table(&scope(), "t").unwrap_or_else(|| Arc::clone(&table));
                match (at + round) % 4 {
                    0 => {
                        let key = item(&[("pk", s(&at.to_string()))]);
                        _ = now(engine.write(&table, &Write::delete(&table, key).unwrap()));
                    }
                    kind => put(&world, engine, &table, at, kind),
                }
                world.clock.advance_micros(200_000);
            }
        }
        drop(engines);
        world.replace_engine();
        check(&world);
        while current(&world).settings.time_to_live.is_none() {
            _ = switch(&world.engine, true);
        }
        check(&world);
    }
}
