//! Streams: shards that follow one another, their records, and what outlives a table.

use crate::fixture::*;
use engine::feed::{Boundary, Consumer, ConsumerKind};
use engine::stream::{ReadFrom, ShardLimits, ShardReadError, Stream};
use engine::table::{StreamSpecification, StreamView};
use engine::{Engine, EngineOptions, KeyType, Table, Write};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use stdx::{Clock, Random};
use store::records::RecordKey;
use store::{Decision, FeedCursor, Locking, Mutation, OldRows, Plan, Store, Visit};
use types::{Item, Value};

const HOUR: u64 = 3_600_000_000;
const DAY: u64 = 24 * HOUR;

/// An engine whose shards live for a second and are split at ten writes a second.
fn impatient(world: &World, seed: u64) -> Engine {
    let shard_limits =
        ShardLimits { life_micros: 1_000_000, writes_per_second: 10, ..ShardLimits::default() };
    let options = EngineOptions { shard_limits, ..EngineOptions::default() };
    Engine::open_with(world.store.clone(), world.clock.clone(), Random::from_seed(seed), options).unwrap()
}

fn specification() -> Option<StreamSpecification> {
    Some(StreamSpecification { enabled: true, view: StreamView::NewAndOldImages, label: String::new() })
}

fn streamed(engine: &Engine) -> Arc<Table> {
    let mut new = new_table("t", keys(&[("pk", KeyType::S)], &[("sk", KeyType::N)]), Vec::new());
    new.settings.stream = specification();
    now(engine.create_table(new)).unwrap()
}

fn put(engine: &Engine, pk: &str, version: i64) {
    let table = engine.table(&scope(), "t").unwrap();
    let write = Write::put(&table, item(&[("pk", s(pk)), ("sk", n(0)), ("v", n(version))])).unwrap();
    now(engine.write(&table, &write)).unwrap();
}

fn label(engine: &Engine) -> String {
    engine.table(&scope(), "t").unwrap().settings.stream.clone().unwrap().label
}

fn stream(engine: &Engine, label: &str) -> Option<Arc<Stream>> {
    now(engine.current_stream(&scope(), "t", label)).unwrap()
}

/// A change as a reader sees it.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    place: FeedCursor,
    key: Item,
    old: Option<Item>,
    new: Option<Item>,
}

/// Reads on in a shard, page by page, until there is no more for now. `None` behind the changes: it has ended.
fn read_on(
    engine: &Engine,
    stream: &Arc<Stream>,
    shard: &str,
    mut from: ReadFrom,
    seen: &mut Vec<Seen>,
) -> Result<Option<ReadFrom>, ShardReadError> {
    loop {
        let before = seen.len();
        let take = &mut |_: &Stream, record: engine::stream::StreamRecord<'_>| {
            if seen.len() == before + 7 {
                return false;
            }
            let image = |image: Option<types::MapRef<'_>>| image.map(types::MapRef::to_item);
            let (old, new) = (image(record.change.old), image(record.change.new));
            seen.push(Seen { place: record.place, key: record.change.key.to_item(), old, new });
            true
        };
        match now(engine.read_shard(stream, shard, from, take))?.next {
            Some(next) if seen.len() > before => from = next,
            next => return Ok(next),
        }
    }
}

fn horizon() -> ReadFrom {
    ReadFrom { after: FeedCursor::START, skips_trimmed: true }
}

fn read_shard(engine: &Engine, stream: &Arc<Stream>, shard: &str) -> Vec<Seen> {
    let mut seen = Vec::new();
    read_on(engine, stream, shard, horizon(), &mut seen).unwrap();
    seen
}

/// All changes, shard by shard, parents first.
fn read_all(engine: &Engine, label: &str) -> Vec<Seen> {
    let stream = stream(engine, label).unwrap();
    stream.shards.iter().flat_map(|shard| read_shard(engine, &stream, &shard.id)).collect()
}

