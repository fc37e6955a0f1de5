//! Transactions: all or nothing, every reason, tokens, conflicts.

use crate::fixture::*;
use crate::full_store::FullStore;
use engine::{
    Engine, ItemKey, Refusal, Table, TransactError, TransactGet, TransactOperation, TransactReason,
    TransactToken, Write, WriteError,
};
use expr::{Action, Change, Comparator, Condition, Operand, Path, Update};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use stdx::Random;
use stdx::limits::IDEMPOTENCY_WINDOW_MICROS;
use store::{Decision, Locking, Mutation, Outcome, Store};
use types::{Item, ValueBuf, ValueRef};

fn account(name: &str, balance: i64) -> Item {
    item(&[("pk", s(name)), ("sk", n(0)), ("balance", n(balance)), ("r", s("r"))])
}

fn put(world: &World, table: &Arc<Table>, item: Item) {
    now(world.engine.write(table, &Write::put(table, item).unwrap())).unwrap();
}

fn add(table: &Arc<Table>, name: &str, amount: i64) -> (Arc<Table>, Write) {
    let change = Change::Add(ValueBuf::from(&n(amount)));
    let update = Update::from_attribute_updates(vec![Action { path: Path::top_level("balance"), change }]);
    let enough = Condition::Compare {
        comparator: Comparator::Ge,
        left: Operand::Path(Path::top_level("balance")),
        right: Operand::Value(ValueBuf::from(&n((-amount).max(0)))),
    };
    let write = Write::update(table, key(name, 0), Some(update)).unwrap();
    (table.clone(), write.with_condition(Some(enough)).returning_old_on_failure(true))
}

