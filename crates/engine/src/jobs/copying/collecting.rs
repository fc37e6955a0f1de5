//! Collecting what has changed between two times. First the feed is read from the one to the other: of each item that
//! is met, what it was before its first change, and when it was changed last. Then each of these gets the item as it
//! is, and what has changed since the later time is taken back, as with every copy.

use super::{Copied, Copying, RECORDS_BYTES_MAX, RECORDS_MAX, Since, Stage};
use crate::backup::CopiedChange;
use crate::feed::{Boundary, ChangeRecord};
use crate::keys::{HASH_AT, ItemKey, index_prefix, successor};
use crate::row::{RowFault, RowRef};
use crate::table::Table;
use std::collections::BTreeMap;
use std::ops::Bound;
use store::wait::wait;
use store::{
    Consistency, Direction, FeedCursor, FeedRecord, KeyRange, Position, RangeRead, RowWrite, Store,
    StoreError, Visit, place_at,
};
use types::Item;

/// Bytes of rows after which a lot that gets the items as they are ends.
const LOT_BYTES: usize = 1 << 20;

/// Changes by the keys of their items behind the prefix of the copy.
type Changes = BTreeMap<Vec<u8>, CopiedChange>;

/// A change with its row.
type Known = (Vec<u8>, CopiedChange);

/// Changes by the same keys, and the key of the last one's row.
type Lot = (BTreeMap<Vec<u8>, Known>, Option<Vec<u8>>);

impl Copying {
    /// Reads a stretch of the feed between the two times.
    pub(super) fn collect(
        &mut self,
        store: &dyn Store,
        read: FeedCursor,
        until: Position,
    ) -> Result<Copied, StoreError> {
        let Since::Changes { from_micros, to_micros } = self.since else {
            return Err(StoreError::Corrupt("a copy of items collects changes".to_owned()));
        };
        if until.0 == 0 {
            let from = wait(place_at(store, self.table.feed_id(), from_micros))?;
            // What is committed later is of a later time.
            let until = store.newest().wait()?.0.max(1);
            self.stage = Stage::Collecting { position: from.position.0, index: from.index, until };
            return Ok(Copied::Some(Vec::new()));
        }
        let mut stretch = Stretch { changes: Changes::new(), read, is_end: false };
        stretch.read(store, &self.table, to_micros, until)?;
        let rows = self.merge(store, stretch.changes)?;
        self.stage = match stretch.is_end {
            true => Stage::Current { after: None },
            false => {
                let FeedCursor { position, index } = stretch.read;
                Stage::Collecting { position: position.0, index, until: until.0 }
            }
        };
        Ok(Copied::Some(rows))
    }

    /// Puts changes beside those that are there: the first of an item tells what was before, the last when.
    fn merge(&mut self, store: &dyn Store, changes: Changes) -> Result<Vec<RowWrite>, StoreError> {
        let known = self.known(store, changes.keys())?;
        let mut rows = Vec::with_capacity(changes.len());
        for ((key, change), known) in changes.into_iter().zip(known) {
            let merged = match known {
                Some((row, before)) => {
                    before.remove_from(&mut self.totals, &row);
                    CopiedChange { time_micros: change.time_micros, ..before }
                }
                None => change,
            };
            rows.push(self.row(&key, &merged));
        }
        Ok(rows)
    }

    /// Gives the changes behind a key the items as they are.
    pub(super) fn add_current(
        &mut self,
        store: &dyn Store,
        after: Option<&[u8]>,
        items_max: usize,
    ) -> Result<Copied, StoreError> {
        let (lot, last) = self.lot(store, after, items_max)?;
        let Some(last) = last else { return self.begin_taking_back(store) };
        let items = self.items(store, lot.keys())?;
        let mut rows = Vec::with_capacity(lot.len());
        for ((key, (row, change)), new) in lot.into_iter().zip(items) {
            change.remove_from(&mut self.totals, &row);
            rows.push(self.row(&key, &CopiedChange { new, ..change }));
        }
        self.stage = Stage::Current { after: Some(last) };
        Ok(Copied::Some(rows))
    }

    /// Puts what items were before their first change behind the later time, where they are among the changes and that
    /// is not known yet.
    pub(super) fn settle_changes(
        &mut self,
        store: &dyn Store,
        first: &BTreeMap<Vec<u8>, Option<Item>>,
    ) -> Result<Vec<RowWrite>, StoreError> {
        let known = self.known(store, first.keys())?;
        let mut rows = Vec::new();
        for ((key, item), known) in first.iter().zip(known) {
            let Some((row, change)) = known.filter(|(_, change)| !change.is_settled) else { continue };
            change.remove_from(&mut self.totals, &row);
            rows.push(self.row(key, &CopiedChange { new: item.clone(), is_settled: true, ..change }));
        }
        Ok(rows)
    }

    /// The row of a change, which is counted.
    fn row(&mut self, key: &[u8], change: &CopiedChange) -> RowWrite {
        let row = change.encode(key);
        change.add_to(&mut self.totals, &row);
        RowWrite { key: [&self.copy.prefix()[..], key].concat(), row: Some(row) }
    }

