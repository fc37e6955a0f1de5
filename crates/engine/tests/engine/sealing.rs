//! Tables that are sealed: nothing of their items can be read below the engine, whatever dies while they are brought
//! under another key; and nothing of them can be read above it while their key cannot be used.

use crate::fixture::*;
use crate::full_store::FullStore;
use engine::table::{Generation, Sealing, StreamSpecification, StreamView};
use engine::{
    Engine, EngineOptions, IndexKind, KeyService, KeyType, Projected, ReadError, Scope, Table, UnwrapError,
    Unwrapping, Write, WriteError,
};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::Random;
use store::{Consistency, Direction, FeedCursor, FeedRecord, KeyRange, RangeRead, Store, StoreError, Visit};

const PLANTED: &str = "planted-7f3a";

/// Keys that are wrapped by being written twice. An odd version: none can be used.
#[derive(Debug, Default)]
struct Keys {
    version: AtomicU64,
}

impl KeyService for Keys {
    fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    fn unwrap<'a>(&'a self, _: &'a Scope, _: &'a str, _: &'a Sealing, wrapped: &'a str) -> Unwrapping<'a> {
        let key = stdx::hex::decode(wrapped).unwrap();
        let key = match self.version() % 2 {
            0 => Ok(sealing::DataKey::new(key.as_slice().try_into().unwrap())),
            _ => Err(UnwrapError::Refused("no key".into())),
        };
        Box::pin(std::future::ready(key))
    }
}

fn generation(number: u32) -> Generation {
    Generation { number, wrapped: format!("{number:02x}").repeat(32), retired_micros: None }
}

fn sealed(numbers: &[u32], current: Option<u32>, is_rekeying: bool) -> Option<Sealing> {
    Some(Sealing {
        key_id: "k".into(),
        grant_id: None,
        generations: numbers.iter().map(|number| generation(*number)).collect(),
        current,
        is_rekeying,
        takes_open: is_rekeying,
    })
}

fn open(world: &World, keys: &Arc<Keys>, store: Arc<dyn Store>, seed: u64) -> Engine {
    let options = EngineOptions { keys: Arc::clone(keys) as _, ..EngineOptions::default() };
    Engine::open_with(store, world.clock.clone(), Random::from_seed(seed), options).unwrap()
}

fn world(keys: &Arc<Keys>) -> World {
    let mut world = World::new();
    world.engine = open(&world, keys, world.store.clone(), 1);
    world
}

fn table(world: &World, sealing: Option<Sealing>) -> Arc<Table> {
    let by_g = index("by_g", IndexKind::Global, keys(&[("g", KeyType::S)], &[]), Projected::All);
    let mut new = new_table("secrets", keys(&[("pk", KeyType::S)], &[]), vec![by_g]);
    new.settings.sealing = sealing;
    new.settings.stream =
        Some(StreamSpecification { enabled: true, view: StreamView::NewAndOldImages, label: String::new() });
    now(world.engine.create_table(new)).unwrap();
    switch_on_ttl(world, "secrets", "ttl");
    current(world)
}

fn current(world: &World) -> Arc<Table> {
    world.engine.table(&scope(), "secrets").unwrap()
}

fn secret(at: i64) -> types::Item {
    let text = format!("{PLANTED}{at}");
    item(&[("pk", s(&text)), ("g", s(&text)), ("a", s(&text)), ("ttl", n(4_000_000_000 + at))])
}

fn put(world: &World, table: &Arc<Table>, items: std::ops::Range<i64>) {
    for at in items {
        now(world.engine.write(table, &Write::put(table, secret(at)).unwrap())).unwrap();
    }
}

/// All rows with attributes, and all records, as the store has them.
fn stored(world: &World, table: &Table) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let (mut rows, mut records) = (Vec::new(), Vec::new());
    let range = KeyRange { start: Bound::Unbounded, end: Bound::Unbounded };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    let visit = &mut |key: &[u8], row: &[u8]| {
        if matches!(key[0], 1 | 7) {
            rows.push(row.to_vec());
        }
        Visit::Continue
    };
    let read = RangeRead { range, direction, consistency, rows_expected: usize::MAX };
    world.store.range(read, visit).wait().unwrap();
    let visit = &mut |record: FeedRecord<'_>| {
        records.push(record.bytes.to_vec());
        Visit::Continue
    };
    world.store.tail(table.feed_id(), FeedCursor::START, usize::MAX, visit).wait().unwrap();
    (rows, records)
}

