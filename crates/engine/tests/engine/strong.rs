//! Strongly consistent global tables: all replicas are equal at every moment, whatever is written where, and a strong
//! read anywhere finds what was acknowledged anywhere.

use crate::fixture::*;
use crate::regions::*;
use crate::transact::while_held;
use engine::feed::ChangeRecord;
use engine::table::{StreamSpecification, StreamView};
use engine::{
    IndexKind, ItemKey, KeyType, NewTable, Projected, Returns, Table, TransactError, Write, WriteError,
};
use expr::{Action, Change, Path, Update};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use stdx::Random;
use store::Store;
use types::{Item, ValueBuf, ValueRef};

const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-2"];

fn definition(region: &str) -> NewTable {
    let by_group = index("by_group", IndexKind::Global, keys(&[("g", KeyType::S)], &[]), Projected::All);
    let key = keys(&[("pk", KeyType::S)], &[("sk", KeyType::N)]);
    let mut new = NewTable { scope: at(region), ..new_table("things", key, vec![by_group]) };
    new.settings.stream = Some(StreamSpecification::beginning(StreamView::NewAndOldImages, 1));
    new
}

/// A table with the replicas, which are not all there before the jobs are done.
fn begun(items: &[Item]) -> World {
    let world = World::new();
    let source = now(world.engine.create_table(definition(REGIONS[0]))).unwrap();
    for item in items {
        now(world.engine.write(&source, &Write::put(&source, item.clone()).unwrap())).unwrap();
    }
    let others = || REGIONS[1..].iter().map(|region| definition(region)).collect();
    while now(world.engine.create_strong_replicas(others(), &table(&world, REGIONS[0]), None))
        .unwrap()
        .is_none()
    {
        now(world.engine.refresh()).unwrap();
    }
    world
}

fn created() -> World {
    let world = begun(&[]);
    world.finish_jobs();
    world
}

fn add_one(table: &Table, key: Item) -> Write {
    let change = Change::Add(ValueBuf::from(&n(1)));
    let update = Update::from_attribute_updates(vec![Action { path: Path::top_level("count"), change }]);
    Write::update(table, key, Some(update)).unwrap().returning(Returns::UpdatedNew)
}

