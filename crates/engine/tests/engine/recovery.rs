//! Point-in-time recovery is exact: restores to a time, and what has changed between two, whatever is written meanwhile
//! and wherever the process ends.

use crate::backups::{COPIED, backups, delete, filled, is_whole, items, put, target, thing};
use crate::fixture::*;
use crate::full_store::FullStore;
use crate::indexes::{counted, rows_of_kind};
use engine::table::Restore;
use engine::{
    Backup, BackupStatus, Copied, Engine, ExportedSince, IndexKind, KeyType, Projected, Table, Write,
};
use expr::{Action, Change, Path, Update};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use stdx::Random;
use types::{Item, ValueBuf};

/// What a table has after each of its changes: its items by number, their versions and whether they are in the index.
type State = BTreeMap<i64, (i64, bool)>;

/// A write, and what it makes of the state.
fn draw_write(random: &Random, table: &Arc<Table>, state: &mut State) -> Write {
    let [kind, at, version] = random.draw();
    let (at, version) = ((at % 40) as i64, (version % 1_000) as i64);
    match kind % 4 {
        0 => {
            state.remove(&at);
            Write::delete(table, item(&[("pk", s(&at.to_string()))])).unwrap()
        }
        1 => {
            let before = state.entry(at).or_insert((0, false));
            before.0 += version;
            let change = Change::Add(ValueBuf::from(&n(version)));
            let update = Update::from_attribute_updates(vec![Action { path: Path::top_level("v"), change }]);
            Write::update(table, item(&[("pk", s(&at.to_string()))]), Some(update)).unwrap()
        }
        _ => {
            let is_grouped = version % 3 > 0;
            state.insert(at, (version, is_grouped));
            Write::put(table, thing(at, version, is_grouped)).unwrap()
        }
    }
}

/// Puts, updates and deletions alone, and in transactions, with time passing or not between them.
fn random_history(world: &World, table: &Arc<Table>, random: &Random) -> Vec<(u64, State)> {
    let mut history = vec![(world.engine.now_micros(), State::new())];
    for _ in 0..250 {
        let [together, passes] = random.draw();
        world.clock.advance_micros(passes % 4);
        let mut state = history.last().unwrap().1.clone();
        let mut writes = BTreeMap::new();
        for _ in 0..=(together % 7).saturating_sub(4) {
            let mut next = state.clone();
            let write = draw_write(random, table, &mut next);
            let key = write.key().as_bytes().to_vec();
            // An item is in a transaction once.
            if let Entry::Vacant(entry) = writes.entry(key) {
                entry.insert((table.clone(), write));
                state = next;
            }
        }
        let writes: Vec<_> = writes.into_values().collect();
        match writes.as_slice() {
            [(table, write)] => _ = now(world.engine.write(table, write)).unwrap(),
            writes => _ = now(world.engine.transact_write(writes, None)).unwrap(),
        }
        history.push((world.engine.now_micros(), state));
    }
    world.clock.advance_micros(1);
    history
}

fn with_recovery(world: &World) -> Arc<Table> {
    let consumer = engine::feed::Consumer {
        kind: engine::feed::ConsumerKind::PointInTime,
        id: String::new(),
        view: Some(engine::table::StreamView::OldImage),
        retention_micros: u64::MAX,
        acknowledges: false,
    };
    alter(world, "t", |table| table.consumers.push(consumer.clone()))
}

/// For random histories the restore at a time equals a replay of the history up to that time.
#[test]
fn a_table_is_restored_as_a_replay_leaves_it() {
    for seed in 1..=6 {
        let (mut world, random) = (World::new(), Random::from_seed(seed));
        filled(&world, 0);
        let table = with_recovery(&world);
        let history = random_history(&world, &table, &random);
        let (first, last) = (history[0].0, history.last().unwrap().0);
        for number in 0..8 {
            if number == 4 {
                world.reopen();
            }
            let time_micros = first + random.next_u64() % (last - first + 1);
            let replayed = history.iter().rev().find(|(time, _)| *time <= time_micros).unwrap();
            let expected = replayed.1.iter().map(|(at, (version, is_grouped))| {
                let thing = thing(*at, *version, *is_grouped);
                (thing.as_bytes().to_vec(), thing)
            });
            let name = format!("r{number}");
            let table = world.engine.table(&scope(), "t").unwrap();
            now(world.engine.restore_to_time(target(&name), &table, time_micros)).unwrap();
            (0..10).for_each(|at| assert!(put(&world.engine, &table, at * 5, -1)));
            world.finish_jobs();
            is_whole(&world, &world.engine.table(&scope(), &name).unwrap(), &expected.collect());
            assert_eq!(rows_of_kind(&world, COPIED), 0, "the copy is dropped");
        }
    }
}