    /// The changes of some items, where they are there.
    fn known<'k>(
        &self,
        store: &dyn Store,
        keys: impl Iterator<Item = &'k Vec<u8>>,
    ) -> Result<Vec<Option<Known>>, StoreError> {
        let prefix = self.copy.prefix();
        let read = |key: &[u8], row: &[u8]| read_change(&key[prefix.len()..], row);
        get_each(store, &prefix, keys, |key, row| Ok((row.to_vec(), read(key, row)?)))
    }

    /// Some items as they are.
    fn items<'k>(
        &self,
        store: &dyn Store,
        keys: impl Iterator<Item = &'k Vec<u8>>,
    ) -> Result<Vec<Option<Item>>, StoreError> {
        let prefix = index_prefix(self.table.id, 0);
        get_each(store, &prefix, keys, |_, row| Ok(RowRef::read(row)?.item().to_item()))
    }

    /// The next changes, and the key of the last one's row.
    fn lot(&self, store: &dyn Store, after: Option<&[u8]>, items_max: usize) -> Result<Lot, StoreError> {
        let prefix = self.copy.prefix();
        let end = successor(&prefix);
        let start = after.map_or(Bound::Included(&prefix[..]), Bound::Excluded);
        let (mut lot, mut last, mut bytes, mut fault) = (BTreeMap::new(), None, 0, None);
        let visit = &mut |key: &[u8], row: &[u8]| {
            let behind = &key[prefix.len()..];
            match read_change(behind, row) {
                Ok(change) => _ = lot.insert(behind.to_vec(), (row.to_vec(), change)),
                Err(found) => fault = Some(found),
            }
            last = Some(key.to_vec());
            bytes += row.len();
            let has_room = fault.is_none() && lot.len() < items_max && bytes < LOT_BYTES;
            if has_room { Visit::Continue } else { Visit::Stop }
        };
        let range = KeyRange { start, end: Bound::Excluded(&end) };
        let (direction, consistency) = (Direction::Forward, Consistency::Strong);
        store.range(RangeRead { range, direction, consistency, rows_expected: items_max }, visit).wait()?;
        fault.map_or(Ok((lot, last)), Err)
    }
}

fn read_change(key: &[u8], row: &[u8]) -> Result<CopiedChange, StoreError> {
    CopiedChange::read(key, row).map_err(|fault| StoreError::Corrupt(fault.to_string()))
}

/// What rows are read as, which are under keys behind a prefix.
fn get_each<'k, T: Send>(
    store: &dyn Store,
    prefix: &[u8],
    keys: impl Iterator<Item = &'k Vec<u8>>,
    read: impl Fn(&[u8], &[u8]) -> Result<T, StoreError> + Sync,
) -> Result<Vec<Option<T>>, StoreError> {
    let keys: Vec<Vec<u8>> = keys.map(|key| [prefix, key].concat()).collect();
    let slices: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    let mut found: Vec<Option<T>> = keys.iter().map(|_| None).collect();
    let mut fault = None;
    let mut visit = |at: usize, row: Option<&[u8]>| {
        match row.map(|row| read(&keys[at], row)).transpose() {
            Ok(row) => found[at] = row,
            Err(error) => fault = Some(error),
        }
        if fault.is_some() { Visit::Stop } else { Visit::Continue }
    };
    store.get_many(&slices, Consistency::Strong, &mut visit).wait()?;
    fault.map_or(Ok(found), Err)
}

/// A stretch of the feed between the two times.
struct Stretch {
    changes: Changes,
    /// Up to where it is read.
    read: FeedCursor,
    /// Whether there is nothing more of it.
    is_end: bool,
}

impl Stretch {
    fn read(
        &mut self,
        store: &dyn Store,
        table: &Table,
        to_micros: u64,
        until: Position,
    ) -> Result<(), StoreError> {
        let (mut bytes, mut records, mut is_stopped, mut fault) = (0, 0, false, None);
        let after = self.read;
        let mut visit = |record: FeedRecord<'_>| {
            self.is_end = record.stamp.time_micros >= to_micros;
            if self.is_end {
                return Visit::Stop;
            }
            (records, bytes) = (records + 1, bytes + record.bytes.len());
            match self.take(table, record) {
                Ok(()) => is_stopped = bytes >= RECORDS_BYTES_MAX || records == RECORDS_MAX,
                Err(found) => fault = Some(found),
            }
            if is_stopped || fault.is_some() { Visit::Stop } else { Visit::Continue }
        };
        let safe_until = store.tail(table.feed_id(), after, RECORDS_MAX, &mut visit).wait()?;
        self.is_end |= !is_stopped && safe_until >= until;
        fault.map_or(Ok(()), |fault: RowFault| Err(fault.into()))
    }

    /// A change that was recorded before old images were has none and says nothing.
    fn take(&mut self, table: &Table, record: FeedRecord<'_>) -> Result<(), RowFault> {
        self.read = record.cursor();
        if Boundary::read(record.bytes)?.is_some() {
            return Ok(());
        }
        let change = ChangeRecord::read(record.bytes)?;
        if change.existed != change.old.is_some() {
            return Ok(());
        }
        let key = ItemKey::of_map(table, change.key).map_err(|_| RowFault::OtherKey)?;
        let key = key.as_bytes()[HASH_AT..].to_vec();
        let time_micros = record.stamp.time_micros;
        let first = || CopiedChange {
            time_micros,
            key: change.key.to_item(),
            old: change.old.map(types::MapRef::to_item),
            new: None,
            is_settled: false,
        };
        self.changes.entry(key).or_insert_with(first).time_micros = time_micros;
        Ok(())
    }
}
