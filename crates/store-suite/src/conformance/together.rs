//! One order: what belongs together is seen together.

use super::Check;
use super::actions::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use store::*;

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
    let position = store.read_at_one_position(&keys, visit).wait().expect("reads work");
    seen.sort();
    let b = Some(b"B".to_vec());
    assert_eq!(seen, [(0, b.clone()), (1, None), (2, Some(b"A".to_vec())), (3, b)]);
    assert!(position > stamp.position && position <= store.durable().position);
}

const ACCOUNTS: [&[u8]; 5] = [b"t1...a", b"t1...b", b"t2...a", b"t2...b", b"x"];
const TOTAL: u64 = 5_000;

fn transfers(store: &dyn Store) {
    commit(store, rows(ACCOUNTS.iter().map(|key| row(key, &1_000u64.to_be_bytes())).collect()));
    let mut last = Position(0);
    let write = |round: u64| {
        let locking = if round.is_multiple_of(2) { Locking::Single } else { Locking::Transaction };
        transfer(store, round as usize / 2, locking);
    };
    watched(2, &write, &mut || last = audited(store, last));
    audited(store, store.durable().position);
}

const WRITES: u64 = 200;
const LOOKS: u64 = 1_000;

/// Writes from some threads while this one looks, until there was enough of both: a fast store would
/// otherwise be done before a reader has looked.
fn watched(writers: u64, write: &(dyn Fn(u64) + Sync), look: &mut dyn FnMut()) {
    let (writes, looking) = (AtomicU64::new(0), AtomicBool::new(true));
    thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| {
                let _ends = Ends(&looking);
                while looking.load(Ordering::SeqCst) {
                    write(writes.fetch_add(1, Ordering::SeqCst));
                }
            });
        }
        let _ends = Ends(&looking);
        let mut looks = 0;
        let enough = |looks| looks >= LOOKS && writes.load(Ordering::SeqCst) >= WRITES;
        while !enough(looks) && looking.load(Ordering::SeqCst) {
            look();
            looks += 1;
        }
    });
}

/// Ends all threads, also when a read or a write panics.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
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
    let visit = &mut |_, row: Option<&[u8]>| sum += number(row);
    let position = store.read_at_one_position(&ACCOUNTS, visit).wait().expect("reads work");
    assert_eq!(sum, TOTAL, "half a transfer at {position:?}");
    assert!(position >= last, "read at {position:?} after {last:?}");
    position
}

fn parts(store: &dyn Store) {
    let (mut round, mut newest) = (0, (FeedCursor::START, 0));
    let watch = &mut || {
        let values: Vec<u64> = (0..4).map(|step| part(store, (round + step) % 4, &mut newest)).collect();
        assert!(values.is_sorted(), "parts from {round} in the order they were read: {values:?}");
        round = (round + 1) % 4;
    };
    watched(1, &|value| write_parts(store, value + 1), watch);
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
fn part(store: &dyn Store, which: usize, newest: &mut (FeedCursor, u64)) -> u64 {
    match which {
        0 => number(read(store, b"k").as_deref()),
        1 => {
            if let Some(last) = tail(store, FeedId(1), newest.0, usize::MAX).0.last() {
                *newest = (last.cursor(), number(Some(&last.bytes)));
            }
            newest.1
        }
        2 => store.counter(CounterId(1)).wait().expect("reads work") as u64,
        _ => number(store.record(b"k").wait().expect("reads work").as_deref()),
    }
}