fn check_lineage(stream: &Stream) {
    for shard in &stream.shards {
        let children: Vec<_> =
            stream.shards.iter().filter(|child| child.parent.as_ref() == Some(&shard.id)).collect();
        if stream.disabled_micros.is_none() {
            assert_eq!(shard.is_open(), children.is_empty(), "{shard:?} {children:?}");
        }
        for child in children {
            assert!(child.id > shard.id && child.bounds().start == shard.bounds().end.unwrap());
        }
    }
    assert!(stream.shards.is_sorted_by(|one, other| one.id < other.id));
}

#[test]
fn a_shard_is_replaced_after_some_hours() {
    let world = World::new();
    streamed(&world.engine);
    let label = label(&world.engine);
    for hour in 0..20 {
        put(&world.engine, "a", hour);
        world.clock.advance_micros(HOUR);
        world.engine.wait_for_jobs();
    }
    let stream = stream(&world.engine, &label).unwrap();
    check_lineage(&stream);
    assert_eq!(stream.shards.len(), 4 + 1, "{:?}", stream.shards);
    let versions: Vec<_> = read_all(&world.engine, &label).into_iter().map(|seen| version(&seen)).collect();
    assert_eq!(versions, (0..20).collect::<Vec<_>>());
    assert!(stream.shards[..4].iter().all(|shard| !shard.is_open()));
    let counts: Vec<_> =
        stream.shards.iter().map(|shard| read_shard(&world.engine, &stream, &shard.id).len()).collect();
    assert!(counts.iter().all(|count| (0..=5).contains(count)), "{counts:?}");
}