fn count(item: &Item) -> i64 {
    match item.get("count") {
        Some(ValueRef::N(number)) => number.to_string().parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// All replicas have these items, and their indexes and counters are of them.
fn have(world: &World, expected: &[Item]) {
    let expected = sorted(expected.to_vec());
    for region in REGIONS {
        let table = table(world, region);
        assert_eq!(scan(world, &table, None), expected, "{region}");
        let in_group = expected.iter().filter(|item| item.get("g").is_some()).cloned().collect::<Vec<_>>();
        assert_eq!(scan(world, &table, Some(&table.indexes[0])), in_group, "by_group in {region}");
        let figures = now(world.engine.statistics(&table)).unwrap();
        assert_eq!(figures.items, expected.len() as i64, "{region}");
        assert_eq!(figures.indexes[0].entries, in_group.len() as i64, "{region}");
    }
}

/// The items before and after each change in a replica's feed.
fn changes(world: &World, region: &str) -> Vec<[Option<Item>; 2]> {
    let table = table(world, region);
    let mut changes = Vec::new();
    let visit = &mut |record: store::FeedRecord<'_>| {
        if let Ok(change) = ChangeRecord::read(record.bytes) {
            changes.push([change.old, change.new].map(|image| image.map(types::MapRef::to_item)));
        }
        store::Visit::Continue
    };
    world.store.tail(table.feed_id(), store::FeedCursor::START, 100_000, visit).wait().unwrap();
    changes
}

#[test]
fn a_write_is_everywhere_at_once() {
    let world = created();
    put(&world, "us-east-1", thing("a", 1, 1));
    have(&world, &[thing("a", 1, 1)]);
    let counted = |region: &str| {
        let table = table(&world, region);
        count(&now(world.engine.write(&table, &add_one(&table, key("b", 1)))).unwrap().attributes.unwrap())
    };
    assert_eq!(REGIONS.map(counted), [1, 2, 3]);
    delete(&world, "us-west-2", key("a", 1));
    delete(&world, "us-east-2", key("a", 1));
    have(&world, &[item(&[("pk", s("b")), ("sk", n(1)), ("count", n(3))])]);
    let all = changes(&world, "us-east-1");
    assert_eq!(all.len(), 5);
    assert_eq!([&all, &all], ["us-east-2", "us-west-2"].map(|region| changes(&world, region)).each_ref());
}

#[test]
fn batches_are_everywhere_and_transactions_nowhere() {
    let world = created();
    let table = table(&world, "us-east-2");
    let write = |sk| (Arc::clone(&table), Write::put(&table, thing("a", sk, sk)).unwrap());
    let writes: Vec<_> = (0..25).map(write).collect();
    assert!(now(world.engine.write_each(&writes)).iter().all(Result::is_ok));
    let items: Vec<_> = (0..25).map(|sk| thing("a", sk, sk)).collect();
    have(&world, &items);
    let refused = now(world.engine.transact_write(&[write(99)], None));
    assert_eq!(refused, Err(TransactError::StrongTable(0)));
    have(&world, &items);
}

#[test]
fn a_writer_of_another_region_is_a_conflict_and_one_of_this_region_is_waited_for() {
    let world = created();
    let table = table(&world, "us-east-2");
    let write = Write::put(&table, thing("a", 1, 1)).unwrap();
    let item_keys = REGIONS.map(|region| {
        let replica = world.engine.table(&at(region), "things").unwrap();
        ItemKey::exact(&replica, &key("a", 1)).unwrap().as_bytes().to_vec()
    });
    let held: Vec<&[u8]> = item_keys.iter().map(Vec::as_slice).collect();
    while_held(&world, &held, || {
        let refused = now(world.engine.write(&table, &write));
        assert_eq!(refused, Err(WriteError::ReplicatedWriteConflict));
    });
    // Whoever holds one of the rows alone is no writer in another region.
    let waited_for = |held: &[&[u8]]| {
        let ended = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            while_held(&world, held, || {
                scope.spawn(|| {
                    now(world.engine.write(&table, &write)).unwrap();
                    ended.store(1, Ordering::SeqCst);
                });
                (0..1_000).for_each(|_| std::thread::yield_now());
                assert_eq!(ended.load(Ordering::SeqCst), 0);
            });
        });
        assert_eq!(ended.load(Ordering::SeqCst), 1);
    };
    waited_for(&held[..1]);
    let since = table.global().unwrap().since_version.to_be_bytes();
    let own = &item_keys[1];
    let place = [&[23][..], &own[1..5], &since, &own[7..]].concat();
    waited_for(&[held[0], held[1], held[2], &place]);
    have(&world, &[thing("a", 1, 1)]);
}

#[test]
fn what_was_written_before_comes_in_time_and_nothing_comes_back() {
    for seed in 0..5 {
        let before: Vec<_> = (0..300).map(|sk| thing("a", sk, 0)).collect();
        let world = begun(&before);
        let random = Random::from_seed(seed);
        let mut expected: BTreeMap<i64, Item> = (0..300).zip(before).collect();
        for note in 1..200 {
            let sk = (random.next_u64() % 300) as i64;
            match random.next_u64() % 2 {
                0 => delete(&world, REGIONS[0], key("a", sk)),
                _ => put(&world, REGIONS[0], thing("a", sk, note)),
            }
            let item = get(&world, &table(&world, REGIONS[0]), &key("a", sk));
            expected.remove(&sk);
            expected.extend(item.map(|item| (sk, item)));
        }
        world.finish_jobs();
        assert!(REGIONS.iter().all(|region| !table(&world, region).settings.is_being_filled()));
        have(&world, &expected.into_values().collect::<Vec<_>>());
    }
}

