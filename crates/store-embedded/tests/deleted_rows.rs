//! A range of which little is left holds no thread for as long as it takes to pass over what was deleted.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod common;

use common::{committed, put};
use std::ops::Bound;
use std::path::Path;
use store::wait::wait;
use store::{
    Consistency, Decision, Direction, KeyRange, Locking, Mutation, OldRows, Plan, RangeRead, Reading,
    RowWrite, Store, Visit,
};
use store_embedded::{Durability, EmbeddedStore, Options, Profile};

const DELETED: u32 = 1_000_000;
const IN_A_COMMIT: u32 = 1000;

fn key(number: u32) -> Vec<u8> {
    format!("queue/{number:08}").into_bytes()
}

fn commit(store: &EmbeddedStore, rows: Vec<RowWrite>) {
    let plan = Plan { rows, ..Plan::default() };
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
    let mutation = Mutation { keys: &[b"queue"], fences: &[], locking: Locking::Single, decide };
    assert!(committed(&store.mutate(mutation).wait()));
}

fn open(dir: &Path, profile: Profile) -> EmbeddedStore {
    let options = Options { durability: Durability::Os, profile, ..Options::default() };
    EmbeddedStore::open(dir, options).unwrap()
}

/// A row, very many deletions, and a row.
fn mostly_deleted(dir: &Path, profile: Profile) -> EmbeddedStore {
    let store = open(dir, profile);
    assert!(committed(&put(&store, &key(0), b"first")));
    for number in (1..=DELETED).step_by(IN_A_COMMIT as usize) {
        let deletion = |number| RowWrite { key: key(number), row: None };
        commit(&store, (number..number + IN_A_COMMIT).map(deletion).collect());
    }
    assert!(committed(&put(&store, &key(DELETED + 1), b"last")));
    store
}

/// The keys of the rows, and whether the read gave its thread back before its end.
fn rows(store: &EmbeddedStore, direction: Direction) -> (Vec<Vec<u8>>, bool) {
    let mut keys = Vec::new();
    let visit = &mut |key: &[u8], _: &[u8]| {
        keys.push(key.to_vec());
        Visit::Continue
    };
    let range = KeyRange { start: Bound::Included(b"queue/"), end: Bound::Excluded(b"queue0") };
    let read = RangeRead { range, direction, consistency: Consistency::Strong, rows_expected: 10 };
    let reading = store.range(read, visit);
    let gave_back = matches!(reading, Reading::Waiting(_));
    wait(reading).unwrap();
    (keys, gave_back)
}

fn is_walked_in_steps(store: &EmbeddedStore) {
    let (first, last) = (key(0), key(DELETED + 1));
    assert_eq!(rows(store, Direction::Forward), (vec![first.clone(), last.clone()], true));
    assert_eq!(rows(store, Direction::Reverse), (vec![last, first], true));
}

#[test]
fn deletions_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let profile = Profile { memtable_bytes: [1 << 30; 3], log_file_bytes: 256 << 20, ..Profile::local() };
    is_walked_in_steps(&mostly_deleted(dir.path(), profile));
}

#[test]
fn deletions_in_sorted_files() {
    let dir = tempfile::tempdir().unwrap();
    mostly_deleted(dir.path(), Profile::local()).close().unwrap();
    is_walked_in_steps(&open(dir.path(), Profile::local()));
}

#[test]
fn older_versions_of_one_row() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), Profile::local());
    for number in 0..20_000u32 {
        commit(&store, vec![RowWrite { key: key(7), row: Some(number.to_be_bytes().to_vec()) }]);
    }
    for direction in [Direction::Forward, Direction::Reverse] {
        assert_eq!(rows(&store, direction), (vec![key(7)], true));
    }
}

#[test]
fn a_short_range_is_read_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), Profile::local());
    commit(&store, (0..1000).map(|number| RowWrite { key: key(number), row: Some(vec![7]) }).collect());
    for direction in [Direction::Forward, Direction::Reverse] {
        let (keys, gave_back) = rows(&store, direction);
        assert_eq!((keys.len(), gave_back), (1000, false));
    }
}
