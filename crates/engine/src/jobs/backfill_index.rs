//! Builds a secondary index of a table that has items: walks the items in lots, and for each that the index does not
//! know yet puts the entry, counts it and marks the item, in one commit. Writes of the table go on meanwhile and
//! mark what they touch. When all items are known the index becomes active and its marks are dropped.

use super::commit::{alter, committed, mutate_lot};
use super::{Step, Surroundings};
use crate::index::{entry_change, mark_row};
use crate::keys::{ItemKey, index_prefix, mark_key, marks_prefix, successor};
use crate::row::{NewRow, RowFault, RowRef};
use crate::table::{Index, IndexStatus, Scope, Table};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{
    Consistency, Decision, Direction, KeyRange, OldRows, Outcome, Plan, RangeRead, RowWrite, StoreError,
    Visit,
};
use types::MapRef;

/// Items and bytes looked at in one step.
const LOT_ITEMS: usize = 256;
const LOT_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BackfillIndex {
    table_id: u32,
    scope: Scope,
    name: String,
    index: u16,
    /// Behind which item the next lot begins.
    after: Option<Vec<u8>>,
    items: u64,
    is_active: bool,
}

impl BackfillIndex {
    pub(crate) fn of(table: &Table, index: &Index) -> BackfillIndex {
        BackfillIndex {
            table_id: table.id,
            scope: table.scope.clone(),
            name: table.name.clone(),
            index: index.number,
            after: None,
            items: 0,
            is_active: false,
        }
    }

    pub(super) fn id(&self) -> String {
        format!("backfill-index-{:010}-{:05}", self.table_id, self.index)
    }

    pub(super) fn done(&self) -> u64 {
        self.items
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let Some(table) = around.table(&self.scope, &self.name, self.table_id)? else {
            return Ok(Step::Done(Plan::default())); // dropped with all it had
        };
        if self.is_active {
            committed(around.store().drop_range(&marks_prefix(table.id, self.index)))?;
            return Ok(Step::Done(Plan::default()));
        }
        let index = table.indexes.iter().find(|index| index.number == self.index);
        let Some(index) = index.filter(|index| index.status == IndexStatus::Backfilling) else {
            self.is_active = true;
            return Ok(Step::Progress(Plan::default()));
        };
        let lot = self.lot(around, &table)?;
        if !lot.is_empty() {
            let done = put_entries(around, &table, index, &lot)?;
            self.items += done as u64;
            self.after = done.checked_sub(1).map(|last| lot[last].clone()).or(self.after.take());
            return Ok(Step::Progress(Plan::default()));
        }
        self.activate(around, &table)
    }

    /// The keys of the next items.
    fn lot(&self, around: &Surroundings, table: &Table) -> Result<Vec<Vec<u8>>, StoreError> {
        let prefix = index_prefix(table.id, 0);
        let end = successor(&prefix);
        let start = self.after.as_deref().map_or(Bound::Included(&prefix[..]), Bound::Excluded);
        let (mut keys, mut bytes) = (Vec::new(), 0);
        let range = KeyRange { start, end: Bound::Excluded(&end) };
        let visit = &mut |key: &[u8], row: &[u8]| {
            keys.push(key.to_vec());
            bytes += row.len();
            if keys.len() < LOT_ITEMS && bytes < LOT_BYTES { Visit::Continue } else { Visit::Stop }
        };
        // What is not seen here was written since the index is there, and has marked itself.
        let (direction, consistency) = (Direction::Forward, Consistency::Strong);
        around
            .store()
            .range(RangeRead { range, direction, consistency, rows_expected: LOT_ITEMS }, visit)
            .wait()?;
        Ok(keys)
    }

    /// From now on writes need no marks: those planned before are fenced off.
    fn activate(&mut self, around: &Surroundings, table: &Table) -> Result<Step, StoreError> {
        self.is_active = alter(around, table, Vec::new(), |table| {
            for index in table.indexes.iter_mut().filter(|index| index.number == self.index) {
                index.status = IndexStatus::Active;
            }
        })?;
        Ok(Step::Progress(Plan::default())) // where somebody else has changed the table: once more
    }
}

/// Puts the entries of these items; says how many of them, from the first, the index knows now.
fn put_entries(
    around: &Surroundings,
    table: &Table,
    index: &Index,
    items: &[Vec<u8>],
) -> Result<usize, StoreError> {
    let marks: Vec<_> = items.iter().map(|item| mark_key(table, index.number, item)).collect();
    let keys: Vec<[&[u8]; 2]> = items.iter().zip(&marks).map(|(item, mark)| [&item[..], &mark[..]]).collect();
    let fault = Mutex::new(None);
    let outcomes = mutate_lot(around.store(), &[table.fence()], &keys, |at, old| {
        match entry(table, index, &items[at], old) {
            Ok(Some(plan)) => Decision::Commit(plan),
            Ok(None) => Decision::Refuse,
            Err(found) => {
                fault.lock().get_or_insert(found);
                Decision::Refuse
            }
        }
    })?;
    if let Some(fault) = fault.into_inner() {
        return Err(fault.into());
    }
    let is_done = |outcome: &Outcome| matches!(outcome, Outcome::Committed(_) | Outcome::Refused);
    Ok(outcomes.iter().take_while(|outcome| is_done(outcome)).count())
}

/// What makes the index know an item; `None` if it does, or the item is gone.
fn entry(table: &Table, index: &Index, item: &[u8], old: &OldRows<'_>) -> Result<Option<Plan>, RowFault> {
    let (Some(row), None) = (old.get(0), old.get(1)) else { return Ok(None) };
    let row = RowRef::read(row)?;
    let key = ItemKey::of_map(table, row.item()).map_err(|_| RowFault::OtherKey)?;
    if key.as_bytes() != item {
        return Err(RowFault::OtherKey);
    }
    let mut plan = Plan { rows: vec![mark_row(table, index.number, item, true)], ..Plan::default() };
    let change = entry_change(table, index, &key, None, Some(row.item())).unwrap_or_default();
    if let Some((key, projected, size_bytes)) = change.put {
        let entry = NewRow {
            size_bytes,
            version: row.version,
            write_time_micros: row.write_time_micros,
            origin: row.origin,
            item: MapRef::new(&projected),
        };
        plan.rows.push(RowWrite { key: key.to_vec(), row: Some(entry.encode()) });
        plan.counters = vec![
            (table.count_counter(index.number), change.count),
            (table.size_counter(index.number), change.size_bytes),
        ];
    }
    Ok(Some(plan))
}