/// What an incremental export tells of an item: when it was changed last, and its versions before and behind.
type Told = BTreeMap<i64, (u64, Option<i64>, Option<i64>)>;

fn number_of(item: types::MapRef<'_>, name: &str) -> i64 {
    let text = match item.get(name) {
        Some(types::ValueRef::S(text)) => text.to_owned(),
        Some(types::ValueRef::N(number)) => number.to_string(),
        _ => panic!("{name} is missing"),
    };
    text.parse().unwrap()
}

fn version_of(item: types::MapRef<'_>) -> i64 {
    number_of(item, "v")
}

fn told(world: &World, copy: &Backup) -> Told {
    let (mut told, mut after, mut totals) = (Told::new(), None, engine::Totals::default());
    loop {
        let lot = now(world.engine.read_copy(copy, after.as_deref(), 500, |copied| match copied {
            Copied::Change { time_micros, key, old, new } => {
                let versions = (time_micros, old.map(version_of), new.map(version_of));
                assert_eq!(told.insert(number_of(key, "pk"), versions), None, "an item is told of once");
            }
            Copied::Item(_) => panic!("no copy of items"),
        }))
        .unwrap();
        totals = totals.and(lot.totals);
        after = lot.last;
        if after.is_none() {
            assert_eq!(totals, copy.totals);
            return told;
        }
    }
}

/// The state before a time.
fn state_before(history: &[(u64, State)], time_micros: u64) -> BTreeMap<i64, i64> {
    let before = history.iter().rev().find(|(time, _)| *time < time_micros);
    before.map_or_else(BTreeMap::new, |(_, state)| state.iter().map(|(at, (v, _))| (*at, *v)).collect())
}

/// For random histories the changes between two times are those between the states of a replay, whoever writes behind
/// them and wherever the engine ends.
#[test]
fn changes_between_two_times_lead_from_the_one_state_to_the_other() {
    for seed in 1..=6 {
        let (mut world, random) = (World::new(), Random::from_seed(seed));
        filled(&world, 0);
        let table = with_recovery(&world);
        let history = random_history(&world, &table, &random);
        let (first, last) = (history[1].0, history.last().unwrap().0);
        for number in 0..8 {
            let [from, length] = random.draw();
            let from_micros = first + from % (last - first + 1);
            let to_micros = from_micros + length % (last - from_micros + 2);
            let table = world.engine.table(&scope(), "t").unwrap();
            let (id, since) = (format!("e{number}"), ExportedSince::Changes { from_micros, to_micros });
            let begun = now(world.engine.create_export_copy(&table, &id, since)).unwrap();
            assert_eq!(now(world.engine.create_export_copy(&table, &id, since)).unwrap().id, begun.id);
            (0..10).for_each(|at| assert!(put(&world.engine, &table, at * 5, -1)));
            if number % 3 == 0 {
                world.reopen();
            }
            world.finish_jobs();
            let copy = now(world.engine.export_copy(&scope(), "t", &id)).unwrap().unwrap();
            assert_eq!(copy.status, BackupStatus::Available);
            let told = told(&world, &copy);
            let (old, new) = (state_before(&history, from_micros), state_before(&history, to_micros));
            for (at, (time, before, behind)) in &told {
                assert!((from_micros..to_micros).contains(time));
                assert_eq!(
                    (before.as_ref(), behind.as_ref()),
                    (old.get(at), new.get(at)),
                    "{seed} {number} {at}"
                );
            }
            let untold = |at: &i64| !told.contains_key(at);
            assert!((0..40).filter(untold).all(|at| old.get(&at) == new.get(&at)), "{seed} {number}");
            assert!(backups(&world).is_empty(), "it is in no list");
            now(world.engine.delete_backup(&copy)).unwrap();
            world.finish_jobs();
            assert_eq!(rows_of_kind(&world, COPIED), 0);
            let consumers = &world.engine.table(&scope(), "t").unwrap().consumers;
            assert_eq!(consumers.len(), 1, "{consumers:?}");
        }
    }
}

