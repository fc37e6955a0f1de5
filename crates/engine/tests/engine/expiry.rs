//! Expired items are deleted, and the time index follows.

use crate::fixture::*;
use engine::feed::{ChangeRecord, Principal};
use engine::table::{StreamSpecification, StreamView};
use engine::{Engine, EngineOptions, KeyType, Presence, Table, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::{Clock, Random};
use store::Store;
use types::{Item, Number, Value};

const SECOND: u64 = 1_000_000;
const DAY: i64 = 86_400;

fn seconds(world: &World) -> i64 {
    (world.clock.now_micros() / SECOND) as i64
}

fn put(world: &World, table: &Arc<Table>, item: Item) {
    let write = Write::put(table, item).unwrap();
    now(world.engine.write(table, &write)).unwrap();
}

fn expiring(pk: &str, sk: i64, at: i64) -> Item {
    item(&[("pk", s(pk)), ("sk", n(sk)), ("g", s("x")), ("r", s("r")), ("ttl", n(at))])
}

/// A table of things in which 10 items have expired, 10 will and 10 never do.
fn thirty(world: &World) -> Arc<Table> {
    let (table, now) = (things(world), seconds(world));
    for at in 0..10 {
        put(world, &table, expiring("a", at, now - 1 - at));
        put(world, &table, expiring("b", at, now + 100 + at));
        put(world, &table, item(&[("pk", s("c")), ("sk", n(at))]));
    }
    table
}

fn items(world: &World, table: &Table) -> i64 {
    now(world.engine.statistics(table)).unwrap().items
}

/// Long enough for the next round.
fn sweep(world: &World) {
    world.clock.advance_micros(EngineOptions::TTL_SWEEP.as_micros() as u64);
    world.engine.wait_for_jobs();
}

#[test]
fn expired_items_go_with_all_that_follows_from_them() {
    let world = World::new();
    thirty(&world);
    let stream = StreamSpecification { enabled: true, view: StreamView::OldImage, label: "l".into() };
    alter(&world, "things", |table| table.settings.stream = Some(stream.clone()));
    let table = switch_on_ttl(&world, "things", "ttl");
    world.finish_jobs();
    sweep(&world);
    let statistics = now(world.engine.statistics(&table)).unwrap();
    assert_eq!(
        (statistics.items, statistics.indexes[0].entries, statistics.indexes[2].entries),
        (20, 10, 10)
    );
    assert_eq!(time_rows(&world).len(), 10);
    assert_eq!(get(&world, &table, &key("a", 3)), None);
    let mut records = Vec::new();
    let visit = &mut |record: store::FeedRecord<'_>| {
        if let Ok(record) = ChangeRecord::read(record.bytes) {
            records.push((record.principal, record.existed, record.exists, record.old.is_some()));
        }
        store::Visit::Continue
    };
    world.store.tail(table.feed_id(), store::FeedCursor::START, 100, visit).wait().unwrap();
    assert_eq!(records, [(Principal::Ttl, true, false, true); 10]);

    world.clock.advance_micros(103 * SECOND);
    sweep(&world);
    assert_eq!((items(&world, &table), time_rows(&world).len()), (13, 3), "107 s later, seven more");
}

#[test]
fn only_numbers_of_seconds_say_when_an_item_expires() {
    let world = World::new();
    let (table, now_seconds) = (things(&world), seconds(&world));
    switch_on_ttl(&world, "things", "ttl");
    world.engine.wait_for_jobs(); // from now on only the test sweeps
    let past = now_seconds - 60;
    let number = |text: &str| Value::N(Number::parse(text).unwrap());
    let values = [
        (n(past), false),
        (number(&format!("{past}.999")), false),
        (n(now_seconds), true),
        (number(&format!("{now_seconds}.5")), true),
        (s(&past.to_string()), true),
        (Value::L(vec![n(past)]), true),
        (Value::NS([past.into()].into()), true),
        (Value::Null, true),
        (n(0), true),
        (n(-past), true),
        (n(now_seconds - 5 * 365 * DAY - 1), true),
        (n(now_seconds - 5 * 365 * DAY), false),
        (n(past * 1000), true),
        (number("9.9e125"), true),
        (number("0.5"), true),
    ];
    for (at, (value, _)) in values.iter().enumerate() {
        put(&world, &table, item(&[("pk", s("a")), ("sk", n(at as i64)), ("ttl", value.clone())]));
    }
    assert_eq!(world.engine.expire_now(std::slice::from_ref(&table)), Ok(3));
    for (at, (value, stays)) in values.iter().enumerate() {
        assert_eq!(get(&world, &table, &key("a", at as i64)).is_some(), *stays, "{value:?}");
    }
}

#[test]
fn a_key_can_be_the_attribute() {
    let world = World::new();
    let new = new_table("t", keys(&[("pk", KeyType::N)], &[("sk", KeyType::N)]), Vec::new());
    let table = now(world.engine.create_table(new)).unwrap();
    let now_seconds = seconds(&world);
    for at in [now_seconds - 5, now_seconds + 5] {
        put(&world, &table, item(&[("pk", n(at)), ("sk", n(-at))]));
    }
    switch_on_ttl(&world, "t", "pk");
    world.engine.expire_now(&[Arc::clone(&table)]).unwrap();
    assert_eq!(items(&world, &table), 1);
}

