//! What has changed in the store since it was copied: written in the order of its commits, as its log has them, then
//! read back and compared with what the store has of it. Both take as long as there are changes, whatever the size of
//! the store.

use super::bar::Bar;
use super::copying::{LOT, LOT_BYTES, records, rows};
use std::collections::BTreeSet;
use std::ops::Bound;
use store::memory::after_prefix;
use store::{Consistency, FeedCursor, FeedId, KeyRange, Position, Store, StoreError};
use store_embedded::{Change, Changes, ChangesError, EmbeddedStore};
use store_postgres::filling::{Entry, Filling, Lot, Progress};

/// How many changes there were; a key that was written twice counts twice.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Followed(pub(super) u64);

/// Why it could not be followed.
#[derive(Debug)]
pub(super) enum NotFollowed {
    /// The log does not have all of it, or what it has does not lead there.
    NotWhole(String),
    /// Something that may pass.
    Failed(String),
}

impl From<StoreError> for NotFollowed {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt(why) => NotFollowed::NotWhole(why),
            other => NotFollowed::Failed(other.to_string()),
        }
    }
}

impl From<ChangesError> for NotFollowed {
    fn from(error: ChangesError) -> Self {
        match error {
            ChangesError::Missing(_) => NotFollowed::NotWhole(error.to_string()),
            ChangesError::Refused(error) => error.into(),
            other => NotFollowed::Failed(other.to_string()),
        }
    }
}

/// Brings the schema to where a store is, whose commits up to `end` are in the log, and compares what has changed.
pub(super) fn follow(
    store: &EmbeddedStore,
    changes: &Changes,
    filling: &Filling,
    end: u64,
) -> Result<Followed, NotFollowed> {
    let Progress { series, written, compared } = filling.progress()?;
    if written > end || compared > written {
        return Err(NotFollowed::NotWhole(format!("{written} commits are written, and there are {end}")));
    }
    write(changes, filling, written, end)?;
    let followed = compare(store, changes, filling, (compared, end))?;
    filling.note(&Progress { series, written: end, compared: end })?;
    changes.forget(end)?;
    Ok(followed)
}

/// A lot that is being put together.
#[derive(Default)]
struct Gathered {
    lot: Lot,
    /// The last commit that something of it is from.
    position: u64,
    size: usize,
    bytes: usize,
}

impl Gathered {
    /// Whether a commit behind it is to be in the next lot.
    fn ends_before(&self, position: u64) -> bool {
        position > self.position && (self.size >= LOT || self.bytes >= LOT_BYTES)
    }

    fn add(&mut self, position: u64, change: Change<'_>) {
        self.position = position;
        self.size += 1;
        match change {
            Change::Put { key, row } => self.row(key, Some(row)),
            Change::Delete { key } => self.row(key, None),
            Change::Append { feed, at, time_micros, bytes } => {
                self.bytes += bytes.len();
                let record = store_postgres::filling::Appended { at, time_micros, bytes: bytes.to_vec() };
                self.lot.records.entry(feed).or_default().push(record);
            }
            Change::Trim { feed, up_to } => {
                let mark = self.lot.trims.entry(feed).or_insert(up_to);
                *mark = up_to.max(*mark);
            }
            Change::Drop { .. } => {}
        }
    }

    fn row(&mut self, key: &[u8], row: Option<&[u8]>) {
        self.bytes += key.len() + row.map_or(0, <[u8]>::len);
        self.lot.rows.insert(key.to_vec(), row.map(<[u8]>::to_vec));
    }
}