fn version(seen: &Seen) -> i64 {
    match seen.new.as_ref().and_then(|new| new.get("v")).map(|value| value.to_value()) {
        Some(Value::N(number)) => number.to_string().parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// As an earlier version has left it, for which a stream was no more than a member of the descriptor.
fn forget_document(world: &World, label: &str) {
    let key = RecordKey::new("dynamodb", "stream", "000000000000", "local", &format!("t/{label}"));
    let plan = Plan { records: vec![store::records::delete(&key)], ..Plan::default() };
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
    let mutation = Mutation { keys: &[], fences: &[], locking: Locking::Single, decide };
    world.store.mutate(mutation).wait().unwrap();
}

#[test]
fn a_stream_without_a_document_is_given_one_when_the_store_is_opened() {
    let mut world = World::new();
    streamed(&world.engine);
    let (label, begun) = (label(&world.engine), world.clock.now_micros());
    (0..3).for_each(|version| put(&world.engine, "a", version));
    world.clock.advance_micros(HOUR);
    world.engine.wait_for_jobs();
    forget_document(&world, &label);
    world.reopen();
    put(&world.engine, "a", 3);
    for _ in 0..2 {
        let stream = stream(&world.engine, &label).unwrap();
        assert_eq!((stream.created_micros / 1_000, stream.disabled_micros), (begun / 1_000, None));
        check_lineage(&stream);
        let versions: Vec<_> = read_all(&world.engine, &label).iter().map(version).collect();
        assert_eq!(versions, [0, 1, 2, 3]);
        world.reopen();
    }
    world.clock.advance_micros(4 * HOUR);
    world.engine.wait_for_jobs();
    put(&world.engine, "a", 4);
    let stream = stream(&world.engine, &label).unwrap();
    assert_eq!(stream.shards.len(), 2, "it is tended as others are");
    let read: Vec<_> =
        stream.shards.iter().map(|shard| read_shard(&world.engine, &stream, &shard.id).len()).collect();
    assert_eq!(read, [4, 1]);
}

#[test]
fn records_can_be_kept_for_a_shorter_time() {
    let mut world = World::new();
    let minute = 60_000_000;
    let shard_limits = ShardLimits { retention_micros: minute, ..ShardLimits::default() };
    let options = EngineOptions { shard_limits, ..EngineOptions::default() };
    let random = Random::from_seed(1);
    world.engine = Engine::open_with(world.store.clone(), world.clock.clone(), random, options).unwrap();
    let table = streamed(&world.engine);
    let label = label(&world.engine);
    put(&world.engine, "a", 1);
    world.clock.advance_micros(minute / 2);
    put(&world.engine, "a", 2);
    world.clock.advance_micros(minute / 2);
    assert_eq!(read_all(&world.engine, &label).iter().map(version).collect::<Vec<_>>(), [2]);
    let stream = stream(&world.engine, &label).unwrap();
    let told = ReadFrom { after: FeedCursor::START, skips_trimmed: false };
    let read = read_on(&world.engine, &stream, &stream.shards[0].id, told, &mut Vec::new());
    assert_eq!(read, Err(ShardReadError::Trimmed));
    world.clock.advance_micros(2 * minute);
    world.engine.wait_for_jobs();
    let mut kept = 0;
    let visit = &mut |_: store::FeedRecord<'_>| {
        kept += 1;
        Visit::Continue
    };
    world.store.tail(table.feed_id(), FeedCursor::START, 10, visit).wait().unwrap();
    assert_eq!(kept, 0, "they go from the feed as well");
}

#[test]
fn a_shard_is_split_where_much_is_written() {
    let mut world = World::new();
    world.engine = impatient(&world, 1);
    streamed(&world.engine);
    let label = label(&world.engine);
    for round in 0..12 {
        (0..1_500).for_each(|n| put(&world.engine, &format!("key {n}"), round));
        world.clock.advance_micros(900_000);
        world.engine.wait_for_jobs();
    }
    let stream = stream(&world.engine, &label).unwrap();
    check_lineage(&stream);
    let open = stream.shards.iter().filter(|shard| shard.is_open()).count();
    assert!((2..=64).contains(&open), "{open} of {}", stream.shards.len());
    check_exactly_once(&read_all(&world.engine, &label), 1_500, 12);
}

/// Every version of every key once, in order.
fn check_exactly_once(all: &[Seen], key_count: usize, versions: i64) {
    let mut next: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
    for seen in all {
        let next = next.entry(seen.key.as_bytes().to_vec()).or_default();
        assert_eq!(version(seen), *next, "{:?}", seen.key);
        *next += 1;
    }
    assert_eq!(next.len(), key_count);
    assert!(next.values().all(|next| *next == versions), "{next:?}");
}

/// Two servers write, roll and split at the same time; readers of both with documents that are old.
#[test]
fn a_record_is_in_one_shard_whoever_is_asked() {
    const WRITERS: usize = 4;
    const KEYS: usize = 60;
    const VERSIONS: i64 = 40;
    let mut world = World::new();
    world.engine = impatient(&world, 1);
    let engines = [world.engine.clone(), impatient(&world, 2)];
    streamed(&world.engine);
    let label = label(&world.engine);
    now(engines[1].refresh()).unwrap();
    let first = stream(&world.engine, &label).unwrap();
    let done = AtomicBool::new(false);
    let tails: Vec<Vec<Seen>> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let engine = &engines[writer % 2];
                scope.spawn(move || {
                    for version in 0..VERSIONS {
                        (0..KEYS).for_each(|n| put(engine, &format!("{writer}/{n}"), version));
                    }
                })
            })
            .collect();
        let clock = scope.spawn(|| {
            let moments = (0..100_000).take_while(|_| !done.load(Ordering::SeqCst)); // far less than a day
            moments.for_each(|_| {
                world.clock.advance_micros(100_000);
                std::thread::yield_now();
            });
        });
        // Follows the stream from the first document it has seen, and children as they are found.
        let followers: Vec<_> =
            engines.iter().map(|engine| scope.spawn(|| follow(engine, &first, &done))).collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, Ordering::SeqCst);
        clock.join().unwrap();
        followers.into_iter().map(|follower| follower.join().unwrap()).collect()
    });
    let now_there = stream(&world.engine, &label).unwrap();
    check_lineage(&now_there);
    assert!(now_there.shards.len() > 3, "{}", now_there.shards.len());
    check_exactly_once(&read_all(&engines[1], &label), WRITERS * KEYS, VERSIONS);
    for tail in tails {
        check_exactly_once(&tail, WRITERS * KEYS, VERSIONS);
    }
}

