//! A lot of items of a table, and their entries in the index.
//!
//! An item is read once, without its lock. Every write of the table marks its item since the index is there, and
//! declares the mark as one of its keys: so where there is no mark under the mark's lock, the item still is as it was
//! read. Items are put in chunks, each a commit of its own that holds its marks for a moment.

use crate::index::{entry_change, mark_row, violates};
use crate::jobs::commit::mutate_lot_and;
use crate::jobs::items;
use crate::keys::ItemKey;
use crate::meter::index_write_units;
use crate::row::{NewRow, RowFault, RowRef};
use crate::table::{Index, Table};
use store::{Decision, OldRows, Outcome, Plan, RowWrite, Store, StoreError};
use types::MapRef;

/// Items of one commit.
const CHUNK_ITEMS: usize = 32;

/// Some items, in the order of their keys.
#[derive(Default)]
struct Lot {
    items: Vec<Unknown>,
}

/// An item that may not be indexed yet.
struct Unknown {
    key: Vec<u8>,
    mark: RowWrite,
    entry: Option<(RowWrite, usize)>,
    violates: bool,
}

/// The items that the index has from now on, from the first item that was read.
#[derive(Default)]
pub(super) struct Known {
    pub items: u64,
    pub violations: u64,
    /// What their entries would cost.
    pub write_units: u64,
    /// The key of the last item.
    pub last: Option<Vec<u8>>,
    /// How many commits it took.
    pub commits: u64,
    /// There were no items.
    pub is_end: bool,
}

impl Known {
    fn and(self, next: Known) -> Known {
        Known {
            items: self.items + next.items,
            violations: self.violations + next.violations,
            write_units: self.write_units + next.write_units,
            last: next.last.or(self.last),
            commits: self.commits + next.commits,
            is_end: false,
        }
    }
}

/// Lots of the items of a table, for an index of it.
#[derive(Clone, Copy)]
pub(super) struct Lots<'a> {
    pub store: &'a dyn Store,
    pub table: &'a Table,
    pub index: &'a Index,
    pub items_max: usize,
}

impl Lots<'_> {
    /// Puts the entries of the next lots, as far as no transaction is in the way. While the store commits one, the next
    /// is read and handed over.
    pub(super) fn put(self, after: Option<&[u8]>, lots_max: usize) -> Result<Known, StoreError> {
        let lot = Lot::read(self, after)?;
        let Some(last) = lot.items.last() else { return Ok(Known { is_end: true, ..Known::default() }) };
        let (known, next) = lot.put(self, CHUNK_ITEMS, || match lots_max {
            0 | 1 => Ok(Known::default()),
            _ => self.put(Some(&last.key), lots_max - 1),
        })?;
        match known.items {
            items if items == lot.items.len() as u64 => Ok(known.and(next?)),
            0 => lot.first_chunk().put(self, 1, || ()).map(|(known, ())| known),
            _ => Ok(known),
        }
    }
}

impl Lot {
    fn read(lots: Lots<'_>, after: Option<&[u8]>) -> Result<Lot, StoreError> {
        let mut lot = Lot::default();
        items::visit_lot(lots.store, lots.table, after, lots.items_max, |key, row| {
            lot.items.push(Unknown::of(lots.table, lots.index, key, row)?);
            Ok(())
        })?;
        Ok(lot)
    }

    /// A transaction that holds an item of a chunk does not hold the others: those in front of it are put alone.
    fn first_chunk(mut self) -> Lot {
        self.items.truncate(CHUNK_ITEMS);
        self
    }

    /// Puts the entries, and does something else while the store commits them.
    fn put<R>(
        &self,
        lots: Lots<'_>,
        chunk_items: usize,
        meanwhile: impl FnOnce() -> R,
    ) -> Result<(Known, R), StoreError> {
        let Lots { store, table, index, .. } = lots;
        let chunks: Vec<&[Unknown]> = self.items.chunks(chunk_items).collect();
        let keys: Vec<_> = chunks.iter().map(|chunk| marks(chunk)).collect();
        let decide = |at: usize, old: &OldRows<'_>| decide(table, index, chunks[at], old);
        let (outcomes, result) = mutate_lot_and(store, &[table.fence()], &keys, decide, meanwhile)?;
        Ok((known(&chunks, &outcomes), result))
    }
}

fn known(chunks: &[&[Unknown]], outcomes: &[Outcome]) -> Known {
    let is_known = |outcome: &Outcome| matches!(outcome, Outcome::Committed(_) | Outcome::Refused);
    let mut known = Known::default();
    for (chunk, _) in chunks.iter().zip(outcomes).take_while(|(_, outcome)| is_known(outcome)) {
        known.items += chunk.len() as u64;
        known.violations += chunk.iter().filter(|item| item.violates).count() as u64;
        let entries = chunk.iter().filter_map(|item| item.entry.as_ref());
        known.write_units +=
            entries.map(|(_, size)| index_write_units(None, Some(*size), false).1).sum::<u64>();
        known.last = chunk.last().map(|item| item.key.clone());
    }
    known.commits = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Committed(_))).count() as u64;
    known
}

fn marks(items: &[Unknown]) -> Vec<&[u8]> {
    items.iter().map(|item| &item.mark.key[..]).collect()
}

/// Puts and counts the entries of the items that have no mark, and marks them.
fn decide(table: &Table, index: &Index, items: &[Unknown], old: &OldRows<'_>) -> Decision {
    let mut plan = Plan::default();
    let (mut count, mut size_bytes) = (0, 0);
    for (_, item) in items.iter().enumerate().filter(|(at, _)| old.get(*at).is_none()) {
        plan.rows.push(item.mark.clone());
        if let Some((entry, size)) = &item.entry {
            plan.rows.push(entry.clone());
            count += 1;
            size_bytes += *size as i64;
        }
    }
    if plan.rows.is_empty() {
        return Decision::Refuse;
    }
    if count > 0 {
        plan.counters =
            vec![(table.count_counter(index.number), count), (table.size_counter(index.number), size_bytes)];
    }
    Decision::Commit(plan)
}

impl Unknown {
    fn of(table: &Table, index: &Index, key: &[u8], row: RowRef<'_>) -> Result<Unknown, RowFault> {
        let item_key = ItemKey::of_map(table, row.item()).map_err(|_| RowFault::OtherKey)?;
        if item_key.as_bytes() != key {
            return Err(RowFault::OtherKey);
        }
        let put = entry_change(table, index, &item_key, None, Some(row.item())).and_then(|change| change.put);
        let entry = put.map(|(key, projected, size_bytes)| {
            let entry = NewRow {
                size_bytes,
                version: row.version,
                write_time_micros: row.write_time_micros,
                origin: row.origin,
                item: MapRef::new(&projected),
            };
            (RowWrite { key: key.to_vec(), row: Some(entry.encode()) }, size_bytes)
        });
        let violates = entry.is_none() && violates(index, row.item());
        Ok(Unknown { key: key.to_vec(), mark: mark_row(table, index.number, key), entry, violates })
    }
}