fn balance(item: &Item) -> i64 {
    match item.get("balance") {
        Some(ValueRef::N(number)) => number.to_string().parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn token(fingerprint: u8) -> TransactToken {
    TransactToken {
        scope: "000000000000".into(),
        operation: TransactOperation::TransactWriteItems,
        token: "token".into(),
        fingerprint: [fingerprint; 32],
    }
}

#[test]
fn all_or_nothing_with_every_reason() {
    let world = World::new();
    let table = things(&world);
    put(&world, &table, account("a", 10));
    put(&world, &table, account("b", 10));
    let bad = Write::put(&table, item(&[("pk", s("x")), ("sk", n(0)), ("g", n(1))])).unwrap();
    let actions = [add(&table, "b", 5), add(&table, "a", -11), (table.clone(), bad), add(&table, "c", -1)];
    let Err(TransactError::Cancelled(reasons)) = now(world.engine.transact_write(&actions, None)) else {
        panic!("it cannot be done")
    };
    assert_eq!(reasons[0], None);
    let old = account("a", 10);
    let old_size_bytes = old.size_bytes();
    let failed =
        |old, old_size_bytes| Some(TransactReason::Refused(Refusal::ConditionFailed { old, old_size_bytes }));
    assert_eq!(reasons[1], failed(Some(old), old_size_bytes));
    assert!(matches!(reasons[2], Some(TransactReason::Refused(Refusal::IndexKey(_)))));
    assert_eq!(reasons[3], failed(None, 0));
    assert_eq!(get(&world, &table, &key("b", 0)), Some(account("b", 10)));

    let done = now(world.engine.transact_write(&[add(&table, "b", 5), add(&table, "a", -5)], None)).unwrap();
    assert!(!done.replayed && done.actions.len() == 2);
    assert_eq!(get(&world, &table, &key("b", 0)).map(|item| balance(&item)), Some(15));
    let twice = [add(&table, "b", 5), add(&table, "a", 1), add(&table, "b", 5)];
    assert_eq!(now(world.engine.transact_write(&twice, None)), Err(TransactError::SameItem(0, 2)));
}

#[test]
fn a_token_makes_repeating_harmless() {
    let world = World::new();
    let table = things(&world);
    put(&world, &table, account("a", 10));
    let actions = [add(&table, "a", 1)];
    let transact = |fingerprint| now(world.engine.transact_write(&actions, Some(&token(fingerprint))));
    let value = || balance(&get(&world, &table, &key("a", 0)).unwrap());

    let first = transact(1).unwrap();
    let again = transact(1).unwrap();
    assert!(!first.replayed && again.replayed);
    assert_eq!(again.actions[0].new_size_bytes, first.actions[0].new_size_bytes);
    assert_eq!(transact(2), Err(TransactError::TokenMismatch));
    assert_eq!(value(), 11);
    let mut other = token(2);
    other.operation = TransactOperation::ExecuteTransaction;
    now(world.engine.transact_write(&actions, Some(&other))).unwrap();
    assert_eq!(value(), 12);
    world.clock.advance_micros(IDEMPOTENCY_WINDOW_MICROS);
    assert!(!transact(2).unwrap().replayed);
    assert_eq!(value(), 13);
}

#[test]
fn a_failed_transaction_is_not_remembered_and_old_tokens_go() {
    use std::ops::Bound;
    use store::{Direction, KeyRange, Visit};
    let world = World::new();
    let table = things(&world);
    let fails = [add(&table, "a", -1)];
    assert!(now(world.engine.transact_write(&fails, Some(&token(1)))).is_err());
    put(&world, &table, account("a", 10));
    assert!(!now(world.engine.transact_write(&fails, Some(&token(1)))).unwrap().replayed);

    let tokens = || {
        let mut tokens = 0;
        let range = KeyRange { start: Bound::Included(&[2][..]), end: Bound::Excluded(&[3][..]) };
        let mut visit = |_: &[u8], _: &[u8]| {
            tokens += 1;
            Visit::Continue
        };
        let (direction, consistency) = (Direction::Forward, store::Consistency::Strong);
        let read = store::RangeRead { range, direction, consistency, rows_expected: 10 };
        world.store.range(read, &mut visit).wait().unwrap();
        tokens
    };
    for at in 0..600 {
        let token = TransactToken { token: at.to_string(), ..token(1) };
        now(world.engine.transact_write(&[add(&table, "a", 1)], Some(&token))).unwrap();
    }
    assert_eq!(tokens(), 601);
    world.clock.advance_micros(IDEMPOTENCY_WINDOW_MICROS);
    let last = TransactToken { token: "last".into(), ..token(1) };
    now(world.engine.transact_write(&[add(&table, "a", 1)], Some(&last))).unwrap();
    world.engine.wait_for_jobs();
    assert_eq!(tokens(), 1);
}

#[test]
fn expired_tokens_go_in_few_syncs_and_by_themselves() {
    let world = World::new();
    let table = things(&world);
    let store = FullStore::over(&world.store);
    for at in 0..5_000 {
        let token = TransactToken { token: at.to_string(), ..token(1) };
        let write = Write::put(&table, account(&at.to_string(), 0)).unwrap();
        now(world.engine.transact_write(&[(table.clone(), write)], Some(&token))).unwrap();
    }
    let engine = Engine::open(store.clone(), world.clock.clone(), Random::from_seed(2)).unwrap();
    engine.wait_for_jobs();
    let before = store.syncs.load(Ordering::SeqCst);
    world.clock.advance_micros(IDEMPOTENCY_WINDOW_MICROS);
    engine.wait_for_jobs();
    let syncs = store.syncs.load(Ordering::SeqCst) - before;
    assert!((1..50).contains(&syncs), "{syncs}");
    assert_eq!(engine.job_progress(), Vec::new(), "nothing is left to come back for");
}

#[test]
fn several_items_of_one_collection_add_up() {
    let world = World::new();
    let table = things(&world);
    let entry = |at| item(&[("pk", s("a")), ("sk", n(at)), ("r", s("r"))]);
    let actions: Vec<_> = (0..3).map(|at| (table.clone(), Write::put(&table, entry(at)).unwrap())).collect();
    now(world.engine.transact_write(&actions, None)).unwrap();
    let delete = |at| (table.clone(), Write::delete(&table, key("a", at)).unwrap());
    now(world.engine.transact_write(&[delete(0), delete(1)], None)).unwrap();
    let last = now(world.engine.write(&table, &delete(2).1)).unwrap();
    assert_eq!(last.collection.unwrap().size_bytes, 0);
}

/// Runs something while a transaction holds these rows.
pub fn while_held(world: &World, keys: &[&[u8]], mut inside: impl FnMut() + Send) {
    let outcome = world
        .store
        .mutate(Mutation {
            keys,
            fences: &[],
            locking: Locking::Transaction,
            decide: &mut |_| {
                inside();
                Decision::Refuse
            },
        })
        .wait();
    assert_eq!(outcome, Ok(Outcome::Refused));
}

#[test]
fn whoever_meets_a_transaction_is_told_where() {
    let world = World::new();
    let table = things(&world);
    for name in ["a", "b", "c"] {
        put(&world, &table, account(name, 10));
    }
    let held = ItemKey::exact(&table, &key("b", 0)).unwrap();
    while_held(&world, &[held.as_bytes()], || {
        let single = now(world.engine.write(&table, &add(&table, "b", 1).1));
        assert_eq!(single.map(|_| ()), Err(WriteError::TransactionConflict));
        let actions = [add(&table, "a", 1), add(&table, "b", 1), add(&table, "c", 1)];
        let reasons = vec![None, Some(TransactReason::Conflict), None];
        let cancelled = Err(TransactError::Cancelled(reasons));
        assert_eq!(now(world.engine.transact_write(&actions, Some(&token(1)))), cancelled);
        assert_eq!(get(&world, &table, &key("b", 0)), Some(account("b", 10)));
        now(world.engine.write(&table, &add(&table, "a", 1).1)).unwrap();
    });
    now(world.engine.transact_write(&[add(&table, "b", 1)], Some(&token(1)))).unwrap();
}

#[test]
fn a_token_in_use_is_in_progress_and_a_collection_in_use_a_conflict() {
    let world = World::new();
    let table = things(&world);
    put(&world, &table, account("a", 10));
    let token_key = [&[2, 12][..], b"000000000000", &[1], b"token"].concat();
    let actions = [add(&table, "a", 1)];
    let transact = || now(world.engine.transact_write(&actions, Some(&token(1))));
    while_held(&world, &[&token_key], || assert_eq!(transact(), Err(TransactError::InProgress)));
    let item = ItemKey::exact(&table, &key("a", 0)).unwrap();
    let collection = [&[3][..], &item.as_bytes()[1..5], &item.as_bytes()[7..23]].concat();
    let cancelled = TransactError::Cancelled(vec![Some(TransactReason::Conflict)]);
    // Whoever writes other items of a collection is waited for, for some time.
    while_held(&world, &[&collection], || {
        std::thread::scope(|scope| {
            let waiting = scope.spawn(transact);
            while !waiting.is_finished() {
                world.clock.advance_micros(1_000_000);
                std::thread::yield_now();
            }
            assert_eq!(waiting.join().unwrap(), Err(cancelled.clone()));
        });
    });
    assert!(transact().is_ok());
}

#[test]
fn items_of_one_collection_do_not_disturb_each_other() {
    let world = World::new();
    let table = things(&world);
    let own = |sort: i64| item(&[("pk", s("shared")), ("sk", n(sort)), ("r", s("r"))]);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (world, table, own) = (&world, &table, &own);
            scope.spawn(move || {
                for _ in 0..300 {
                    let write = Write::put(table, own(thread)).unwrap();
                    match thread % 2 {
                        0 => drop(now(world.engine.write(table, &write)).unwrap()),
                        _ => drop(now(world.engine.transact_write(&[(table.clone(), write)], None)).unwrap()),
                    }
                }
            });
        }
    });
}

