//! All rows and records, lot by lot in their order: what is there already is passed over, then everything is compared.
//! What is not as it is in the store is replaced, and compared again.

use super::bar::Bar;
use std::collections::BTreeSet;
use std::ops::Bound;
use store::{Consistency, Direction, FeedCursor, FeedId, KeyRange, RangeRead, Store, StoreError, Visit};
use store_embedded::EmbeddedStore;
use store_postgres::filling::{Appended, Entry, Filling};

/// How much there is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) rows: u64,
    pub(super) records: u64,
    /// Lots that were something else before.
    pub(super) replaced: u64,
}

/// A lot ends behind so many bytes or entries.
pub(super) const LOT_BYTES: usize = 1 << 20;
pub(super) const LOT: usize = 1_000;

/// Copies what is not there yet, and compares all of it.
pub(super) fn copy(store: &EmbeddedStore, filling: &Filling) -> Result<Copied, StoreError> {
    let about = store.entries();
    let mut bar = Bar::new("copied", about);
    copy_rows(store, filling, &mut bar)?;
    store.feeds()?.iter().try_for_each(|feed| copy_records(store, filling, *feed, &mut bar))?;
    bar.end();
    let (mut bar, mut copied) = (Bar::new("compared", about), Copied::default());
    compare_rows(store, filling, &mut copied, &mut bar)?;
    for feed in all_feeds(store, filling)? {
        compare_records(store, filling, feed, &mut copied, &mut bar)?;
    }
    bar.end();
    Ok(copied)
}

fn copy_rows(store: &EmbeddedStore, filling: &Filling, bar: &mut Bar) -> Result<(), StoreError> {
    let mut after = filling.last_row()?;
    loop {
        let rows = rows(store, behind(after.as_deref()))?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        filling.put_rows(&rows)?;
        bar.more(rows.len());
        after = Some(last.clone());
    }
}

fn copy_records(
    store: &EmbeddedStore,
    filling: &Filling,
    feed: FeedId,
    bar: &mut Bar,
) -> Result<(), StoreError> {
    let mut after = filling.last_record(feed)?;
    loop {
        let records = records(store, feed, after)?;
        let Some(last) = records.last() else { return Ok(()) };
        filling.append(feed, &records)?;
        bar.more(records.len());
        after = last.at;
    }
}

/// Feeds that have records here or there.
fn all_feeds(store: &EmbeddedStore, filling: &Filling) -> Result<BTreeSet<FeedId>, StoreError> {
    let mut feeds: BTreeSet<FeedId> = store.feeds()?.into_iter().collect();
    let mut next = Some(FeedId(0));
    while let Some(from) = next {
        let found = filling.feed_from(from)?;
        feeds.extend(found);
        next = found.and_then(|feed| feed.0.checked_add(1)).map(FeedId);
    }
    Ok(feeds)
}

fn compare_rows(
    store: &EmbeddedStore,
    filling: &Filling,
    copied: &mut Copied,
    bar: &mut Bar,
) -> Result<(), StoreError> {
    let mut after = None::<Vec<u8>>;
    loop {
        let rows = rows(store, behind(after.as_deref()))?;
        let last = rows.last().map(|(key, _)| key.clone());
        let is_there = || filling.rows(after.as_deref(), rows.len().max(1)).map(|found| found == rows);
        if !is_there()? {
            filling.replace_rows(after.as_deref(), last.as_deref(), &rows)?;
            copied.replaced += 1;
            if !is_there()? {
                return Err(StoreError::Corrupt("rows are not as they were written".to_owned()));
            }
        }
        if last.is_none() {
            return Ok(());
        }
        copied.rows += rows.len() as u64;
        bar.more(rows.len());
        after = last;
    }
}

fn compare_records(
    store: &EmbeddedStore,
    filling: &Filling,
    feed: FeedId,
    copied: &mut Copied,
    bar: &mut Bar,
) -> Result<(), StoreError> {
    let mut after = FeedCursor::START;
    loop {
        let records = records(store, feed, after)?;
        let last = records.last().map(|record| record.at);
        let is_there = || filling.records(feed, after, records.len().max(1)).map(|found| found == records);
        if !is_there()? {
            filling.remove_records(feed, after, last)?;
            filling.append(feed, &records)?;
            copied.replaced += 1;
            if !is_there()? {
                return Err(StoreError::Corrupt(format!("records of {feed:?} are not as they were written")));
            }
        }
        let Some(last) = last else { return Ok(()) };
        copied.records += records.len() as u64;
        bar.more(records.len());
        after = last;
    }
}

fn behind(key: Option<&[u8]>) -> KeyRange<'_> {
    KeyRange { start: key.map_or(Bound::Unbounded, Bound::Excluded), end: Bound::Unbounded }
}

/// A lot of rows from the beginning of a range.
pub(super) fn rows(store: &EmbeddedStore, range: KeyRange<'_>) -> Result<Vec<Entry>, StoreError> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    let visit = &mut |key: &[u8], row: &[u8]| {
        bytes += key.len() + row.len();
        rows.push((key.to_vec(), row.to_vec()));
        if bytes < LOT_BYTES && rows.len() < LOT { Visit::Continue } else { Visit::Stop }
    };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    store.range(RangeRead { range, direction, consistency, rows_expected: LOT }, visit).wait()?;
    Ok(rows)
}

/// A lot of a feed's records behind a place.
pub(super) fn records(
    store: &EmbeddedStore,
    feed: FeedId,
    after: FeedCursor,
) -> Result<Vec<Appended>, StoreError> {
    let (mut records, mut bytes) = (Vec::new(), 0);
    let visit = &mut |record: store::FeedRecord<'_>| {
        bytes += record.bytes.len();
        records.push(Appended {
            at: record.cursor(),
            time_micros: record.stamp.time_micros,
            bytes: record.bytes.to_vec(),
        });
        if bytes < LOT_BYTES { Visit::Continue } else { Visit::Stop }
    };
    store.tail(feed, after, LOT, visit).wait()?;
    Ok(records)
}

#[cfg(test)]
mod tests;