/// Reads every shard to its end with an old document, then its children.
fn follow(engine: &Engine, first: &Arc<Stream>, done: &AtomicBool) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut reading: Vec<(Arc<Stream>, String, ReadFrom)> =
        first.shards.iter().map(|shard| (first.clone(), shard.id.clone(), horizon())).collect();
    loop {
        let (ends, mut moved, mut next) = (done.load(Ordering::SeqCst), false, Vec::new());
        for (known, shard, from) in reading {
            match read_on(engine, &known, &shard, from, &mut seen).unwrap() {
                Some(from) => next.push((known, shard, from)),
                None => {
                    let newer = stream(engine, &known.label).unwrap();
                    let children = newer.shards.iter().filter(|child| child.parent.as_ref() == Some(&shard));
                    let children: Vec<_> =
                        children.map(|child| (newer.clone(), child.id.clone(), horizon())).collect();
                    assert!(!children.is_empty(), "{shard} has ended without children");
                    next.extend(children);
                    moved = true;
                }
            }
        }
        reading = next;
        if ends && !moved {
            return seen;
        }
    }
}

#[test]
fn a_disabled_stream_and_the_next_of_its_table() {
    let world = World::new();
    streamed(&world.engine);
    let first = label(&world.engine);
    put(&world.engine, "a", 0);
    let disable = |table: &mut Table| table.settings.stream.as_mut().unwrap().enabled = false;
    alter(&world, "t", disable);
    put(&world.engine, "a", 1);
    alter(&world, "t", |table| table.settings.stream = specification());
    let second = label(&world.engine);
    assert!(second > first, "{second} {first}");
    put(&world.engine, "a", 2);
    let versions = |label: &str| read_all(&world.engine, label).iter().map(version).collect::<Vec<_>>();
    assert_eq!((versions(&first), versions(&second)), (vec![0], vec![2]));
    let names = || now(world.engine.stream_names(&scope(), Some("t"), None, 9)).unwrap();
    assert_eq!(names().len(), 2);
    let old = stream(&world.engine, &first).unwrap();
    assert!(old.disabled_micros.is_some() && old.shards.iter().all(|shard| !shard.is_open()));
    assert!(!old.is_listed(world.engine.stream_horizon(stdx::Clock::now_micros(&*world.clock) + DAY)));
    world.clock.advance_micros(DAY);
    world.engine.wait_for_jobs();
    assert_eq!(names().iter().map(|(_, label)| label.clone()).collect::<Vec<_>>(), [second]);
    assert_eq!(stream(&world.engine, &first), None);
}

#[test]
fn a_stream_outlives_its_table_for_a_day_and_leaves_nothing() {
    let mut world = World::new();
    let first = streamed(&world.engine);
    let old = label(&world.engine);
    put(&world.engine, "a", 0);
    now(world.engine.delete_table(&first)).unwrap();
    let second = streamed(&world.engine);
    put(&world.engine, "a", 1);
    world.reopen();
    let versions =
        |world: &World, label: &str| read_all(&world.engine, label).iter().map(version).collect::<Vec<_>>();
    assert_eq!(versions(&world, &old), [0]);
    assert_eq!(versions(&world, &label(&world.engine)), [1]);
    now(world.engine.delete_table(&second)).unwrap();
    world.reopen();
    assert_eq!((records(&world, &first), records(&world, &second)), (2, 2)); // each with the boundary that ends it
    world.clock.advance_micros(DAY);
    world.engine.wait_for_jobs();
    assert_eq!((records(&world, &first), records(&world, &second)), (0, 0));
    assert_eq!(now(world.engine.stream_names(&scope(), None, None, 9)).unwrap(), []);
    assert!(world.engine.job_progress().iter().all(|job| !job.id.contains("feed")));
}

#[test]
fn what_the_last_consumer_leaves_is_trimmed() {
    let mut world = World::new();
    let table = things(&world);
    let consumer = Consumer {
        kind: ConsumerKind::PointInTime,
        id: String::new(),
        view: Some(StreamView::NewImage),
        retention_micros: DAY,
        acknowledges: false,
    };
    alter(&world, "things", |table| table.consumers = vec![consumer.clone()]);
    let write = Write::put(&world.engine.table(&scope(), "things").unwrap(), key("a", 1)).unwrap();
    now(world.engine.write(&world.engine.table(&scope(), "things").unwrap(), &write)).unwrap();
    assert_eq!(records(&world, &table), 1);
    // The process ends before a job has run.
    alter(&world, "things", |table| table.consumers.clear());
    world.replace_engine();
    world.engine.wait_for_jobs();
    assert_eq!(records(&world, &table), 0);
    assert!(world.engine.job_progress().iter().all(|job| !job.id.contains("feed")));
}

