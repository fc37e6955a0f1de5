//! Writers of one key: they wait, or conflict, and lose nothing.

use super::Check;
use super::actions::*;
use std::sync::mpsc;
use std::thread;
use store::*;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("concurrent single writes of one key lose nothing", increments),
    ("single writes of several keys in any order do not block each other for ever", crossing),
    ("a single write conflicts with a transaction and names its keys", single_meets_transaction),
    ("a transaction conflicts with a transaction and names its keys", transaction_meets_transaction),
    ("a transaction conflicts with a single write that is deciding", transaction_meets_single),
    ("keys are free after a transaction, whatever its outcome", freed),
    ("transactions that conflict and try again lose nothing", transactions_retry),
];

const THREADS: u64 = 4;
const ROUNDS: u64 = 100;

fn increments(store: &dyn Store) {
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                (0..ROUNDS).for_each(|_| {
                    committed(increment(store, b"n", Locking::Single));
                })
            });
        }
    });
    assert_eq!(number(read(store, b"n").as_deref()), THREADS * ROUNDS);
}

fn crossing(store: &dyn Store) {
    let orders: [[&[u8]; 3]; 4] =
        [[b"x", b"y", b"z"], [b"z", b"y", b"x"], [b"y", b"x", b"z"], [b"z", b"x", b"y"]];
    thread::scope(|scope| {
        for keys in orders {
            scope.spawn(move || (0..ROUNDS).for_each(|_| add_to_all(store, &keys)));
        }
    });
    assert!([b"x", b"y", b"z"].iter().all(|key| number(read(store, *key).as_deref()) == 4 * ROUNDS));
}

fn add_to_all(store: &dyn Store, keys: &[&[u8]]) {
    let decide = &mut |old: &OldRows<'_>| {
        let write = |(index, key): (usize, &&[u8])| row(key, &(number(old.get(index)) + 1).to_be_bytes());
        Decision::Commit(rows(keys.iter().enumerate().map(write).collect()))
    };
    let outcome = store.mutate(Mutation { keys, fences: &[], locking: Locking::Single, decide }).wait();
    committed(outcome.expect("the store takes writes"));
}

/// The outcome of a write while another is inside its `decide`.
fn meet(store: &dyn Store, holding: (Locking, &[&[u8]]), meeting: (Locking, &[&[u8]])) -> Outcome {
    thread::scope(|scope| {
        let (inside, wait_inside) = mpsc::channel();
        let (answer, wait_answer) = mpsc::channel();
        scope.spawn(move || {
            wait_inside.recv().expect("decide is called");
            answer.send(attempt(store, meeting.1, &[], meeting.0, Plan::default())).ok();
        });
        let mut met = None;
        let leave = &mut met;
        let decide = &mut move |_: &OldRows<'_>| {
            if leave.is_none() {
                inside.send(()).expect("the other writer waits");
                *leave = wait_answer.recv_timeout(PATIENCE).ok();
            }
            Decision::Refuse
        };
        let mutation = Mutation { keys: holding.1, fences: &[], locking: holding.0, decide };
        assert_eq!(store.mutate(mutation).wait(), Ok(Outcome::Refused));
        met.expect("whoever meets a held key is answered at once")
    })
}

fn single_meets_transaction(store: &dyn Store) {
    let holding: (Locking, &[&[u8]]) = (Locking::Transaction, &[b"a", b"b", b"c"]);
    let met = |keys: &[&[u8]]| meet(store, holding, (Locking::Single, keys));
    assert_eq!(met(&[b"a"]), Outcome::Conflict(vec![0]));
    assert_eq!(met(&[b"x", b"c", b"y", b"a"]), Outcome::Conflict(vec![1, 3]));
    committed(met(&[b"x"]));
}

fn transaction_meets_transaction(store: &dyn Store) {
    let holding: (Locking, &[&[u8]]) = (Locking::Transaction, &[b"a", b"b", b"c"]);
    let met = |keys: &[&[u8]]| meet(store, holding, (Locking::Transaction, keys));
    assert_eq!(met(&[b"x", b"b", b"a"]), Outcome::Conflict(vec![1, 2]));
    committed(met(&[b"x", b"y"]));
}

fn transaction_meets_single(store: &dyn Store) {
    let holding: (Locking, &[&[u8]]) = (Locking::Single, &[b"a", b"b"]);
    let met = meet(store, holding, (Locking::Transaction, &[b"x", b"a", b"b"]));
    assert_eq!(met, Outcome::Conflict(vec![1, 2]));
}

fn freed(store: &dyn Store) {
    let stale = [Fence { subject: 1, version: 5 }];
    let transaction =
        |fences: &[Fence]| attempt(store, &[b"k"], fences, Locking::Transaction, Plan::default());
    committed(transaction(&[]));
    assert_eq!(transaction(&stale), Outcome::Fenced);
    let decide = &mut |_: &OldRows<'_>| Decision::Refuse;
    let refused =
        store.mutate(Mutation { keys: &[b"k"], fences: &[], locking: Locking::Transaction, decide });
    assert_eq!(refused.wait(), Ok(Outcome::Refused));
    meet(store, (Locking::Transaction, &[b"other"]), (Locking::Transaction, &[b"k", b"other"]));
    committed(transaction(&[]));
    put(store, b"k", b"v");
}

fn transactions_retry(store: &dyn Store) {
    let one = || while increment(store, b"n", Locking::Transaction) == Outcome::Conflict(vec![0]) {};
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..ROUNDS).for_each(|_| one()));
        }
    });
    assert_eq!(number(read(store, b"n").as_deref()), THREADS * ROUNDS);
}
