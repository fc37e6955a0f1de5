//! Backups are exact while their table is written, and restores complete or leave nothing, through crashes, damage,
//! late and lost answers.

use crate::fixture::*;
use crate::full_store::FullStore;
use crate::indexes::{counted, rows_of_kind};
use engine::table::Restore;
use engine::{
    Backup, BackupError, BackupPage, BackupStatus, Engine, IndexKind, KeyType, NewTable, Projected,
    RestoreError, Table, Write,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use stdx::Random;
use types::Item;

/// What the copied items' keys begin with.
pub(crate) const COPIED: u8 = 14;

pub(crate) type Items = BTreeMap<Vec<u8>, Item>;

pub(crate) fn source(name: &str) -> NewTable {
    let by_g = index("by_g", IndexKind::Global, keys(&[("g", KeyType::S)], &[]), Projected::KeysOnly);
    new_table(name, keys(&[("pk", KeyType::S)], &[]), vec![by_g])
}

pub(crate) fn target(name: &str) -> NewTable {
    let mut new = source(name);
    new.settings.restore = Some(Restore::of(None, "arn".to_owned(), 1));
    new
}

pub(crate) fn thing(at: i64, version: i64, is_grouped: bool) -> Item {
    let mut attributes = vec![("pk", s(&at.to_string())), ("v", n(version))];
    if is_grouped {
        attributes.push(("g", s(&format!("g{}", at % 7))));
    }
    item(&attributes)
}

pub(crate) fn put(engine: &Engine, table: &Arc<Table>, at: i64, version: i64) -> bool {
    let thing = thing(at, version, at % 3 > 0);
    now(engine.write(table, &Write::put(table, thing).unwrap())).is_ok()
}

pub(crate) fn delete(engine: &Engine, table: &Arc<Table>, at: i64) -> bool {
    let key = item(&[("pk", s(&at.to_string()))]);
    now(engine.write(table, &Write::delete(table, key).unwrap())).is_ok()
}

pub(crate) fn items(world: &World, table: &Table) -> Items {
    scan(world, table, None).into_iter().map(|item| (item.as_bytes().to_vec(), item)).collect()
}

pub(crate) fn backups(world: &World) -> Vec<Backup> {
    now(world.engine.backups(&scope(), &BackupPage::of_all())).unwrap()
}

/// Restores a backup into a new table, and checks that it has exactly these items, counted and indexed.
fn holds(world: &World, backup: &Backup, name: &str, expected: &Items) {
    let table = now(world.engine.restore_backup(target(name), backup)).unwrap();
    assert!(table.settings.is_creating(world.engine.now_micros()));
    world.finish_jobs();
    let table = world.engine.table(&scope(), name).expect("a table that is restored");
    is_whole(world, &table, expected);
    now(world.engine.delete_table(&table)).unwrap();
    world.finish_jobs();
}

pub(crate) fn is_whole(world: &World, table: &Table, expected: &Items) {
    assert_eq!(table.settings.restore, None);
    let found = items(world, table);
    assert!(found == *expected, "{} of {} items", found.len(), expected.len());
    let counted = counted(world, table);
    assert_eq!(counted.items, expected.len() as i64);
    let indexed = expected.values().filter(|item| item.get("g").is_some()).count();
    assert_eq!(counted.indexes[0].entries, indexed as i64);
}

pub(crate) fn filled(world: &World, items: i64) -> Arc<Table> {
    let table = now(world.engine.create_table(source("t"))).unwrap();
    (0..items).for_each(|at| assert!(put(&world.engine, &table, at, 0)));
    table
}

#[test]
fn a_backup_holds_what_there_was_when_it_was_ordered() {
    let world = World::new();
    let table = filled(&world, 300);
    let before = items(&world, &table);
    let backup = now(world.engine.create_backup(&table, "b")).unwrap();
    for at in 0..400 {
        match at % 4 {
            0 => assert!(delete(&world.engine, &table, at)),
            1 => {}
            _ => assert!(put(&world.engine, &table, at, 1) && put(&world.engine, &table, at, 2)),
        }
    }
    world.finish_jobs();
    let found = &backups(&world)[0];
    assert_eq!((&found.id, found.status), (&backup.id, BackupStatus::Available));
    assert_eq!(found.totals.items, 300);
    let table = world.engine.table(&scope(), "t").unwrap();
    assert!(table.consumers.is_empty(), "old images are not needed any more");
    holds(&world, &backup, "r", &before);
    now(world.engine.delete_table(&table)).unwrap();
    world.finish_jobs();
    holds(&world, &backup, "r", &before);
    now(world.engine.delete_backup(&backup)).unwrap();
    world.finish_jobs();
    assert_eq!((backups(&world), rows_of_kind(&world, COPIED)), (Vec::new(), 0));
    assert_eq!(now(world.engine.delete_backup(&backup)), Err(BackupError::NotFound));
    let gone = now(world.engine.restore_backup(target("r"), &backup));
    assert_eq!(gone.err(), Some(RestoreError::Backup(BackupError::NotFound)));
}

#[test]
fn a_table_that_is_deleted_is_dropped_behind_its_backups() {
    let world = World::new();
    let table = filled(&world, 500);
    let before = items(&world, &table);
    let backup = now(world.engine.create_backup(&table, "b")).unwrap();
    assert!(put(&world.engine, &table, 1, 9) && put(&world.engine, &table, 1_000, 9));
    now(world.engine.delete_table(&table)).unwrap();
    let again = now(world.engine.create_table(source("t"))).unwrap();
    assert!(put(&world.engine, &again, 7, 7));
    world.finish_jobs();
    let rows = items(&world, &again).len() + 1; // and an entry
    assert_eq!(rows_of_kind(&world, 1), rows, "rows of the deleted table are left");
    holds(&world, &backup, "r", &before);
}

/// The process ends behind each number of commits in turn.
#[test]
fn a_backup_is_exact_wherever_the_process_dies() {
    for commits in 1.. {
        let mut world = World::new();
        let table = filled(&world, 60);
        let before = items(&world, &table);
        let dying = FullStore::over(&world.store);
        let first = Engine::open(dying.clone(), world.clock.clone(), Random::from_seed(2)).unwrap();
        first.wait_for_jobs();
        dying.commits_left.store(commits, Ordering::SeqCst);
        let ordered = now(first.create_backup(&table, "b"));
        let table = first.table(&scope(), "t").unwrap();
        let mut lives = ordered.is_ok();
        for at in 0..20 {
            lives &= put(&first, &table, at * 4, 1) && delete(&first, &table, at * 4 + 1);
        }
        first.wait_for_jobs();
        let is_available = |backup: &Backup| backup.status == BackupStatus::Available;
        lives &= now(first.backups(&scope(), &BackupPage::of_all()))
            .is_ok_and(|found| found.iter().all(is_available));
        world.engine = first;
        world.replace_engine();
        let table = world.engine.table(&scope(), "t").unwrap();
        assert!(put(&world.engine, &table, 50, 2));
        world.finish_jobs();
        let found = backups(&world);
        assert_eq!(found.len(), usize::from(ordered.is_ok()), "{commits}");
        for backup in found {
            assert_eq!(backup.status, BackupStatus::Available);
            holds(&world, &backup, "r", &before);
        }
        assert!(world.engine.table(&scope(), "t").unwrap().consumers.is_empty());
        if lives {
            assert!(commits > 40, "{commits}");
            return;
        }
    }
}

#[test]
fn a_restore_is_complete_or_not_begun_wherever_the_process_dies() {
    for commits in 1.. {
        let mut world = World::new();
        let table = filled(&world, 60);
        let before = items(&world, &table);
        let backup = now(world.engine.create_backup(&table, "b")).unwrap();
        world.finish_jobs();
        let dying = FullStore::over(&world.store);
        dying.is_shared.store(true, Ordering::SeqCst); // as the store below is
        let first = Engine::open(dying.clone(), world.clock.clone(), Random::from_seed(2)).unwrap();
        first.wait_for_jobs();
        dying.commits_left.store(commits, Ordering::SeqCst);
        let ordered = now(first.restore_backup(target("r"), &backup));
        first.wait_for_jobs();
        let lives = first.table(&scope(), "r").is_some_and(|table| table.settings.restore.is_none());
        world.engine = first;
        world.replace_engine();
        world.finish_jobs();
        let restored = world.engine.table(&scope(), "r");
        assert_eq!(restored.is_some(), ordered.is_ok(), "{commits}");
        restored.iter().for_each(|table| is_whole(&world, table, &before));
        holds(&world, &backup, "again", &before);
        if lives {
            assert!(commits > 3, "{commits}");
            return;
        }
    }
}

#[test]
fn a_backup_that_is_used_is_not_deleted_or_restored_twice() {
    let world = World::new();
    let table = filled(&world, 10);
    let backup = now(world.engine.create_backup(&table, "b")).unwrap();
    world.finish_jobs();
    // A store that takes nothing more keeps the restore from ending.
    let full = FullStore::over(&world.store);
    let engine = Engine::open(full.clone(), world.clock.clone(), Random::from_seed(3)).unwrap();
    engine.wait_for_jobs();
    full.commits_left.store(1, Ordering::SeqCst);
    now(engine.restore_backup(target("r"), &backup)).unwrap();
    assert_eq!(now(engine.delete_backup(&backup)), Err(BackupError::Restoring));
    let twice = now(engine.restore_backup(target("r2"), &backup));
    assert_eq!(twice.err(), Some(RestoreError::Backup(BackupError::Restoring)));
    full.commits_left.store(0, Ordering::SeqCst);
}

/// Puts another row, or none, in the place of the copied item that sorts first.
fn damage(world: &World, change: impl Fn(Vec<u8>) -> Option<Vec<u8>> + Sync) {
    let mut first = None;
    let range = store::KeyRange {
        start: std::ops::Bound::Included(&[COPIED]),
        end: std::ops::Bound::Excluded(&[COPIED + 1]),
    };
    let (direction, consistency) = (store::Direction::Forward, store::Consistency::Strong);
    let visit = &mut |key: &[u8], row: &[u8]| {
        first = Some((key.to_vec(), row.to_vec()));
        store::Visit::Stop
    };
    let read = store::RangeRead { range, direction, consistency, rows_expected: 1 };
    store::Store::range(&*world.store, read, visit).wait().unwrap();
    let (key, row) = first.unwrap();
    let decide = &mut |_: &store::OldRows<'_>| {
        let rows = vec![store::RowWrite { key: key.clone(), row: change(row.clone()) }];
        store::Decision::Commit(store::Plan { rows, ..store::Plan::default() })
    };
    let mutation = store::Mutation { keys: &[&key], fences: &[], locking: store::Locking::Single, decide };
    store::Store::mutate(&*world.store, mutation).wait().unwrap();
}

