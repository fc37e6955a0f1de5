//! Single writes: rows, plans, outcomes, fences, many at once.

use super::Check;
use super::actions::*;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use store::wait::wait;
use store::*;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("a row is put, read, replaced and deleted", rows_live),
    ("keys and rows may be any bytes of any length", any_bytes),
    ("a plan is all or nothing", plans_are_atomic),
    ("an empty plan commits", empty_plan),
    ("decide sees the old rows in the order of the keys, and its last call counts", decide_sees_old_rows),
    ("decide sees appended rows before they are durable", decide_sees_appended_rows),
    ("a refused mutation writes nothing", refusal),
    ("positions rise and times do not fall", stamps),
    ("a fence of another version refuses", fences),
    ("mutate_each answers in order and takes repeated keys one at a time", each),
    ("a Pending dropped behind its decide does not undo the write", dropped_pending),
    ("an unknown outcome is resolved, and the same each time", unknown),
    ("an unknown drop is resolved", unknown_drop),
    ("an unknown trim is resolved", unknown_trim),
    ("settled resolves when what was appended before is durable, and writes nothing", settled),
    ("a closed store refuses writes", closed),
];

fn rows_live(store: &dyn Store) {
    assert_eq!(read(store, b"k"), None);
    put(store, b"k", b"one");
    assert_eq!(read(store, b"k").as_deref(), Some(&b"one"[..]));
    put(store, b"k", b"two");
    assert_eq!(read(store, b"k").as_deref(), Some(&b"two"[..]));
    commit(store, rows(vec![no_row(b"k")]));
    assert_eq!(read(store, b"k"), None);
    commit(store, rows(vec![no_row(b"k")]));
    put(store, b"k", b"three");
    assert_eq!(read(store, b"k").as_deref(), Some(&b"three"[..]));
}

fn any_bytes(store: &dyn Store) {
    let keys: [&[u8]; 6] = [b"\0", b"\0\0\0\0\0", b"\0\0\0\0\0\0", b"a", &[0xff; 40], &[7; 1_500]];
    let value = vec![0xab; 400_000];
    for (index, key) in keys.iter().enumerate() {
        put(store, key, &value[..index * 80_000]);
    }
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(read(store, key).map(|row| row.len()), Some(index * 80_000), "row of {key:?}");
    }
}

fn plans_are_atomic(store: &dyn Store) {
    put(store, b"1gone", b"x");
    let plan = rows(vec![row(b"2new", b"y"), no_row(b"1gone"), row(b"3other-table", b"z")]);
    commit(store, plan);
    assert_eq!(read(store, b"1gone"), None);
    assert!(read(store, b"2new").is_some() && read(store, b"3other-table").is_some());
}

fn empty_plan(store: &dyn Store) {
    let before = store.durable();
    let stamp = committed(attempt(store, &[b"k"], &[], Locking::Single, Plan::default()));
    assert!(stamp.position > before.position && store.durable().position >= stamp.position);
}

fn decide_sees_old_rows(store: &dyn Store) {
    put(store, b"b", b"B");
    put(store, b"a", b"A");
    let seen = seen_by_decide(store, &[b"b", b"none", b"a"]);
    assert_eq!(seen, [Some(b"B".to_vec()), None, Some(b"A".to_vec())]);

    let mut calls = 0u64;
    let decide = &mut |_: &OldRows<'_>| {
        calls += 1;
        Decision::Commit(rows(vec![row(b"a", &calls.to_be_bytes())]))
    };
    let pending = store.mutate(Mutation { keys: &[b"a"], fences: &[], locking: Locking::Single, decide });
    committed(pending.wait().expect("the store takes writes"));
    assert!(calls >= 1);
    assert_eq!(number(read(store, b"a").as_deref()), calls, "the last call counts");
}

