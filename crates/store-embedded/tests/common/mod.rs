//! What the tests write and read: rows with a number each.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};
use store::{
    Consistency, Decision, KeyRange, Locking, Mutation, Outcome, Pending, Plan, RangeRead, RowWrite, Store,
    StoreError, Visit,
};

/// Appends one row.
pub fn put_later(store: &dyn Store, key: &[u8], row: Option<&[u8]>) -> Later {
    let keys = [key];
    let write = RowWrite { key: key.to_vec(), row: row.map(<[u8]>::to_vec) };
    let plan = Plan { rows: vec![write], ..Plan::default() };
    let decide = &mut |_: &store::OldRows<'_>| Decision::Commit(plan.clone());
    match store.mutate(Mutation { keys: &keys, fences: &[], locking: Locking::Single, decide }) {
        Pending::Waiting(outcome) => Later(Pending::Waiting(outcome)),
        known => Later(Pending::ready(known.wait())),
    }
}

/// A write under way.
pub struct Later(Pending<'static>);

impl Later {
    /// Its outcome.
    pub fn wait(self) -> Result<Outcome, StoreError> {
        self.0.wait()
    }
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
    let visit = &mut |row: Option<&[u8]>| found = row.map(<[u8]>::to_vec);
    store.get(key, Consistency::Strong, visit).wait().unwrap();
    found
}

/// Rows with a prefix.
pub fn count(store: &dyn Store, prefix: &[u8]) -> usize {
    let mut count = 0;
    let range = KeyRange { start: std::ops::Bound::Included(prefix), end: std::ops::Bound::Unbounded };
    let visit = &mut |key: &[u8], _: &[u8]| {
        if !key.starts_with(prefix) {
            return Visit::Stop;
        }
        count += 1;
        Visit::Continue
    };
    let (direction, consistency) = (store::Direction::Forward, Consistency::Strong);
    let read = RangeRead { range, direction, consistency, rows_expected: usize::MAX };
    store.range(read, visit).wait().unwrap();
    count
}

/// A copy of a folder in use, as it was at one moment: made again until no file came, went or was written meanwhile.
pub fn image(of: &Path) -> tempfile::TempDir {
    loop {
        let (image, before) = (tempfile::tempdir().unwrap(), files(of));
        let copied = try_copy(of, image.path());
        if before.is_ok_and(|before| files(of).is_ok_and(|after| after == before)) {
            copied.unwrap();
            return image;
        }
    }
}

type Files = BTreeMap<PathBuf, (u64, SystemTime)>;

/// The files of a folder, and of the folders in it, with their sizes and the times they were written at.
fn files(of: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    for entry in fs::read_dir(of)? {
        let (path, metadata) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        match metadata.is_dir() {
            true => files.extend(self::files(&path)?),
            false => drop(files.insert(path, (metadata.len(), metadata.modified()?))),
        }
    }
    Ok(files)
}

/// Copies a folder that is not in use.
pub fn copy(from: &Path, to: &Path) {
    try_copy(from, to).unwrap();
}

fn try_copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => try_copy(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}