#[test]
fn a_damaged_or_missing_row_leaves_no_half_table() {
    let flipped = |mut row: Vec<u8>| {
        *row.last_mut().unwrap() ^= 1;
        Some(row)
    };
    let cut = |mut row: Vec<u8>| {
        row.truncate(8);
        Some(row)
    };
    let changes: [&(dyn Fn(Vec<u8>) -> Option<Vec<u8>> + Sync); 3] = [&flipped, &cut, &|_| None];
    for change in changes {
        let world = World::new();
        let table = filled(&world, 40);
        let backup = now(world.engine.create_backup(&table, "b")).unwrap();
        world.finish_jobs();
        damage(&world, change);
        now(world.engine.restore_backup(target("r"), &backup)).unwrap();
        world.finish_jobs();
        assert!(world.engine.table(&scope(), "r").is_none());
        let statistics = counted(&world, &table);
        let rows = (statistics.items + statistics.indexes[0].entries) as usize;
        assert_eq!(rows_of_kind(&world, 1), rows, "rows of the new table are left");
        assert!(now(world.engine.delete_backup(&backup)).is_ok(), "it is free again");
        world.finish_jobs();
    }
}

/// An index that was added later has no entry for an item whose attribute is of another type; neither has the table
/// that is restored.
#[test]
fn what_an_index_does_not_take_is_restored_all_the_same() {
    let world = World::new();
    let table =
        now(world.engine.create_table(new_table("t", keys(&[("pk", KeyType::S)], &[]), Vec::new()))).unwrap();
    for (pk, g) in [("a", n(1)), ("b", s("g")), ("c", s(""))] {
        let write = Write::put(&table, item(&[("pk", s(pk)), ("g", g)])).unwrap();
        now(world.engine.write(&table, &write)).unwrap();
    }
    let backup = now(world.engine.create_backup(&table, "b")).unwrap();
    world.finish_jobs();
    now(world.engine.restore_backup(target("r"), &backup)).unwrap();
    world.finish_jobs();
    let restored = world.engine.table(&scope(), "r").unwrap();
    assert_eq!(counted(&world, &restored).items, 3);
    assert_eq!(counted(&world, &restored).indexes[0].entries, 1);
}