#[test]
fn random_writes_leave_all_replicas_equal_at_every_moment() {
    for seed in 0..20 {
        let mut world = created();
        let random = Random::from_seed(seed);
        let below = |end: u64| random.next_u64() % end;
        let mut expected: BTreeMap<(&str, i64), Item> = BTreeMap::new();
        for note in 0..150 {
            let region = REGIONS[below(3) as usize];
            let (pk, sk) = (["a", "b", "c"][below(3) as usize], below(4) as i64);
            match below(20) {
                0 => world.replace_engine(),
                1 => world.clock.advance_micros(below(1_000_000)),
                2..8 => {
                    delete(&world, region, key(pk, sk));
                    expected.remove(&(pk, sk));
                }
                _ => {
                    put(&world, region, thing(pk, sk, note));
                    expected.insert((pk, sk), thing(pk, sk, note));
                }
            }
            let asked = table(&world, REGIONS[below(3) as usize]);
            assert_eq!(get(&world, &asked, &key(pk, sk)).as_ref(), expected.get(&(pk, sk)));
            if note % 10 == 0 {
                have(&world, &expected.values().cloned().collect::<Vec<_>>());
            }
        }
        let all = changes(&world, REGIONS[0]);
        assert!(REGIONS.iter().all(|region| changes(&world, region) == all));
    }
}

#[test]
fn what_writers_and_readers_of_all_regions_see_is_one_history() {
    const EACH: i64 = 300;
    let world = created();
    let (acknowledged, conflicts) = (AtomicI64::new(0), AtomicUsize::new(0));
    let mut seen: Vec<i64> = std::thread::scope(|scope| {
        let writers: Vec<_> = REGIONS
            .iter()
            .map(|region| {
                let (world, acknowledged, conflicts) = (&world, &acknowledged, &conflicts);
                scope.spawn(move || {
                    let table = table(world, region);
                    let write = add_one(&table, key("a", 1));
                    let mut seen = Vec::new();
                    while (seen.len() as i64) < EACH {
                        let least = acknowledged.load(Ordering::SeqCst);
                        let read = get(world, &table, &key("a", 1));
                        assert!(read.as_ref().map_or(0, count) >= least, "a read in {region} is behind");
                        match now(world.engine.write(&table, &write)) {
                            Ok(written) => {
                                let value = count(&written.attributes.unwrap());
                                assert!(value > least);
                                acknowledged.fetch_max(value, Ordering::SeqCst);
                                seen.push(value);
                            }
                            Err(WriteError::ReplicatedWriteConflict) => {
                                conflicts.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                    seen
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    seen.sort_unstable();
    assert_eq!(seen, (1..=3 * EACH).collect::<Vec<_>>(), "{conflicts:?} conflicts");
    let images: BTreeSet<_> = REGIONS.iter().map(|region| changes(&world, region).len()).collect();
    assert_eq!(images, BTreeSet::from([3 * EACH as usize]));
    have(&world, &[item(&[("pk", s("a")), ("sk", n(1)), ("count", n(3 * EACH))])]);
}

#[test]
fn all_replicas_but_one_go_together() {
    let mut world = created();
    put(&world, "us-east-2", thing("a", 1, 1));
    now(world.engine.begin_dissolving(&members(&world, "us-east-2"), 0)).unwrap();
    put(&world, "us-east-2", thing("a", 2, 1));
    for gone in ["us-east-1", "us-west-2"] {
        let leaving = table(&world, gone);
        assert!(leaving.settings.is_leaving());
        while !now(world.engine.finish_leaving(&leaving)).unwrap() {}
        put(&world, "us-east-2", thing("b", 1, 1));
    }
    world.replace_engine();
    world.finish_jobs();
    assert!(world.engine.table(&at("us-east-1"), "things").is_none());
    let alone = table(&world, "us-east-2");
    assert_eq!(alone.global(), None);
    put(&world, "us-east-2", thing("c", 1, 1));
    let all = [thing("a", 1, 1), thing("a", 2, 1), thing("b", 1, 1), thing("c", 1, 1)];
    assert_eq!(scan(&world, &alone, None), all);
}

fn members(world: &World, first: &str) -> Vec<Arc<Table>> {
    world.engine.replicas_of(&table(world, first)).expect("all replicas")
}
