//! What the checks do to a store, in one line each.

use std::future::Future;
use std::ops::Bound;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;
use store::wait::wait;
use store::*;

/// How long something may take that should happen at once. Shorter in tests of the suite itself, which wait
/// for it to be over.
pub(super) const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 3 } else { 10 });

pub(super) fn row(key: &[u8], row: &[u8]) -> RowWrite {
    RowWrite { key: key.to_vec(), row: Some(row.to_vec()) }
}

pub(super) fn no_row(key: &[u8]) -> RowWrite {
    RowWrite { key: key.to_vec(), row: None }
}

pub(super) fn rows(rows: Vec<RowWrite>) -> Plan {
    Plan { rows, ..Plan::default() }
}

/// One mutation that writes `plan` whatever it finds.
pub(super) fn attempt(
    store: &dyn Store,
    keys: &[&[u8]],
    fences: &[Fence],
    locking: Locking,
    plan: Plan,
) -> Outcome {
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
    store.mutate(Mutation { keys, fences, locking, decide }).wait().expect("the store takes writes")
}

pub(super) fn committed(outcome: Outcome) -> Stamp {
    match outcome {
        Outcome::Committed(stamp) => stamp,
        other => panic!("expected a commit, got {other:?}"),
    }
}

pub(super) fn commit(store: &dyn Store, plan: Plan) -> Stamp {
    let keys: Vec<Vec<u8>> = plan.rows.iter().map(|row| row.key.clone()).collect();
    let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    committed(attempt(store, &keys, &[], Locking::Single, plan))
}

pub(super) fn put(store: &dyn Store, key: &[u8], value: &[u8]) -> Stamp {
    commit(store, rows(vec![row(key, value)]))
}

/// What `decide` finds, without writing anything.
pub(super) fn seen_by_decide(store: &dyn Store, keys: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
    let mut seen = Vec::new();
    let decide = &mut |old: &OldRows<'_>| {
        seen = (0..keys.len()).map(|index| old.get(index).map(<[u8]>::to_vec)).collect();
        Decision::Refuse
    };
    let outcome = store.mutate(Mutation { keys, fences: &[], locking: Locking::Single, decide }).wait();
    assert_eq!(outcome, Ok(Outcome::Refused));
    seen
}

pub(super) fn read(store: &dyn Store, key: &[u8]) -> Option<Vec<u8>> {
    let mut calls = 0;
    let mut found = None;
    let visit = &mut |row: Option<&[u8]>| {
        calls += 1;
        found = row.map(<[u8]>::to_vec);
    };
    store.get(key, Consistency::Strong, visit).wait().expect("reads work");
    assert_eq!(calls, 1, "get visits once, row or no row");
    found
}

pub(super) fn range(
    store: &dyn Store,
    range: KeyRange<'_>,
    direction: Direction,
    visit: &mut VisitEntry<'_>,
) {
    let (consistency, rows_expected) = (Consistency::Strong, usize::MAX);
    let read = RangeRead { range, direction, consistency, rows_expected };
    store.range(read, visit).wait().expect("reads work");
}

pub(super) fn scan(
    store: &dyn Store,
    start: Bound<&[u8]>,
    end: Bound<&[u8]>,
    direction: Direction,
) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    let visit = &mut |key: &[u8], _: &[u8]| {
        keys.push(key.to_vec());
        Visit::Continue
    };
    range(store, KeyRange { start, end }, direction, visit);
    keys
}

pub(super) fn number(row: Option<&[u8]>) -> u64 {
    row.map_or(0, |row| u64::from_be_bytes(row.try_into().expect("these rows are numbers of eight bytes")))
}

/// Adds one to the number under `key`.
pub(super) fn increment(store: &dyn Store, key: &[u8], locking: Locking) -> Outcome {
    let decide = &mut |old: &OldRows<'_>| {
        Decision::Commit(rows(vec![row(key, &(number(old.get(0)) + 1).to_be_bytes())]))
    };
    store
        .mutate(Mutation { keys: &[key], fences: &[], locking, decide })
        .wait()
        .expect("the store takes writes")
}

/// A feed's records behind a cursor, and `safe_until`.
pub(super) fn tail(
    store: &dyn Store,
    feed: FeedId,
    after: FeedCursor,
    limit: usize,
) -> (Vec<Recorded>, Position) {
    let mut records = Vec::new();
    let visit = &mut |record: FeedRecord<'_>| {
        records.push(Recorded { stamp: record.stamp, index: record.index, bytes: record.bytes.to_vec() });
        Visit::Continue
    };
    let safe_until = store.tail(feed, after, limit, visit).wait().expect("reads work");
    (records, safe_until)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) stamp: Stamp,
    pub(super) index: u32,
    pub(super) bytes: Vec<u8>,
}

impl Recorded {
    pub(super) fn cursor(&self) -> FeedCursor {
        FeedCursor { position: self.stamp.position, index: self.index }
    }
}

/// Whether the future is already resolved.
pub(super) fn is_ready(future: impl Future) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// Waits for a future that must be woken up before long: beside a thread that gives up.
pub(super) fn wait_for(future: impl Future, what: &str) {
    let (done, is_done) = mpsc::channel();
    let late = tokio::sync::Notify::new();
    thread::scope(|scope| {
        let late = &late;
        scope.spawn(move || {
            if is_done.recv_timeout(PATIENCE).is_err() {
                late.notify_one();
            }
        });
        let mut future = pin!(future);
        let mut gave_up = pin!(late.notified());
        let woken = wait(std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending => gave_up.as_mut().poll(cx).map(|()| false),
        }));
        done.send(()).ok();
        assert!(woken, "{what} was never woken");
    });
}