/// Two engines that answer late and lose answers of commits write, back up and restore.
#[test]
fn backups_of_random_histories_are_exact_on_a_slow_store() {
    for seed in 1..=3u64 {
        let mut world = World::new();
        let table = filled(&world, 40);
        let slow = |seed| {
            let store = store::SlowStore::new(world.store.clone(), seed).losing_one_of(20);
            Engine::open(Arc::new(store), world.clock.clone(), Random::from_seed(seed)).unwrap()
        };
        let engines = [slow(10 * seed), slow(10 * seed + 1)];
        let mut expected = Vec::new();
        for round in 0..4 {
            now(world.engine.refresh()).unwrap();
            let before = items(&world, &world.engine.table(&scope(), "t").unwrap());
            if let Ok(backup) = now(engines[round % 2].create_backup(&table, "b")) {
                expected.push((backup.id, before));
            }
            for at in 0..30 {
                let engine = &engines[at as usize % 2];
                now(engine.refresh()).unwrap();
                let table = engine.table(&scope(), "t").unwrap();
                let at = at * 7 % 50;
                _ = if at % 3 == 0 {
                    delete(engine, &table, at)
                } else {
                    put(engine, &table, at, round as i64 + 1)
                };
                world.clock.advance_micros(100_000);
            }
        }
        let [first, second] = engines;
        drop(first);
        for _ in 0..100 {
            second.wait_for_jobs();
            world.clock.advance_micros(1_000_000);
        }
        drop(second);
        world.replace_engine();
        world.finish_jobs();
        assert!(expected.len() >= 2);
        for backup in backups(&world) {
            assert_eq!(backup.status, BackupStatus::Available);
            if let Some((_, before)) = expected.iter().find(|(id, _)| *id == backup.id) {
                holds(&world, &backup, "r", before);
            }
        }
    }
}

