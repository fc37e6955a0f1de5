//! What the tests write and read: rows with a number each.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::Path;
use store::{
    Decision, KeyRange, Locking, Mutation, Outcome, Pending, Plan, RowWrite, Store, StoreError, Visit,
};

/// Appends one row.
pub fn put_later(store: &dyn Store, key: &[u8], row: Option<&[u8]>) -> Pending {
    let keys = [key];
    let write = RowWrite { key: key.to_vec(), row: row.map(<[u8]>::to_vec) };
    let mut plan = Some(Plan { rows: vec![write], ..Plan::default() });
    let decide = &mut |_: &store::OldRows<'_>| Decision::Commit(plan.take().unwrap());
    store.mutate(Mutation { keys: &keys, fences: &[], locking: Locking::Single, decide })
}

/// Writes one row.
pub fn put(store: &dyn Store, key: &[u8], row: &[u8]) -> Result<Outcome, StoreError> {
    put_later(store, key, Some(row)).wait()
}

/// Whether the outcome is that of a commit.
pub fn committed(outcome: &Result<Outcome, StoreError>) -> bool {
    matches!(outcome, Ok(Outcome::Committed(_)))
}

/// The row of a key.
pub fn row(store: &dyn Store, key: &[u8]) -> Option<Vec<u8>> {
    let mut found = None;
    store.get(key, &mut |row| found = row.map(<[u8]>::to_vec)).unwrap();
    found
}

/// Rows with a prefix.
pub fn count(store: &dyn Store, prefix: &[u8]) -> usize {
    let mut count = 0;
    let range = KeyRange { start: std::ops::Bound::Included(prefix), end: std::ops::Bound::Unbounded };
    store
        .range(range, store::Direction::Forward, &mut |key, _| {
            if !key.starts_with(prefix) {
                return Visit::Stop;
            }
            count += 1;
            Visit::Continue
        })
        .unwrap();
    count
}

/// Copies a folder as it is, in use or not.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}