fn decide_sees_appended_rows(store: &dyn Store) {
    let add =
        |old: &OldRows<'_>| Decision::Commit(rows(vec![row(b"n", &(number(old.get(0)) + 1).to_be_bytes())]));
    let mut decides = [add; 200];
    let begin =
        |decide| store.mutate(Mutation { keys: &[b"n"], fences: &[], locking: Locking::Single, decide });
    // None is waited for before the last has begun.
    let pending: Vec<_> = decides.iter_mut().map(|decide| begin(decide as &mut Decide<'_>)).collect();
    for outcome in wait(Pending::all(pending)) {
        committed(outcome.expect("the store takes writes"));
    }
    assert_eq!(number(read(store, b"n").as_deref()), 200);
}

fn refusal(store: &dyn Store) {
    put(store, b"k", b"v");
    let before = store.durable();
    assert_eq!(seen_by_decide(store, &[b"k"]), [Some(b"v".to_vec())]);
    assert_eq!(store.durable(), before);
    put(store, b"k", b"w");
}

fn stamps(store: &dyn Store) {
    let mut last = store.durable();
    for number in 0..50u8 {
        let stamp = put(store, &[number], b"v");
        assert!(stamp.position > last.position, "{stamp:?} after {last:?}");
        assert!(stamp.time_micros >= last.time_micros, "{stamp:?} after {last:?}");
        assert!(store.durable() >= stamp, "acknowledged is durable");
        let newest = store.newest().wait().expect("reads work");
        assert!(newest >= stamp.position, "{newest:?} is before an acknowledged {stamp:?}");
        last = stamp;
    }
}

fn fences(store: &dyn Store) {
    let fence = |version| Fence { subject: 7, version };
    let write =
        |fences: &[Fence]| attempt(store, &[b"k"], fences, Locking::Single, rows(vec![row(b"k", b"v")]));
    assert_eq!(write(&[fence(1)]), Outcome::Fenced);
    assert_eq!(read(store, b"k"), None);
    committed(write(&[fence(0)]));
    commit(store, Plan { raise: vec![fence(2)], ..Plan::default() });
    assert_eq!(write(&[fence(0)]), Outcome::Fenced);
    assert_eq!(write(&[Fence { subject: 8, version: 0 }, fence(1)]), Outcome::Fenced);
    committed(write(&[fence(2), Fence { subject: 8, version: 0 }]));
    committed(write(&[]));
    // A plan that raises the fence it was planned with wins once.
    let raise = || Plan { raise: vec![fence(3)], ..Plan::default() };
    committed(attempt(store, &[b"k"], &[fence(2)], Locking::Transaction, raise()));
    assert_eq!(attempt(store, &[b"k"], &[fence(2)], Locking::Transaction, raise()), Outcome::Fenced);
    let version = || store.fence(7).wait().expect("reads work");
    commit(store, Plan { raise: vec![fence(1)], ..Plan::default() });
    assert_eq!((version(), store.fence(8).wait()), (3, Ok(0)), "a fence is raised, never lowered");
    commit(store, Plan { raise: vec![fence(0)], ..Plan::default() });
    assert_eq!(version(), 0);
    assert_eq!(write(&[fence(3)]), Outcome::Fenced, "of a subject that is forgotten");
    committed(write(&[fence(0)]));
}

fn each(store: &dyn Store) {
    let mut adders = [true, true, true, false].map(|commits| {
        move |old: &OldRows<'_>| {
            let commit = Decision::Commit(rows(vec![row(b"n", &(number(old.get(0)) + 1).to_be_bytes())]));
            if commits { commit } else { Decision::Refuse }
        }
    });
    let fences = [&[][..], &[Fence { subject: 1, version: 9 }], &[], &[]];
    let mut mutations: Vec<Mutation<'_>> = Vec::new();
    for (decide, fences) in adders.iter_mut().zip(fences) {
        mutations.push(Mutation { keys: &[b"n"], fences, locking: Locking::Single, decide });
    }
    let outcomes = wait(Pending::all(store.mutate_each(mutations)));
    assert!(
        matches!(
            outcomes[..],
            [Ok(Outcome::Committed(_)), Ok(Outcome::Fenced), Ok(Outcome::Committed(_)), Ok(Outcome::Refused)]
        ),
        "{outcomes:?}"
    );
    assert_eq!(number(read(store, b"n").as_deref()), 2);
    assert!(store.mutate_each(Vec::new()).is_empty());
}

fn dropped_pending(store: &dyn Store) {
    let decided = AtomicBool::new(false);
    let decide = &mut |_: &OldRows<'_>| {
        decided.store(true, Ordering::SeqCst);
        Decision::Commit(rows(vec![row(b"k", b"v")]))
    };
    let mut pending = store.mutate(Mutation { keys: &[b"k"], fences: &[], locking: Locking::Single, decide });
    wait_for(until(|| decided.load(Ordering::SeqCst), &mut pending), "a decide");
    drop(pending);
    assert_eq!(seen_by_decide(store, &[b"k"]), [Some(b"v".to_vec())]);
    put(store, b"later", b"v");
    assert_eq!(read(store, b"k").as_deref(), Some(&b"v"[..]));
}