#[test]
fn switched_off_it_leaves_nothing_and_switched_on_again_it_begins_anew() {
    let world = World::new();
    let table = thirty(&world);
    for round in 0..5 {
        let on = switch_on_ttl(&world, "things", if round % 2 == 0 { "ttl" } else { "other" });
        if round % 2 == 1 {
            world.finish_jobs();
        }
        let renewed = seconds(&world) + 10;
        put(
            &world,
            &on,
            item(&[("pk", s("d")), ("sk", n(round)), ("other", n(renewed)), ("ttl", n(renewed))]),
        );
        switch_off_ttl(&world, "things");
    }
    world.finish_jobs();
    assert_eq!(time_rows(&world).len(), 0);
    world.clock.advance_micros(1_000 * SECOND);
    sweep(&world);
    assert!((25..=35).contains(&items(&world, &table)), "what had expired may have gone while it was on");
    assert_eq!(world.engine.job_progress(), Vec::new());
    switch_on_ttl(&world, "things", "ttl");
    world.finish_jobs();
    sweep(&world);
    assert_eq!((items(&world, &table), time_rows(&world).len()), (10, 0));
}

#[test]
fn a_deleted_table_takes_its_time_index_with_it() {
    let world = World::new();
    thirty(&world);
    let table = switch_on_ttl(&world, "things", "ttl");
    now(world.engine.delete_table(&table)).unwrap();
    world.finish_jobs();
    assert_eq!(time_rows(&world).len(), 0);
    sweep(&world);
    assert_eq!(world.engine.job_progress(), Vec::new());
}

#[test]
fn building_goes_on_after_a_crash() {
    for crash in 0..6 {
        let mut world = World::new();
        let table = things(&world);
        let far = seconds(&world) + 1_000_000;
        (0..3_000).for_each(|at| put(&world, &table, expiring("a", at, far + at)));
        let table = switch_on_ttl(&world, "things", "ttl");
        while time_rows(&world).len() < 400 * crash {
            std::thread::yield_now();
        }
        put(&world, &table, expiring("a", 7, far + 1_000_000));
        put(&world, &table, item(&[("pk", s("a")), ("sk", n(2_999))]));
        world.replace_engine();
        world.finish_jobs();
        assert!(time_rows(&world) == expected_times(&world, &table, "ttl"));
        assert_eq!(time_rows(&world).len(), 2_999);
    }
}

#[test]
fn a_changed_item_survives() {
    let world = World::new();
    things(&world);
    let table = switch_on_ttl(&world, "things", "ttl");
    world.engine.wait_for_jobs(); // from now on only the test sweeps
    let past = seconds(&world) - 10;
    for round in 0..20 {
        (0..200).for_each(|at| put(&world, &table, expiring("a", at, past)));
        let sweeper = {
            let (engine, table) = (world.engine.clone(), Arc::clone(&table));
            let sweep = move || engine.expire_now(&[table]).unwrap();
            std::thread::Builder::new().name("sweeper".to_owned()).spawn(sweep).unwrap()
        };
        let mut kept = 0;
        for at in (0..200).rev() {
            let write = Write::put(&table, expiring("a", at, past + 1_000)).unwrap();
            let renewed = now(world.engine.write(&table, &write.with_presence(Presence::MustExist)));
            match renewed {
                Ok(_) => {
                    kept += 1;
                    assert!(get(&world, &table, &key("a", at)).is_some(), "round {round}: {at} is gone");
                }
                Err(engine::WriteError::Refused(engine::Refusal::Absent)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(sweeper.join().unwrap() + kept, 200);
        assert_eq!(items(&world, &table) as u64, kept);
        assert!(time_rows(&world) == expected_times(&world, &table, "ttl"));
    }
}

#[test]
fn several_engines_delete_each_item_once() {
    let world = World::new();
    let told = Arc::new(AtomicU64::new(0));
    let open = |seed| {
        let told = Arc::clone(&told);
        let on_event = Arc::new(move |_: &Table, event| {
            if let engine::JobEvent::Expired { items } = event {
                told.fetch_add(items, Ordering::SeqCst);
            }
        });
        let options = EngineOptions { on_event, ..EngineOptions::default() };
        Engine::open_with(world.store.clone(), world.clock.clone(), Random::from_seed(seed), options).unwrap()
    };
    let engines = [open(2), open(3)];
    let table = things(&world);
    for at in 0..1_000 {
        put(&world, &table, expiring("a", at, seconds(&world) + 1));
    }
    now(engines[0].refresh()).unwrap();
    let read = engines[0].table(&scope(), "things").unwrap();
    now(engines[0].alter_table(&read, |table| table.switch_on_time_to_live("ttl".into()))).unwrap();
    for _ in 0..20 {
        world.clock.advance_micros(SECOND);
        engines.iter().for_each(Engine::wait_for_jobs);
    }
    let by_world = world.engine.expire_now(std::slice::from_ref(&table)).unwrap();
    assert_eq!((told.load(Ordering::SeqCst) + by_world, items(&world, &table)), (1_000, 0));
}

#[test]
fn nothing_is_read_while_nothing_is_written_and_nothing_expires() {
    let world = World::new();
    thirty(&world);
    switch_on_ttl(&world, "things", "ttl");
    world.finish_jobs();
    sweep(&world);
    sweep(&world);
    let position = world.store.durable();
    for _ in 0..20 {
        sweep(&world);
    }
    assert_eq!(world.store.durable(), position, "no commit without work");
}