fn generation_of(stored: &[u8]) -> Option<u32> {
    let shows = stored.windows(PLANTED.len()).any(|window| window == PLANTED.as_bytes());
    let is_sealed = stored[0] == 128;
    assert!(!(shows && is_sealed), "a sealed value shows what it is");
    is_sealed.then(|| u32::from_le_bytes(stored[1..5].try_into().unwrap()))
}

/// Every item and every entry, as they are read.
fn is_whole(world: &World, items: i64) {
    has_items(world, &current(world), items);
}

fn has_items(world: &World, table: &Table, items: i64) {
    for index in [None, Some(&table.indexes[0])] {
        let expected = sorted((0..items).map(secret).collect());
        assert_eq!(scan(world, table, index), expected);
    }
}

#[test]
fn nothing_of_a_sealed_table_can_be_read_below() {
    let keys = Arc::default();
    let mut world = world(&keys);
    let table = table(&world, sealed(&[1], Some(1), false));
    put(&world, &table, 0..5);
    put(&world, &table, 0..5);
    let (rows, records) = stored(&world, &table);
    assert_eq!((rows.len(), records.len()), (15, 5), "items, entries and times");
    assert!(rows.iter().chain(&records).all(|value| generation_of(value) == Some(1)));
    is_whole(&world, 5);
    world.engine = open(&world, &keys, world.store.clone(), 2);
    is_whole(&world, 5);
}

#[test]
fn a_locked_key_locks_its_table_only() {
    let keys: Arc<Keys> = Arc::default();
    let world = world(&keys);
    let table = table(&world, sealed(&[1], Some(1), false));
    let other = things(&world);
    put(&world, &table, 0..2);
    keys.version.store(1, Ordering::SeqCst);
    assert!(!world.engine.is_current());
    now(world.engine.refresh()).unwrap();
    assert!(world.engine.is_current());
    let locked = StoreError::Locked("no key".into());
    assert!(world.engine.locked(&table).is_some_and(|(since, why)| since > 0 && why == "no key"));
    let place = engine::ItemKey::of(&table, &secret(0)).unwrap();
    let read = now(world.engine.get(&table, &place, Consistency::Strong, None));
    assert_eq!(read.unwrap_err(), ReadError::Store(locked.clone()));
    let write = Write::put(&table, secret(9)).unwrap();
    assert_eq!(now(world.engine.write(&table, &write)).unwrap_err(), WriteError::Store(locked));
    let write = Write::put(&other, item(&[("pk", s("a")), ("sk", n(1))])).unwrap();
    now(world.engine.write(&other, &write)).unwrap();
    keys.version.store(2, Ordering::SeqCst);
    now(world.engine.refresh()).unwrap();
    assert_eq!(world.engine.locked(&table), None);
    is_whole(&world, 2);
}

/// Rows of copies as the store has them.
fn copied(world: &World) -> Vec<Vec<u8>> {
    let mut rows = Vec::new();
    let range = KeyRange { start: Bound::Included(&[14]), end: Bound::Excluded(&[15]) };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    let visit = &mut |_: &[u8], row: &[u8]| {
        rows.push(row.to_vec());
        Visit::Continue
    };
    let read = RangeRead { range, direction, consistency, rows_expected: usize::MAX };
    world.store.range(read, visit).wait().unwrap();
    rows
}

/// The table is restored under another key, or open, by an engine that has not made the backup.
#[test]
fn a_backup_is_sealed_and_outlives_its_table() {
    let keys: Arc<Keys> = Arc::default();
    let mut world = world(&keys);
    let table = table(&world, sealed(&[1], Some(1), false));
    put(&world, &table, 0..3);
    let backup = now(world.engine.create_backup(&table, "b")).unwrap();
    put(&world, &current(&world), 2..5);
    now(world.engine.delete_table(&current(&world))).unwrap();
    world.finish_jobs();
    let rows = copied(&world);
    let is_open = |row: &Vec<u8>| row.windows(PLANTED.len()).any(|part| part == PLANTED.as_bytes());
    assert!(rows.len() >= 3 && !rows.iter().any(is_open));
    world.engine = open(&world, &keys, world.store.clone(), 2);
    for (name, sealing) in [("sealed", sealed(&[7], Some(7), false)), ("open", None)] {
        let mut new = new_table(name, backup.table.key.clone(), backup.table.indexes.clone());
        new.settings.restore = Some(engine::table::Restore::of(None, "arn".to_owned(), 1));
        new.settings.sealing = sealing;
        now(world.engine.restore_backup(new, &backup)).unwrap();
        world.finish_jobs();
        let restored = world.engine.table(&scope(), name).unwrap();
        assert_eq!(restored.settings.restore, None);
        has_items(&world, &restored, 3);
    }
}