/// A store without unknown outcomes passes too.
fn unknown(store: &dyn Store) {
    for number in 0..60u8 {
        let plan = rows(vec![row(&[number], b"v")]);
        let outcome = attempt(store, &[&[number]], &[], Locking::Single, plan);
        if let Outcome::Unknown(commit) = outcome {
            let resolve = || store.resolve(commit).wait().expect("the store resolves what it could not tell");
            let stamp = resolve();
            assert_eq!(read(store, &[number]).is_some(), stamp.is_some());
            assert!(stamp.is_none_or(|stamp| stamp.position <= store.durable().position));
            assert_eq!(resolve(), stamp);
        }
        if wait(resolved(store, outcome)) == Outcome::Fenced {
            assert_eq!(read(store, &[number]), None, "what did not happen does not happen later");
        }
    }
}

fn unknown_drop(store: &dyn Store) {
    for number in 0..60u8 {
        let plan = || rows(vec![row(&[number], b"v")]);
        let put = || attempt(store, &[&[number]], &[], Locking::Single, plan());
        while wait(resolved(store, put())) == Outcome::Fenced {}
        let outcome = store.drop_range(&[number]).wait().expect("the store takes writes");
        let has_happened = wait(resolved(store, outcome)) != Outcome::Fenced;
        assert_eq!(read(store, &[number]).is_none(), has_happened);
    }
}

fn unknown_trim(store: &dyn Store) {
    for feed in (0..60).map(FeedId) {
        let plan = || Plan { feed: vec![(feed, vec![1])], ..Plan::default() };
        while wait(resolved(store, attempt(store, &[], &[], Locking::Single, plan()))) == Outcome::Fenced {}
        let up_to = FeedCursor::behind(store.durable().position);
        let outcome = store.trim(feed, up_to).wait().expect("the store takes writes");
        let has_happened = wait(resolved(store, outcome)) != Outcome::Fenced;
        assert_eq!(tail(store, feed, FeedCursor::START, usize::MAX).0.is_empty(), has_happened);
    }
}

fn settled(store: &dyn Store) {
    let decided = AtomicBool::new(false);
    let decide = &mut |_: &OldRows<'_>| {
        decided.store(true, Ordering::SeqCst);
        Decision::Commit(rows(vec![row(b"k", b"v")]))
    };
    let mut pending = store.mutate(Mutation { keys: &[b"k"], fences: &[], locking: Locking::Single, decide });
    wait_for(until(|| decided.load(Ordering::SeqCst), &mut pending), "a decide");
    assert_eq!(store.settled().wait(), Ok(Outcome::Refused));
    assert_eq!(read(store, b"k").as_deref(), Some(&b"v"[..]));
    let before = store.durable();
    assert_eq!(store.settled().wait(), Ok(Outcome::Refused));
    assert_eq!(store.durable(), before);
}

/// Polls until something holds, or the outcome is there.
async fn until(holds: impl Fn() -> bool, pending: &mut Pending<'_>) {
    std::future::poll_fn(|cx| match holds() || Pin::new(&mut *pending).poll(cx).is_ready() || holds() {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await
}

fn closed(store: &dyn Store) {
    put(store, b"k", b"v");
    assert_eq!(store.health(), Ok(()));
    store.close().expect("a healthy store closes");
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(rows(vec![row(b"k", b"w")]));
    let outcome =
        store.mutate(Mutation { keys: &[b"k"], fences: &[], locking: Locking::Single, decide }).wait();
    assert!(outcome.is_err(), "{outcome:?}");
    assert!(store.health().is_err());
}