#[test]
fn what_is_older_than_a_day_is_gone_though_it_may_still_be_there() {
    let world = World::new();
    streamed(&world.engine);
    put(&world.engine, "a", 0);
    world.clock.advance_micros(HOUR);
    put(&world.engine, "a", 1);
    let first = stream(&world.engine, &label(&world.engine)).unwrap();
    let shard = first.shards[0].id.clone();
    let read = |skips_trimmed| {
        let mut seen = Vec::new();
        let from = ReadFrom { after: FeedCursor::START, skips_trimmed };
        read_on(&world.engine, &first, &shard, from, &mut seen)
            .map(|_| seen.iter().map(version).collect::<Vec<_>>())
    };
    assert_eq!(read(false), Ok(vec![0, 1]));
    world.clock.advance_micros(23 * HOUR);
    world.engine.wait_for_jobs();
    assert_eq!((read(true), read(false)), (Ok(vec![1]), Err(ShardReadError::Trimmed)));
}

/// Whatever was written, a reader who starts with nothing ends with the table.
#[test]
fn a_stream_replayed_is_the_table() {
    let random = Random::from_seed(11);
    let below = |limit: u64| (random.next_u64() % limit) as i64;
    let mut world = World::new();
    world.engine = impatient(&world, 3);
    streamed(&world.engine);
    let label = label(&world.engine);
    for step in 0..4_000 {
        let table = world.engine.table(&scope(), "t").unwrap();
        let key = key(&format!("{}", below(40)), below(3));
        let put = |v| {
            item(&[
                ("pk", key.get("pk").unwrap().to_value()),
                ("sk", key.get("sk").unwrap().to_value()),
                ("v", v),
            ])
        };
        let write = match below(4) {
            0 => Write::delete(&table, key.clone()),
            _ => Write::put(&table, put(n(below(3)))),
        };
        now(world.engine.write(&table, &write.unwrap())).unwrap();
        if step % 50 == 0 {
            world.clock.advance_micros(300_000);
            world.engine.wait_for_jobs();
        }
    }
    let mut replayed: BTreeMap<Vec<u8>, Item> = BTreeMap::new();
    for Seen { key, old, new, .. } in read_all(&world.engine, &label) {
        assert_ne!(old, new, "a record of nothing");
        let before = match new {
            Some(new) => replayed.insert(key.as_bytes().to_vec(), new),
            None => replayed.remove(key.as_bytes()),
        };
        assert_eq!(before, old);
    }
    let table = world.engine.table(&scope(), "t").unwrap();
    for pk in 0..40 {
        for sk in 0..3 {
            let key = key(&pk.to_string(), sk);
            assert_eq!(replayed.get(key.as_bytes()), get(&world, &table, &key).as_ref(), "{pk} {sk}");
        }
    }
    check_lineage(&stream(&world.engine, &label).unwrap());
}

#[test]
fn no_two_streams_have_one_label_and_no_two_shards_one_id() {
    let world = World::new();
    let mut labels = BTreeSet::new();
    for _ in 0..20 {
        let table = streamed(&world.engine);
        assert!(labels.insert(label(&world.engine)));
        now(world.engine.delete_table(&table)).unwrap();
    }
    let names = now(world.engine.stream_names(&scope(), None, None, 100)).unwrap();
    assert_eq!(names.into_iter().map(|(_, label)| label).collect::<BTreeSet<_>>(), labels);
}

/// All records of a feed, boundaries included.
fn records(world: &World, table: &Table) -> usize {
    let mut records = 0;
    let mut visit = |record: store::FeedRecord<'_>| {
        Boundary::read(record.bytes).unwrap();
        records += 1;
        Visit::Continue
    };
    world.store.tail(table.feed_id(), FeedCursor::START, usize::MAX, &mut visit).wait().unwrap();
    records
}