/// The source may be deleted while it is being copied.
#[test]
fn a_table_with_recovery_that_is_deleted_leaves_a_backup_for_a_while() {
    let world = World::new();
    filled(&world, 50);
    let recovery = engine::table::PointInTimeRecovery { since_micros: 1, period_days: 35 };
    let table = alter(&world, "t", |table| table.settings.point_in_time_recovery = Some(recovery));
    let before = items(&world, &table);
    now(world.engine.delete_table(&table)).unwrap();
    let again = now(world.engine.create_table(source("t"))).unwrap();
    assert!(put(&world.engine, &again, 1_000, 1));
    for _ in 0..50 {
        world.engine.wait_for_jobs();
        world.clock.advance_micros(1_000_000);
    }
    let found = backups(&world);
    assert_eq!((found.len(), found[0].kind), (1, engine::BackupKind::System));
    assert_eq!((found[0].name.as_str(), found[0].status), ("t$DeletedTableBackup", BackupStatus::Available));
    now(world.engine.restore_backup(target("r"), &found[0])).unwrap();
    for _ in 0..50 {
        world.engine.wait_for_jobs();
        world.clock.advance_micros(1_000_000);
    }
    is_whole(&world, &world.engine.table(&scope(), "r").unwrap(), &before);
    world.clock.advance_micros(35 * 24 * 3_600 * 1_000_000);
    world.finish_jobs();
    assert_eq!((backups(&world), rows_of_kind(&world, COPIED)), (Vec::new(), 0));
}
