//! One order: what belongs together is seen together.

use super::Check;
use super::actions::*;
use crate::contract::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("read_at_one_position visits every key once, with its row", at_one_position),
    ("read_at_one_position sees whole transfers only", transfers),
    ("a plan's row, record, counter and document show together", parts),
];

fn at_one_position(store: &dyn Store) {
    let stamp = put(store, b"1aaaaa", b"A");
    put(store, b"2bbbbb", b"B");
    let mut seen = Vec::new();
    let visit = &mut |index: usize, row: Option<&[u8]>| seen.push((index, row.map(<[u8]>::to_vec)));
    let keys: [&[u8]; 4] = [b"2bbbbb", b"none", b"1aaaaa", b"2bbbbb"];
    let position = store.read_at_one_position(&keys, visit).expect("reads work");
    seen.sort();
    let b = Some(b"B".to_vec());
    assert_eq!(seen, [(0, b.clone()), (1, None), (2, Some(b"A".to_vec())), (3, b)]);
    assert!(position > stamp.position && position <= store.durable().position);
}

const ACCOUNTS: [&[u8]; 5] = [b"t1...a", b"t1...b", b"t2...a", b"t2...b", b"x"];
const TOTAL: u64 = 5_000;

fn transfers(store: &dyn Store) {
    commit(store, rows(ACCOUNTS.iter().map(|key| row(key, &1_000u64.to_be_bytes())).collect()));
    let writing = AtomicBool::new(true);
    thread::scope(|scope| {
        let audit = scope.spawn(|| {
            let mut last = Position(0);
            while writing.load(Ordering::SeqCst) {
                last = audited(store, last);
            }
        });
        let writers = [Locking::Single, Locking::Transaction]
            .map(|locking| scope.spawn(move || (0..200).for_each(|round| transfer(store, round, locking))));
        let writers = writers.map(|writer| writer.join());
        writing.store(false, Ordering::SeqCst);
        audit.join().expect("every audit adds up");
        assert!(writers.iter().all(Result::is_ok), "every transfer ends");
    });
    audited(store, store.durable().position);
}

fn transfer(store: &dyn Store, round: usize, locking: Locking) {
    let keys = [ACCOUNTS[round % 5], ACCOUNTS[(round + 1 + round % 3) % 5]];
    let decide = &mut |old: &OldRows<'_>| {
        let (from, to) = (number(old.get(0)), number(old.get(1)));
        if from == 0 {
            return Decision::Refuse;
        }
        Decision::Commit(rows(vec![
            row(keys[0], &(from - 1).to_be_bytes()),
            row(keys[1], &(to + 1).to_be_bytes()),
        ]))
    };
    // A conflict is as good an outcome as any here.
    store
        .mutate(Mutation { keys: &keys, fences: &[], locking, decide })
        .wait()
        .expect("the store takes writes");
}

fn audited(store: &dyn Store, last: Position) -> Position {
    let mut sum = 0;
    let position =
        store.read_at_one_position(&ACCOUNTS, &mut |_, row| sum += number(row)).expect("reads work");
    assert_eq!(sum, TOTAL, "half a transfer at {position:?}");
    assert!(position >= last, "read at {position:?} after {last:?}");
    position
}

fn parts(store: &dyn Store) {
    let writing = AtomicBool::new(true);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut round = 0;
            while writing.load(Ordering::SeqCst) {
                let values: Vec<u64> = (0..4).map(|step| part(store, (round + step) % 4)).collect();
                assert!(values.is_sorted(), "parts from {round} in the order they were read: {values:?}");
                round = (round + 1) % 4;
            }
        });
        let write = scope.spawn(|| (1..=300).for_each(|value| write_parts(store, value)));
        let written = write.join();
        writing.store(false, Ordering::SeqCst);
        watch.join().expect("parts are seen together");
        written.expect("writes are taken");
    });
}

fn write_parts(store: &dyn Store, value: u64) {
    let bytes = value.to_be_bytes().to_vec();
    let plan = Plan {
        rows: vec![row(b"k", &bytes)],
        feed: vec![(FeedId(1), bytes.clone())],
        counters: vec![(CounterId(1), 1)],
        records: vec![RecordWrite { key: b"k".to_vec(), document: Some(bytes) }],
        raise: Vec::new(),
    };
    commit(store, plan);
}

/// The newest value as one of a plan's four parts shows it.
fn part(store: &dyn Store, which: usize) -> u64 {
    match which {
        0 => number(read(store, b"k").as_deref()),
        1 => tail(store, FeedId(1), Position(0), usize::MAX)
            .0
            .last()
            .map_or(0, |last| number(Some(&last.bytes))),
        2 => store.counter(CounterId(1)).expect("reads work") as u64,
        _ => number(store.record(b"k").expect("reads work").as_deref()),
    }
}