#[test]
fn money_is_neither_made_nor_lost() {
    const ACCOUNTS: usize = 6;
    const TOTAL: i64 = ACCOUNTS as i64 * 100;
    let world = World::new();
    let table = things(&world);
    let name = |at: usize| format!("account-{at}");
    (0..ACCOUNTS).for_each(|at| put(&world, &table, account(&name(at), 100)));
    let (done, conflicts) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let transfer = |random: &stdx::Random| {
        let from = random.next_u64() as usize % ACCOUNTS;
        let to = (from + 1 + random.next_u64() as usize % (ACCOUNTS - 1)) % ACCOUNTS;
        let amount = (random.next_u64() % 40) as i64;
        let actions = [add(&table, &name(from), -amount), add(&table, &name(to), amount)];
        match now(world.engine.transact_write(&actions, None)) {
            Ok(_) => done.fetch_add(1, Ordering::Relaxed),
            Err(TransactError::Cancelled(reasons)) => {
                let conflict = reasons.contains(&Some(TransactReason::Conflict));
                conflicts.fetch_add(usize::from(conflict), Ordering::Relaxed)
            }
            Err(error) => panic!("{error:?}"),
        };
    };
    let touch = |random: &stdx::Random| {
        let at = random.next_u64() as usize % ACCOUNTS;
        match now(world.engine.write(&table, &add(&table, &name(at), 0).1)) {
            Ok(_) | Err(WriteError::TransactionConflict) => {}
            Err(error) => panic!("{error:?}"),
        }
    };
    let audit = || {
        let gets: Vec<_> = (0..ACCOUNTS)
            .map(|at| TransactGet {
                table: table.clone(),
                key: ItemKey::exact(&table, &key(&name(at), 0)).unwrap(),
                projection: None,
            })
            .collect();
        let found = now(world.engine.transact_get(&gets)).unwrap();
        assert_eq!(found.iter().map(|found| balance(&found.as_ref().unwrap().item)).sum::<i64>(), TOTAL);
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (transfer, touch, audit) = (&transfer, &touch, &audit);
            scope.spawn(move || {
                let random = stdx::Random::from_seed(thread);
                for _ in 0..400 {
                    match thread {
                        0 => audit(),
                        1 => touch(&random),
                        _ => transfer(&random),
                    }
                }
            });
        }
    });
    audit();
    assert!(done.into_inner() > 0);
}

#[test]
fn reads_of_a_transaction_say_what_is_missing() {
    let world = World::new();
    let table = things(&world);
    put(&world, &table, account("a", 10));
    let get = |name| TransactGet {
        table: table.clone(),
        key: ItemKey::exact(&table, &key(name, 0)).unwrap(),
        projection: None,
    };
    let found = now(world.engine.transact_get(&[get("x"), get("a")])).unwrap();
    assert_eq!(found[0], None);
    assert_eq!(found[1].as_ref().map(|found| found.item.clone()), Some(account("a", 10)));
}
