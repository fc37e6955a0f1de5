//! Two stores over one database, as two servers have them.

use super::{commit, get, open, options, put};
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;
use store::contract::*;
use store::wait::wait;
use store_postgres::PostgresStore;
use store_postgres::test_server::TestServer;

fn two() -> Option<[Arc<PostgresStore>; 2]> {
    let options = options(TestServer::shared()?);
    Some([open(&options), open(&options)])
}

#[test]
fn each_sees_what_the_other_has_committed() {
    let Some([one, other]) = two() else { return };
    let Outcome::Committed(stamp) = put(&*one, b"k", b"1") else { panic!("nothing was in the way") };
    assert!(wait(other.newest()).unwrap() >= stamp.position, "it need not have heard of it");
    assert_eq!(get(&*other, b"k").as_deref(), Some(&b"1"[..]));
    let raise = Plan { raise: vec![Fence { subject: 7, version: 2 }], ..Plan::default() };
    commit(&*one, &[], &raise);
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(Plan::default());
    let fences = [Fence { subject: 7, version: 1 }];
    let mutation = Mutation { keys: &[b"k"], fences: &fences, locking: Locking::Single, decide };
    assert_eq!(other.mutate(mutation).wait(), Ok(Outcome::Fenced));
}

/// The outcome of a write at one store while another is inside its `decide` at the other.
fn meeting(stores: &[Arc<PostgresStore>; 2], holding: Locking, met: Locking) -> Outcome {
    let [one, other] = stores;
    thread::scope(|scope| {
        let (inside, is_inside) = mpsc::channel();
        let (answer, answered) = mpsc::channel::<Outcome>();
        scope.spawn(move || {
            is_inside.recv().unwrap();
            let decide = &mut |_: &OldRows<'_>| Decision::Commit(Plan::default());
            let keys: [&[u8]; 2] = [b"free", b"k"];
            let outcome = other.mutate(Mutation { keys: &keys, fences: &[], locking: met, decide }).wait();
            answer.send(outcome.unwrap()).unwrap();
        });
        let mut outcome = None;
        let leave = &mut outcome;
        let decide = &mut move |_: &OldRows<'_>| {
            if leave.is_none() {
                inside.send(()).unwrap();
                *leave = Some(answered.recv().unwrap());
            }
            Decision::Refuse
        };
        one.mutate(Mutation { keys: &[b"k"], fences: &[], locking: holding, decide }).wait().unwrap();
        outcome.unwrap()
    })
}

#[test]
fn transactions_of_two_servers_conflict_and_name_their_keys() {
    let Some(stores) = two() else { return };
    for (holding, met) in [
        (Locking::Transaction, Locking::Transaction),
        (Locking::Transaction, Locking::Single),
        (Locking::Single, Locking::Transaction),
    ] {
        assert_eq!(meeting(&stores, holding, met), Outcome::Conflict(vec![1]), "{holding:?}, {met:?}");
    }
}

#[test]
fn increments_at_both_lose_nothing() {
    let Some(stores) = two() else { return };
    const ROUNDS: u64 = 50;
    let number = |row: Option<&[u8]>| row.map_or(0, |row| u64::from_be_bytes(row.try_into().unwrap()));
    thread::scope(|scope| {
        for store in stores.iter().chain(&stores) {
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    let decide = &mut |old: &OldRows<'_>| {
                        let next = (number(old.get(0)) + 1).to_be_bytes();
                        let counters = vec![(CounterId(3), 1)];
                        Decision::Commit(Plan {
                            rows: vec![super::row(b"n", &next)],
                            counters,
                            ..Plan::default()
                        })
                    };
                    let mutation = Mutation { keys: &[b"n"], fences: &[], locking: Locking::Single, decide };
                    assert!(matches!(store.mutate(mutation).wait(), Ok(Outcome::Committed(_))));
                }
            });
        }
    });
    let [one, other] = &stores;
    assert_eq!(number(get(&**one, b"n").as_deref()), 4 * ROUNDS);
    assert_eq!(other.counter(CounterId(3)).wait(), Ok(4 * ROUNDS as i64));
}

#[test]
fn a_reader_at_one_is_woken_by_a_record_of_the_other() {
    let Some([one, other]) = two() else { return };
    let feed = FeedId(5);
    let mut changed = pin!(other.changed(feed, FeedCursor::START));
    assert!(changed.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let outcome = commit(&*one, &[], &Plan { feed: vec![(feed, b"r".to_vec())], ..Plan::default() });
    let Outcome::Committed(stamp) = outcome else { panic!("{outcome:?}") };
    wait(changed);
    let mut seen = Vec::new();
    let visit = &mut |record: FeedRecord<'_>| {
        seen.push((record.stamp, record.bytes.to_vec()));
        Visit::Continue
    };
    let safe_until = other.tail(feed, FeedCursor::START, 10, visit).wait().unwrap();
    assert_eq!(seen, [(stamp, b"r".to_vec())]);
    assert!(safe_until >= stamp.position);
}

#[test]
fn a_watch_at_one_tells_of_documents_of_the_other() {
    let Some([one, other]) = two() else { return };
    let watch = other.watch(b"a");
    let document = |key: &[u8]| RecordWrite { key: key.to_vec(), document: Some(b"{}".to_vec()) };
    let records = vec![document(b"a1"), document(b"b1")];
    commit(&*one, &[], &Plan { records, ..Plan::default() });
    wait(watch.changed(0));
    assert_eq!(watch.take(), Changed::Keys([b"a1".to_vec()].into()));
    let many = (0..1_000u32).map(|n| document(&[b"a", &n.to_be_bytes()[..]].concat())).collect();
    let seen = watch.version();
    commit(&*one, &[], &Plan { records: many, ..Plan::default() });
    wait(watch.changed(seen));
    assert_eq!(watch.take(), Changed::Any);
}

#[test]
fn a_polled_reader_is_not_woken_by_another_feed() {
    let Some([one, _]) = two() else { return };
    let mut changed = pin!(one.changed(FeedId(1), FeedCursor::START));
    commit(&*one, &[], &Plan { feed: vec![(FeedId(2), b"r".to_vec())], ..Plan::default() });
    assert_eq!(changed.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
}