/// Wherever the first engine leaves the copy to the next one.
#[test]
fn a_restore_to_a_time_is_exact_though_recovery_is_switched_off_meanwhile() {
    for commits in 1.. {
        let mut world = World::new();
        filled(&world, 60);
        let table = with_recovery(&world);
        let before = items(&world, &table);
        world.clock.advance_micros(1);
        let dying = FullStore::over(&world.store);
        dying.is_shared.store(true, Ordering::SeqCst); // as the store below is
        let first = Engine::open(dying.clone(), world.clock.clone(), Random::from_seed(2)).unwrap();
        first.wait_for_jobs();
        dying.commits_left.store(commits, Ordering::SeqCst);
        now(first.restore_to_time(target("r"), &table, world.engine.now_micros() - 1)).unwrap();
        first.wait_for_jobs();
        let lives = now(first.find_table(&scope(), "r")).unwrap().unwrap().settings.restore.is_none();
        world.engine = first;
        world.replace_engine();
        let is_recovery =
            |consumer: &engine::feed::Consumer| consumer.kind == engine::feed::ConsumerKind::PointInTime;
        let table = alter(&world, "t", |table| table.consumers.retain(|consumer| !is_recovery(consumer)));
        for at in 0..60 {
            assert!(if at % 4 == 0 {
                delete(&world.engine, &table, at)
            } else {
                put(&world.engine, &table, at, 1)
            });
        }
        world.finish_jobs();
        is_whole(&world, &world.engine.table(&scope(), "r").unwrap(), &before);
        let consumers = &world.engine.table(&scope(), "t").unwrap().consumers;
        assert!(consumers.is_empty(), "{commits}: {consumers:?}");
        if lives {
            assert!(commits > 3, "{commits}");
            return;
        }
    }
}

fn member(at: i64, version: i64) -> Item {
    let group = format!("g{}", at % 20);
    item(&[("pk", s(&group)), ("sk", n(at)), ("r", s(&format!("r{}", at % 3))), ("v", n(version))])
}

/// Lots end within collections, whose sizes go on; what was settled before the items and what comes behind them meet
/// those that are as they were, and those that are gone.
#[test]
fn collections_are_restored_to_a_time_lot_by_lot() {
    let world = World::new();
    let source = |name: &str| {
        let by_r = index(
            "by_r",
            IndexKind::Local,
            keys(&[("pk", KeyType::S)], &[("r", KeyType::S)]),
            Projected::All,
        );
        new_table(name, keys(&[("pk", KeyType::S)], &[("sk", KeyType::N)]), vec![by_r])
    };
    let table = now(world.engine.create_table(source("t"))).unwrap();
    let put = |table: &Arc<Table>, item: Item| {
        now(world.engine.write(table, &Write::put(table, item).unwrap())).unwrap()
    };
    let delete = |table: &Arc<Table>, at: i64| {
        let key = item(&[("pk", s(&format!("g{}", at % 20))), ("sk", n(at))]);
        now(world.engine.write(table, &Write::delete(table, key).unwrap())).unwrap()
    };
    (0..900).for_each(|at| _ = put(&table, member(at, 0)));
    let table = with_recovery(&world);
    let (before, time_micros) = (items(&world, &table), world.engine.now_micros());
    world.clock.advance_micros(1);
    (0..900).step_by(3).for_each(|at| _ = delete(&table, at));
    (0..900).step_by(7).for_each(|at| _ = put(&table, member(at, 1)));
    (900..1_300).for_each(|at| _ = put(&table, member(at, 1)));
    let mut new = source("r");
    new.settings.restore = Some(Restore::of(None, "arn".to_owned(), 1));
    now(world.engine.restore_to_time(new, &table, time_micros)).unwrap();
    let table = world.engine.table(&scope(), "t").unwrap();
    (0..1_300).step_by(2).for_each(|at| _ = delete(&table, at));
    (1..1_300).step_by(11).for_each(|at| _ = put(&table, member(at, 2)));
    world.finish_jobs();
    let restored = world.engine.table(&scope(), "r").unwrap();
    assert_eq!(restored.settings.restore, None);
    assert!(items(&world, &restored) == before, "the items are others");
    let alike = now(world.engine.create_table(source("alike"))).unwrap();
    before.into_values().for_each(|item| _ = put(&alike, item));
    for at in 0..20 {
        let size = |table: &Arc<Table>| put(table, member(at, 0)).collection.unwrap().size_bytes;
        assert_eq!(size(&restored), size(&alike), "{at}");
    }
    let (restored, alike) = (counted(&world, &restored), counted(&world, &alike));
    assert_eq!((restored.items, restored.indexes[0].entries), (alike.items, alike.indexes[0].entries));
    assert_eq!(rows_of_kind(&world, COPIED), 0, "what was settled is dropped");
}
