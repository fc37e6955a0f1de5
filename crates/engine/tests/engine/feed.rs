//! The change feed: the records that writes append, for each consumer, and their retention.

use crate::fixture::*;
use engine::{Table, Write};
use std::sync::Arc;
use types::Item;

fn put(world: &World, table: &Arc<Table>, item: Item) {
    now(world.engine.write(table, &Write::put(table, item).unwrap())).unwrap();
}

fn both_images() -> engine::feed::Consumer {
    engine::feed::Consumer {
        kind: engine::feed::ConsumerKind::Trigger,
        id: "t".into(),
        view: Some(engine::table::StreamView::NewAndOldImages),
        retention_micros: 1,
        acknowledges: false,
    }
}

/// Last writer wins, and what it was and where it came from is kept.
#[test]
fn a_write_of_another_region_wins_if_it_is_later() {
    use engine::Provenance;
    use engine::feed::{ChangeRecord, Principal};
    use stdx::Clock;
    use store::Store;
    let world = World::new();
    let table = things(&world);
    let table = now(world.engine.alter_table(&table, |table| table.consumers = vec![both_images()])).unwrap();
    let time = world.clock.now_micros();
    let write = |region: &str, time_micros: u64| {
        let put = item(&[("pk", s("a")), ("sk", n(1)), ("from", s(region)), ("t", n(time_micros as i64))]);
        let (principal, origin) = (Principal::Replication, Some(region.into()));
        let provenance = Provenance { principal, origin, time_micros: Some(time_micros), is_restored: false };
        let write = Write::put(&table, put.clone()).unwrap().with_provenance(provenance);
        now(world.engine.write(&table, &write)).unwrap();
        get(&world, &table, &key("a", 1)) == Some(put)
    };
    assert!(write("b", time));
    assert!(!write("b", time - 1));
    assert!(!write("a", time));
    assert!(write("c", time));
    assert!(write("a", time + 1));
    put(&world, &table, key("a", 1));
    assert!(!write("z", time + 1), "a client's write is later than what it replaces");
    let mut origins = Vec::new();
    let mut visit = |record: store::FeedRecord<'_>| {
        let record = ChangeRecord::read(record.bytes).unwrap();
        origins.push((record.principal, record.origin.map(str::to_owned)));
        store::Visit::Continue
    };
    world.store.tail(table.feed_id(), store::FeedCursor::START, 100, &mut visit).wait().unwrap();
    let from = |region: &str| (Principal::Replication, Some(region.to_owned()));
    assert_eq!(origins, [from("b"), from("c"), from("a"), (Principal::User, None)]);
}

fn records(world: &World, table: &Table) -> usize {
    let mut records = 0;
    let mut visit = |record: store::FeedRecord<'_>| {
        records += usize::from(engine::feed::Boundary::read(record.bytes).unwrap().is_none());
        store::Visit::Continue
    };
    store::Store::tail(&*world.store, table.feed_id(), store::FeedCursor::START, 1_000, &mut visit)
        .wait()
        .unwrap();
    records
}

#[test]
fn a_feed_is_kept_as_long_as_a_consumer_needs_it() {
    use engine::feed::Consumer;
    use engine::table::{StreamSpecification, StreamView};
    use store::{FeedCursor, Store};
    const HOUR: u64 = 3_600_000_000;
    let mut world = World::new();
    let mut new = new_table("t", keys(&[("pk", engine::KeyType::S)], &[]), Vec::new());
    let stream = StreamSpecification { enabled: true, view: StreamView::KeysOnly, label: "l".into() };
    new.settings.stream = Some(stream);
    let table = now(world.engine.create_table(new)).unwrap();
    let put = |world: &World, table: &Arc<Table>, pk: i64| {
        let write = Write::put(table, item(&[("pk", s(&pk.to_string()))])).unwrap();
        now(world.engine.write(table, &write)).unwrap();
    };
    for hour in 0..72 {
        put(&world, &table, hour);
        world.clock.advance_micros(HOUR);
        world.engine.wait_for_jobs();
        assert!(records(&world, &table) <= 25, "{}", records(&world, &table));
    }
    assert!(records(&world, &table) >= 23);
    world.reopen();
    world.clock.advance_micros(24 * HOUR);
    world.engine.wait_for_jobs();
    assert_eq!(records(&world, &table), 0);

    // A consumer that acknowledges holds what it has not read, for as long as it may.
    let trigger = Consumer { acknowledges: true, retention_micros: 100 * HOUR, ..both_images() };
    let add = |table: &mut Table| table.consumers = vec![trigger.clone()];
    let table = now(world.engine.alter_table(&world.engine.table(&scope(), "t").unwrap(), add)).unwrap();
    for at in 100..110 {
        put(&world, &table, at);
    }
    world.clock.advance_micros(48 * HOUR);
    world.engine.wait_for_jobs();
    assert_eq!(records(&world, &table), 10);
    let (mut third, mut changes) = (FeedCursor::START, 0);
    let mut visit = |record: store::FeedRecord<'_>| {
        changes += usize::from(engine::feed::Boundary::read(record.bytes).unwrap().is_none());
        third = record.cursor();
        if changes < 3 { store::Visit::Continue } else { store::Visit::Stop }
    };
    world.store.tail(table.feed_id(), FeedCursor::START, 100, &mut visit).wait().unwrap();
    now(world.engine.acknowledge(&table, &trigger, third)).unwrap();
    world.reopen();
    world.engine.wait_for_jobs();
    assert_eq!(now(world.engine.acknowledged(&table, &trigger)).unwrap(), third);
    assert_eq!(records(&world, &table), 7);
    world.clock.advance_micros(52 * HOUR);
    world.engine.wait_for_jobs();
    assert_eq!(records(&world, &table), 0);
    now(world.engine.delete_table(&table)).unwrap();
    assert_eq!(now(world.engine.acknowledged(&table, &trigger)).unwrap(), FeedCursor::START);
}

#[test]
fn changes_are_fed_to_whoever_needs_them() {
    use engine::feed::ChangeRecord;
    use store::{FeedCursor, Store, Visit};
    let world = World::new();
    let table = things(&world);
    let table = now(world.engine.alter_table(&table, |table| table.consumers = vec![both_images()])).unwrap();
    let second = item(&[("pk", s("a")), ("sk", n(1)), ("v", n(1))]);
    put(&world, &table, key("a", 1));
    put(&world, &table, key("a", 1));
    put(&world, &table, second.clone());
    let delete = Write::delete(&table, key("a", 1)).unwrap();
    now(world.engine.write(&table, &delete)).unwrap();
    now(world.engine.write(&table, &delete)).unwrap();

    let mut seen = Vec::new();
    let mut visit = |record: store::FeedRecord<'_>| {
        let record = ChangeRecord::read(record.bytes).unwrap();
        assert_eq!(record.key.to_item(), key("a", 1));
        seen.push((record.existed, record.old.map(|old| old.to_item()), record.new.map(|new| new.to_item())));
        Visit::Continue
    };
    world.store.tail(table.feed_id(), FeedCursor::START, 100, &mut visit).wait().unwrap();
    let first = key("a", 1);
    assert_eq!(
        seen,
        [
            (false, None, Some(first.clone())),
            (true, Some(first), Some(second.clone())),
            (true, Some(second), None)
        ]
    );
}