fn write(changes: &Changes, filling: &Filling, from: u64, to: u64) -> Result<(), NotFollowed> {
    let (mut gathered, mut bar) = (Gathered::default(), Bar::new("commits followed", to - from));
    let visit = &mut |position: u64, change: Change<'_>| -> Result<(), StoreError> {
        if gathered.ends_before(position) {
            let Gathered { lot, position, .. } = std::mem::take(&mut gathered);
            filling.write(&lot, position)?;
            bar.at(position - from);
        }
        if let Change::Drop { prefix } = change {
            // What was written before it goes with it, what comes behind it stays. Where this ends in between, the
            // commit is written again, from its beginning.
            let Gathered { lot, .. } = std::mem::take(&mut gathered);
            filling.write(&lot, position - 1)?;
            filling.drop_range(prefix)?;
        }
        gathered.add(position, change);
        Ok(())
    };
    changes.read(from, to, visit)?;
    filling.write(&gathered.lot, to)?;
    bar.end();
    Ok(())
}

fn compare(
    store: &EmbeddedStore,
    changes: &Changes,
    filling: &Filling,
    (from, to): (u64, u64),
) -> Result<Followed, NotFollowed> {
    let (mut gathered, mut feeds, mut count) = (Gathered::default(), BTreeSet::new(), 0);
    let mut bar = Bar::new("commits compared", to - from);
    let visit = &mut |position: u64, change: Change<'_>| -> Result<(), StoreError> {
        if gathered.ends_before(position) {
            let Gathered { lot, position, .. } = std::mem::take(&mut gathered);
            compare_rows(store, filling, &lot)?;
            bar.at(position - from);
        }
        match change {
            Change::Drop { prefix } => compare_range(store, filling, prefix)?,
            Change::Append { feed, .. } | Change::Trim { feed, .. } => _ = feeds.insert(feed),
            Change::Put { .. } | Change::Delete { .. } => gathered.add(position, change),
        }
        count += 1;
        Ok(())
    };
    changes.read(from, to, visit)?;
    compare_rows(store, filling, &gathered.lot)?;
    for feed in feeds {
        compare_feed(store, filling, feed, FeedCursor::behind(Position(from.into())))?;
    }
    bar.end();
    Ok(Followed(count))
}

fn compare_rows(store: &EmbeddedStore, filling: &Filling, lot: &Lot) -> Result<(), StoreError> {
    let keys: Vec<&[u8]> = lot.rows.keys().map(Vec::as_slice).collect();
    let mut expected: Vec<Entry> = Vec::new();
    for key in &keys {
        let visit = &mut |row: Option<&[u8]>| expected.extend(row.map(|row| (key.to_vec(), row.to_vec())));
        store.get(key, Consistency::Strong, visit).wait()?;
    }
    same(filling.rows_of(&keys)? == expected, "rows that changed")
}

/// What is there of a range that was dropped: what was written since.
fn compare_range(store: &EmbeddedStore, filling: &Filling, prefix: &[u8]) -> Result<(), StoreError> {
    let end = after_prefix(prefix);
    let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let mut after = None::<Vec<u8>>;
    loop {
        let start = after.as_deref().map_or(Bound::Included(prefix), Bound::Excluded);
        let expected = rows(store, KeyRange { start, end })?;
        let found = filling.rows_in(prefix, after.as_deref(), expected.len().max(1))?;
        same(found == expected, "rows of a table that was deleted")?;
        let Some((last, _)) = expected.last() else { return Ok(()) };
        after = Some(last.clone());
    }
}

/// Its first record, which trimming has changed, and those that were appended.
fn compare_feed(
    store: &EmbeddedStore,
    filling: &Filling,
    feed: FeedId,
    mut after: FeedCursor,
) -> Result<(), StoreError> {
    let (first, found) =
        (records(store, feed, FeedCursor::START)?, filling.records(feed, FeedCursor::START, 1)?);
    same(first.first() == found.first(), "the beginning of a feed")?;
    loop {
        let expected = records(store, feed, after)?;
        let found = filling.records(feed, after, expected.len().max(1))?;
        same(found == expected, "records that were appended")?;
        let Some(last) = expected.last() else { return Ok(()) };
        after = last.at;
    }
}

fn same(is_same: bool, what: &str) -> Result<(), StoreError> {
    if is_same { Ok(()) } else { Err(StoreError::Corrupt(format!("{what} are not as they were written"))) }
}

#[cfg(test)]
mod tests;
