//! Tables come and go.

use crate::fixture::*;
use crate::full_store::FullStore;
use engine::{AlterError, CreateError, DeleteError, Engine, KeyType, Scope, Write, WriteError};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Waker};
use stdx::Random;
use store::{Direction, KeyRange, Store, StoreError, Visit};

fn simple(engine: &Engine, name: &str) -> Result<Arc<engine::Table>, CreateError> {
    now(engine.create_table(new_table(name, keys(&[("pk", KeyType::S)], &[]), Vec::new())))
}

fn rows(world: &World) -> usize {
    let mut rows = 0;
    let all = KeyRange { start: Bound::Unbounded, end: Bound::Unbounded };
    let visit = &mut |_: &[u8], _: &[u8]| {
        rows += 1;
        Visit::Continue
    };
    let (direction, consistency) = (Direction::Forward, store::Consistency::Strong);
    let read = store::RangeRead { range: all, direction, consistency, rows_expected: usize::MAX };
    world.store.range(read, visit).wait().unwrap();
    rows
}

#[test]
fn tables_are_found_by_name_within_their_account_and_region() {
    let world = World::new();
    let engine = &world.engine;
    let table = simple(engine, "b").unwrap();
    assert_eq!(simple(engine, "b"), Err(CreateError::Exists));
    for name in ["c", "a"] {
        simple(engine, name).unwrap();
    }
    assert_eq!(engine.table(&scope(), "b"), Some(table.clone()));
    assert_eq!(engine.table_names_after(&scope(), None, 10), ["a", "b", "c"]);
    assert_eq!(engine.table_names_after(&scope(), Some("a"), 1), ["b"]);
    assert_eq!(engine.table_names_after(&scope(), Some("bb"), 10), ["c"]);
    let elsewhere = Scope { region: "eu-west-1".into(), ..scope() };
    assert_eq!(engine.table(&elsewhere, "b"), None);
    assert!(engine.table_names_after(&elsewhere, None, 10).is_empty());
    assert_eq!(engine.find_in_another_region(&elsewhere, "b"), Some(scope()));
    assert_eq!(engine.find_in_another_region(&scope(), "b"), None);
    let stranger = Scope { account: "111111111111".into(), ..elsewhere };
    assert_eq!(engine.find_in_another_region(&stranger, "b"), None);
    assert_eq!(table.arn(), "arn:aws:dynamodb:local:000000000000:table/b");
}

#[test]
fn tables_survive_a_restart() {
    let mut world = World::new();
    let table = things(&world);
    let table = now(world.engine.alter_table(&table, |table| {
        table.settings.tags.insert("k".into(), "v".into());
    }))
    .unwrap();
    now(world.engine.write(&table, &Write::put(&table, key("a", 1)).unwrap())).unwrap();
    world.reopen();
    let again = world.engine.table(&scope(), "things").unwrap();
    assert_eq!(again, table);
    assert_eq!(get(&world, &again, &key("a", 1)), Some(key("a", 1)));
    now(world.engine.write(&again, &Write::put(&again, key("a", 2)).unwrap())).unwrap();
    assert_ne!(simple(&world.engine, "other").unwrap().id, table.id);
}

#[test]
fn a_deleted_table_frees_its_name_and_leaves_nothing() {
    let world = World::new();
    let table = things(&world);
    let other = simple(&world.engine, "other").unwrap();
    let kept = item(&[("pk", s("kept"))]);
    now(world.engine.write(&other, &Write::put(&other, kept.clone()).unwrap())).unwrap();
    for at in 0..10 {
        let put = item(&[("pk", s("a")), ("sk", n(at)), ("g", s("g")), ("r", s("r")), ("h", n(1))]);
        now(world.engine.write(&table, &Write::put(&table, put).unwrap())).unwrap();
    }
    assert_eq!(rows(&world), 10 * 4 + 1 + 1);
    now(world.engine.delete_table(&table)).unwrap();
    assert_eq!(world.engine.table(&scope(), "things"), None);
    assert_eq!(now(world.engine.delete_table(&table)), Err(DeleteError::NotFound));
    let late = Write::put(&table, key("late", 1)).unwrap();
    assert_eq!(now(world.engine.write(&table, &late)), Err(WriteError::TableNotFound));

    let again = things(&world);
    assert_ne!(again.id, table.id);
    assert_eq!(now(world.engine.write(&table, &late)), Err(WriteError::TableNotFound));
    world.engine.wait_for_jobs();
    assert_eq!(rows(&world), 1);
    assert_eq!(now(world.engine.statistics(&table)).unwrap(), engine::TableStatistics::empty(&table));
    assert_eq!(get(&world, &other, &kept), Some(kept));
}

