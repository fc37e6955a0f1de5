//! Items that are put into a table that is restored, in one commit with how far the job has come.

use super::as_of::Items;
use crate::backup::{CopiedItem, CopyId, Totals};
use crate::error::WriteError;
use crate::jobs::Surroundings;
use crate::keys::{KeyFault, index_prefix, successor};
use crate::row::RowRef;
use crate::table::Table;
use crate::write::{Provenance, Rows, Write, plan_lot, rows_of};
use std::ops::Bound;
use store::{Consistency, Direction, KeyRange, Plan, RangeRead, Store, StoreError, Visit};
use types::Item;

/// Bytes after which a lot ends.
pub(super) const LOT_BYTES: usize = 1 << 20;

/// Some items, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Lot {
    pub(super) items: Vec<Item>,
    pub(super) totals: Totals,
    /// Behind which key the next one begins; `None` where there is nothing more.
    pub(super) last: Option<Vec<u8>>,
    /// What is wrong with a row.
    pub(super) fault: Option<String>,
}

impl Lot {
    /// Reads and checks the rows of a copy behind a key.
    pub(super) fn of_copy(
        store: &dyn Store,
        copy: CopyId,
        after: Option<&[u8]>,
        items_max: usize,
    ) -> Result<Lot, StoreError> {
        let prefix = copy.prefix();
        let end = successor(&prefix);
        let start = after.map_or(Bound::Included(&prefix[..]), Bound::Excluded);
        let (mut lot, mut rows, mut bytes) = (Lot::default(), 0, 0);
        let visit = &mut |key: &[u8], row: &[u8]| {
            (rows, bytes) = (rows + 1, bytes + row.len());
            lot.take(&key[prefix.len()..], row);
            lot.last = Some(key.to_vec());
            let has_room = rows < items_max && bytes < LOT_BYTES && lot.fault.is_none();
            if has_room { Visit::Continue } else { Visit::Stop }
        };
        let range = KeyRange { start, end: Bound::Excluded(&end) };
        let (direction, consistency) = (Direction::Forward, Consistency::Strong);
        store.range(RangeRead { range, direction, consistency, rows_expected: items_max }, visit).wait()?;
        Ok(lot)
    }

    fn take(&mut self, key: &[u8], row: &[u8]) {
        match CopiedItem::read(key, row) {
            Ok(copied) => {
                self.totals.add(&copied);
                self.items.extend(copied.item.map(|(item, _)| item.to_item()));
            }
            Err(fault) => self.fault = Some(fault.to_string()),
        }
    }
}

/// Why items are not put.
pub(super) enum NotPut {
    /// They are no items of the table.
    Refused(String),
    Store(StoreError),
}

impl From<StoreError> for NotPut {
    fn from(error: StoreError) -> Self {
        NotPut::Store(error)
    }
}

impl From<KeyFault> for NotPut {
    fn from(_: KeyFault) -> Self {
        NotPut::Refused("an item has no key of its table".to_owned())
    }
}

impl From<WriteError> for NotPut {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Store(error) => NotPut::Store(error),
            WriteError::Refused(refusal) => NotPut::Refused(format!("{refusal:?}")),
            error => NotPut::Refused(format!("{error:?}")),
        }
    }
}

/// What putting items in the order of their keys changes. Some may be there: a job that an older version began has put
/// each of a lot by itself.
pub(super) fn put(around: &Surroundings, table: &Table, items: &[Item]) -> Result<Plan, NotPut> {
    let writes = items.iter().map(|item| restored(table, item.clone())).collect::<Result<Vec<_>, _>>()?;
    let before = rows_among(around.store(), &writes)?;
    Ok(plan_lot(around.store(), table, &writes, &before, around.clock.now_micros())?)
}

/// What it changes that items become what they were, by the rest of their keys behind the table's prefix.
pub(super) fn replace(around: &Surroundings, table: &Table, items: &Items) -> Result<Plan, NotPut> {
    let prefix = index_prefix(table.id, 0);
    let keys: Vec<Vec<u8>> = items.keys().map(|rest| [&prefix[..], rest].concat()).collect();
    let before = rows_of(around.store(), &keys)?;
    let mut writes = Vec::with_capacity(items.len());
    for (item, key) in items.values().zip(&keys) {
        match (item, before.get(key)) {
            (Some(item), _) => writes.push(restored(table, item.clone())?),
            (None, Some(row)) => writes.push(removal(table, row)?),
            (None, None) => {}
        }
    }
    Ok(plan_lot(around.store(), table, &writes, &before, around.clock.now_micros())?)
}

fn restored(table: &Table, item: Item) -> Result<Write, KeyFault> {
    let provenance = Provenance { is_restored: true, ..Provenance::default() };
    Ok(Write::put(table, item)?.with_provenance(provenance))
}

fn removal(table: &Table, row: &[u8]) -> Result<Write, NotPut> {
    let row = RowRef::read(row).map_err(StoreError::from)?;
    let key = Write::put(table, row.item().to_item())?.primary_key(table).into_owned();
    Ok(Write::delete(table, key)?)
}

/// The rows between the first and the last of the writes, whose keys are in order.
fn rows_among(store: &dyn Store, writes: &[Write]) -> Result<Rows, StoreError> {
    let mut rows = Rows::new();
    let (Some(first), Some(last)) = (writes.first(), writes.last()) else { return Ok(rows) };
    let (start, end) = (Bound::Included(first.key().as_bytes()), Bound::Included(last.key().as_bytes()));
    let visit = &mut |key: &[u8], row: &[u8]| {
        rows.insert(key.to_vec(), row.to_vec());
        Visit::Continue
    };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    let rows_expected = 1; // there are some only where a job of an older version has put them
    let read = RangeRead { range: KeyRange { start, end }, direction, consistency, rows_expected };
    store.range(read, visit).wait()?;
    Ok(rows)
}