/// The old images are sealed, too, and so is the copy that is made for the restore.
#[test]
fn a_sealed_table_is_restored_to_a_time() {
    let keys: Arc<Keys> = Arc::default();
    let world = world(&keys);
    let table = table(&world, sealed(&[1], Some(1), false));
    put(&world, &table, 0..3);
    let time_micros = world.engine.now_micros();
    world.clock.advance_micros(1);
    for at in 0..3 {
        let key = item(&[("pk", s(&format!("{PLANTED}{at}")))]);
        now(world.engine.write(&table, &Write::delete(&table, key).unwrap())).unwrap();
    }
    let mut new = new_table("restored", table.key.clone(), table.indexes.clone());
    new.settings.restore = Some(engine::table::Restore::of(None, "arn".to_owned(), 1));
    now(world.engine.restore_to_time(new, &table, time_micros)).unwrap();
    world.finish_jobs();
    has_items(&world, &world.engine.table(&scope(), "restored").unwrap(), 3);
    assert!(copied(&world).is_empty());
}

#[test]
fn what_a_deleted_table_leaves_goes_without_its_key() {
    let keys: Arc<Keys> = Arc::default();
    let world = world(&keys);
    let table = table(&world, sealed(&[1], Some(1), false));
    put(&world, &table, 0..3);
    keys.version.store(1, Ordering::SeqCst);
    now(world.engine.refresh()).unwrap();
    now(world.engine.delete_table(&current(&world))).unwrap();
    world.finish_jobs();
    let (rows, records) = stored(&world, &table);
    assert!(rows.is_empty() && !records.is_empty(), "streams can be read for a day");
    assert!(world.engine.locked(&table).is_some());
    world.clock.advance_micros(26 * 3_600_000_000);
    world.finish_jobs();
    assert!(stored(&world, &table).1.is_empty());
    assert_eq!(world.engine.locked(&table), None, "its keys are forgotten");
}

/// On, to another key, off: with writes meanwhile, and a death after each number of commits.
#[test]
fn a_table_comes_under_its_key_whatever_dies() {
    for (before, after, expected) in [
        (None, sealed(&[1], Some(1), true), Some(1)),
        (sealed(&[1], Some(1), false), sealed(&[1, 2], Some(2), true), Some(2)),
        (sealed(&[1], Some(1), false), sealed(&[1], None, true), None),
    ] {
        for commits in 1.. {
            let keys: Arc<Keys> = Arc::default();
            let mut world = world(&keys);
            let table = table(&world, before.clone());
            put(&world, &table, 0..40);
            world.finish_jobs();
            let dying = FullStore::over(&world.store);
            world.engine = open(&world, &keys, dying.clone(), 2);
            world.engine.wait_for_jobs();
            dying.commits_left.store(commits, Ordering::SeqCst);
            let change = |table: &mut Table| table.settings.sealing = after.clone();
            let changed = now(world.engine.alter_table(&current(&world), change));
            world.engine.wait_for_jobs();
            let is_done = !world.engine.job_progress().iter().any(|job| job.id.starts_with("rekey"));
            let has_lived = changed.is_ok() && is_done && dying.commits_left.load(Ordering::SeqCst) > 0;
            let elsewhere = Arc::new(store::MemoryStore::new(world.clock.clone()));
            world.engine = open(&world, &keys, elsewhere, 3); // the threads of the one before end here
            world.engine = open(&world, &keys, world.store.clone(), 4);
            let table = current(&world);
            put(&world, &table, 40..42);
            is_whole(&world, 42);
            world.finish_jobs();
            is_whole(&world, 42);
            let table = current(&world);
            if table.settings.sealing != before {
                let sealing = table.settings.sealing.as_ref();
                assert!(sealing.is_none_or(|sealing| !sealing.is_rekeying), "{commits}");
                let (rows, _) = stored(&world, &table);
                assert_eq!(rows.len(), 126);
                assert!(rows.iter().all(|row| generation_of(row) == expected), "{commits}");
            }
            if has_lived {
                assert!(commits > 3, "{commits}");
                break;
            }
        }
    }
}