#[test]
fn a_protected_table_stays() {
    let world = World::new();
    let table = simple(&world.engine, "t").unwrap();
    let table =
        now(world.engine.alter_table(&table, |table| table.settings.deletion_protection = true)).unwrap();
    assert_eq!(now(world.engine.delete_table(&table)), Err(DeleteError::Protected));
    assert!(world.engine.table(&scope(), "t").is_some());
}

#[test]
fn what_a_full_disk_refuses_has_not_happened() {
    let world = World::new();
    let store = FullStore::over(&world.store);
    let engine = Engine::open(store.clone(), world.clock.clone(), Random::from_seed(1)).unwrap();
    let table = simple(&engine, "t").unwrap();
    let write = Write::put(&table, item(&[("pk", s("a"))])).unwrap();
    now(engine.write(&table, &write)).unwrap();

    store.full.store(true, Ordering::SeqCst);
    let full = StoreError::Full("the test".into());
    assert_eq!(simple(&engine, "u"), Err(CreateError::Store(full.clone())));
    assert_eq!(now(engine.delete_table(&table)), Err(DeleteError::Store(full.clone())));
    assert_eq!(now(engine.alter_table(&table, |_| {})), Err(AlterError::Store(full.clone())));
    assert_eq!(now(engine.write(&table, &write)), Err(WriteError::Store(full)));
    assert_eq!(engine.table_names_after(&scope(), None, 10), ["t"]);
    assert_eq!(engine.table(&scope(), "t"), Some(table.clone()));

    store.full.store(false, Ordering::SeqCst);
    now(engine.write(&table, &write)).unwrap();
    let table = now(engine.alter_table(&table, |_| {})).unwrap();
    now(engine.delete_table(&table)).unwrap();
    engine.wait_for_jobs();
    assert_eq!(rows(&world), 0);
}

/// The future of a deletion is dropped where its client hangs up.
#[test]
fn a_deletion_goes_through_without_its_client() {
    let world = World::new();
    let store = FullStore::over(&world.store);
    let engine = Engine::open(store, world.clock.clone(), Random::from_seed(1)).unwrap();
    let table = simple(&engine, "t").unwrap();
    now(engine.write(&table, &Write::put(&table, item(&[("pk", s("a"))])).unwrap())).unwrap();
    {
        let mut deletion = std::pin::pin!(engine.delete_table(&table));
        let _ = deletion.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    while rows(&world) > 0 {
        std::thread::yield_now();
    }
    assert_eq!(engine.table(&scope(), "t"), None);
}

/// An engine on a store whose disk can be full and whose outcomes can be held back, with one table.
fn on_a_full_store(world: &World) -> (Arc<FullStore>, Engine, Arc<engine::Table>) {
    let store = FullStore::over(&world.store);
    let engine = Engine::open(store.clone(), world.clock.clone(), Random::from_seed(1)).unwrap();
    let table = simple(&engine, "t").unwrap();
    (store, engine, table)
}

fn is_writable(engine: &Engine) {
    let table = engine.table(&scope(), "t").unwrap();
    let write = Write::put(&table, item(&[("pk", s("a"))])).unwrap();
    now(engine.write(&table, &write)).unwrap();
    now(engine.alter_table(&table, |_| {})).unwrap();
}

#[test]
fn a_change_is_shown_once_it_is_durable() {
    let world = World::new();
    let (store, engine, table) = on_a_full_store(&world);
    store.hold();
    let mut context = Context::from_waker(Waker::noop());
    let mut deletion = std::pin::pin!(engine.delete_table(&table));
    let mut creation = std::pin::pin!(engine.create_table(new_table("u", table.key.clone(), Vec::new())));
    assert!(deletion.as_mut().poll(&mut context).is_pending());
    assert!(creation.as_mut().poll(&mut context).is_pending());
    assert_eq!(engine.table_names_after(&scope(), None, 10), ["t"]);
    store.release();
    now(deletion).unwrap();
    now(creation).unwrap();
    assert_eq!(engine.table_names_after(&scope(), None, 10), ["u"]);
}

#[test]
fn a_table_is_read_while_a_change_of_it_fails() {
    let world = World::new();
    let (store, engine, table) = on_a_full_store(&world);
    let put = item(&[("pk", s("a"))]);
    now(engine.write(&table, &Write::put(&table, put.clone()).unwrap())).unwrap();
    store.full.store(true, Ordering::SeqCst);
    store.hold();
    let mut change = std::pin::pin!(engine.alter_table(&table, |_| {}));
    assert!(change.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let table = engine.table(&scope(), "t").unwrap();
    let key = engine::ItemKey::exact(&table, &put).unwrap();
    let found = now(engine.get(&table, &key, store::Consistency::Strong, None));
    assert_eq!(found.unwrap().map(|found| found.item), Some(put));
    store.release();
    assert!(now(change).is_err());
}

#[test]
fn changes_that_are_given_up_together_leave_the_table_as_it_was() {
    let world = World::new();
    let (store, engine, _) = on_a_full_store(&world);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..20 {
        let table = now(engine.alter_table(&engine.table(&scope(), "t").unwrap(), |_| {})).unwrap();
        store.full.store(true, Ordering::SeqCst);
        store.hold();
        let mut first = std::pin::pin!(engine.alter_table(&table, |_| {}));
        let mut second = std::pin::pin!(engine.alter_table(&table, |_| {}));
        let mut deletion = std::pin::pin!(engine.delete_table(&table));
        let mut creation = std::pin::pin!(engine.create_table(new_table("t", table.key.clone(), Vec::new())));
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert!(deletion.as_mut().poll(&mut context).is_pending());
        assert!(creation.as_mut().poll(&mut context).is_pending());
        store.release();
        let full = StoreError::Full("the test".into());
        assert_eq!(now(first), Err(AlterError::Store(full.clone())));
        assert_eq!(now(second), Err(AlterError::Store(full.clone())));
        assert_eq!(now(deletion), Err(DeleteError::Store(full)));
        assert_eq!(now(creation), Err(CreateError::Exists));
        assert_eq!(engine.table(&scope(), "t"), Some(table.clone()));
        store.full.store(false, Ordering::SeqCst);
        is_writable(&engine);
    }
}

/// Several engines may share a store: what another one has changed is found when a write is fenced off.
#[test]
fn a_write_finds_the_descriptor_that_another_engine_has_changed() {
    let world = World::new();
    let table = simple(&world.engine, "t").unwrap();
    let other = Engine::open(world.store.clone(), world.clock.clone(), Random::from_seed(2)).unwrap();
    let write = Write::put(&table, item(&[("pk", s("a"))])).unwrap();
    now(world.engine.alter_table(&table, |_| {})).unwrap();
    now(other.write(&table, &write)).unwrap();
    let altered = world.engine.table(&scope(), "t").unwrap();
    assert_eq!(other.table(&scope(), "t"), Some(altered.clone()));
    now(world.engine.delete_table(&altered)).unwrap();
    assert_eq!(now(other.write(&altered, &write)), Err(WriteError::TableNotFound));
    assert_eq!(other.table(&scope(), "t"), None);
}

/// What another engine has done is known from the first request on that follows its acknowledgement.
#[test]
fn engines_on_one_store_learn_of_each_others_tables() {
    let world = World::new();
    let one = &world.engine;
    let other = Engine::open(world.store.clone(), world.clock.clone(), Random::from_seed(2)).unwrap();
    assert!(one.is_current() && other.is_current());
    for round in 0..20 {
        let (maker, user) = if round % 2 == 0 { (one, &other) } else { (&other, one) };
        user.wait_for_jobs(); // jobs read tables too
        let table = simple(maker, "t").unwrap();
        // A job of the engine may have learnt of it by now.
        assert!(!user.is_current() || user.table(&scope(), "t").as_ref() == Some(&table));
        assert_eq!(simple(user, "t"), Err(CreateError::Exists));
        assert_eq!(user.table(&scope(), "t"), Some(table.clone()));
        let beside = simple(user, "u").unwrap();
        assert_ne!(beside.id, table.id);
        now(maker.refresh()).unwrap();
        assert_eq!(maker.table_names_after(&scope(), None, 10), ["t", "u"]);
        let altered = now(user.alter_table(&table, |_| {})).unwrap();
        assert_eq!(now(maker.alter_table(&table, |_| {})), Err(AlterError::Changed));
        now(maker.delete_table(&beside)).unwrap();
        now(maker.delete_table(&altered)).unwrap();
        assert_eq!(now(user.delete_table(&altered)), Err(DeleteError::NotFound));
        assert!(user.table_names_after(&scope(), None, 10).is_empty());
    }
}

/// The watch of this store reports no change by others, like one that lags behind.
#[test]
fn a_table_that_the_watch_has_not_told_of_is_looked_up() {
    let world = World::new();
    let late = FullStore::over(&world.store);
    late.is_shared.store(true, Ordering::SeqCst);
    let other = Engine::open(late, world.clock.clone(), Random::from_seed(2)).unwrap();
    let table = simple(&world.engine, "t").unwrap();
    now(other.refresh()).unwrap();
    assert_eq!(other.table(&scope(), "t"), None);
    assert_eq!(now(other.find_table(&scope(), "t")), Ok(Some(table)));
    assert_eq!(now(other.find_table(&scope(), "u")), Ok(None));
}

#[test]
fn engines_that_create_tables_at_the_same_time_give_no_id_or_name_twice() {
    let world = World::new();
    let other = Engine::open(world.store.clone(), world.clock.clone(), Random::from_seed(2)).unwrap();
    let create = |engine: &Engine| -> Vec<_> {
        (0..40).filter_map(|n| simple(engine, &format!("table{n}")).ok()).map(|table| table.id).collect()
    };
    let made: Vec<u32> = std::thread::scope(|scope| {
        let threads = [&world.engine, &other].map(|engine| scope.spawn(move || create(engine)));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(made.len(), 40, "every name is taken once");
    assert_eq!(made.iter().collect::<std::collections::BTreeSet<_>>().len(), 40);
    now(other.refresh()).unwrap();
    assert_eq!(other.tables().len(), 40);
}

#[test]
fn a_store_that_cannot_write_an_index_entry_with_its_item_is_not_opened() {
    let world = World::new();
    let store = FullStore::over(&world.store);
    store.is_narrow.store(true, Ordering::SeqCst);
    let refused = Engine::open(store, world.clock.clone(), Random::from_seed(1)).unwrap_err();
    assert!(matches!(refused, engine::EngineError::RowsApart), "{refused}");
}

#[test]
fn a_job_that_a_full_disk_refuses_goes_on_when_there_is_space() {
    let world = World::new();
    world.engine.wait_for_jobs(); // it would do what the other one leaves
    let (store, engine, table) = on_a_full_store(&world);
    now(engine.write(&table, &Write::put(&table, item(&[("pk", s("a"))])).unwrap())).unwrap();
    store.refuses_drops.store(true, Ordering::SeqCst);
    now(engine.delete_table(&table)).unwrap();
    engine.wait_for_jobs();
    let [job] = &engine.job_progress()[..] else { panic!("one job is left") };
    assert_eq!(job.failure.as_deref(), Some("no space left on the device that holds the test"));
    assert!(job.waits_until_micros.is_some());
    assert_eq!(rows(&world), 1, "the item");
    world.clock.advance_micros(1_000_000);
    engine.wait_for_jobs();
    assert_eq!(rows(&world), 1);
    store.refuses_drops.store(false, Ordering::SeqCst);
    world.clock.advance_micros(8_000_000);
    engine.wait_for_jobs();
    assert_eq!((rows(&world), engine.job_progress()), (0, Vec::new()));
}
