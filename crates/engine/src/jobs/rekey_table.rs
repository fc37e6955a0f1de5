//! Brings all rows of a table under its current data key after the key was changed, or encryption was switched on or
//! off: walks the items in lots and writes each again as it is, with the rows that follow from it. Writes of the table
//! use the current key since the change, so it does not matter which of them this meets. When all rows are done the
//! old data keys go, as far as no feed may need them. A change that comes meanwhile has a job of its own, and ends this
//! one.

use super::commit::{alter, mutate_lot};
use super::items::{percent, visit_lot};
use super::pace::Pace;
use super::{Step, Surroundings};
use crate::expiry::{expires_at, time_row};
use crate::index::{Marks, entry_change, mark_keys};
use crate::keys::{ItemKey, KeyBuf, key_item};
use crate::row::{NewRow, RowFault, RowRef};
use crate::table::{IndexStatus, Scope, Table};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use store::{Decision, OldRows, Outcome, Plan, RowWrite, StoreError};
use types::MapRef;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RekeyTable {
    table_id: u32,
    scope: Scope,
    name: String,
    /// The change of the table that began it.
    since_version: u64,
    /// What seals from then on.
    current: Option<u32>,
    /// Behind which item the next lot begins.
    after: Option<Vec<u8>>,
    items: u64,
    /// How many items the table had when it was looked at last.
    expected: u64,
    #[serde(skip)]
    pace: Pace,
}

impl RekeyTable {
    /// Of the descriptor that the change makes.
    pub(crate) fn of(table: &Table, current: Option<u32>) -> RekeyTable {
        RekeyTable {
            table_id: table.id,
            scope: table.scope.clone(),
            name: table.name.clone(),
            since_version: table.schema_version,
            current,
            after: None,
            items: 0,
            expected: 0,
            pace: Pace::default(),
        }
    }

    pub(super) fn id(&self) -> String {
        format!("rekey-table-{:010}-{:010}", self.table_id, self.since_version)
    }

    pub(super) fn done(&self) -> u64 {
        self.items
    }

    pub(super) fn percent(&self) -> Option<f64> {
        (self.expected > 0).then(|| percent(self.items, self.expected))
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let Some(table) = around.table(&self.scope, &self.name, self.table_id)? else {
            return Ok(Step::Done(Plan::default()));
        };
        let sealing = table.settings.sealing.as_ref();
        let Some(sealing) = sealing.filter(|now| now.is_rekeying && now.current == self.current) else {
            return Ok(Step::Done(Plan::default()));
        };
        self.pace.begin(around);
        let keys = self.next_items(around, &table)?;
        if keys.is_empty() {
            let completed = sealing.completed(table.has_feed());
            let is_done = alter(around, &table, Plan::default(), |table| table.settings.sealing = completed)?;
            let plan = Plan::default();
            return Ok(if is_done { Step::Done(plan) } else { Step::Progress(plan) }); // changed meanwhile: try again
        }
        let done = rewrite(around, &table, &keys)?;
        self.items += done as u64;
        self.expected = around.items(&table)?;
        self.after = done.checked_sub(1).map(|last| keys[last].clone()).or(self.after.take());
        Ok(self.pace.end(around, done as u64))
    }

    fn next_items(&self, around: &Surroundings, table: &Table) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut keys = Vec::new();
        visit_lot(around.store(), table, self.after.as_deref(), self.pace.lot_items(), |key, _| {
            keys.push(key.to_vec());
            Ok(())
        })?;
        Ok(keys)
    }
}

/// Writes items again; returns how many are done, from the first on. One that a transaction holds is done later.
fn rewrite(around: &Surroundings, table: &Table, items: &[Vec<u8>]) -> Result<usize, StoreError> {
    let marks: Vec<SmallVec<[KeyBuf; 1]>> = items.iter().map(|item| mark_keys(table, item)).collect();
    let keys: Vec<SmallVec<[&[u8]; 2]>> = items
        .iter()
        .zip(&marks)
        .map(|(item, marks)| std::iter::once(&item[..]).chain(marks.iter().map(|mark| &mark[..])).collect())
        .collect();
    let fault = Mutex::new(None);
    let decide = |at: usize, old: &OldRows<'_>| match rows_of(table, &items[at], old) {
        Ok(rows) if rows.is_empty() => Decision::Refuse,
        Ok(rows) => Decision::Commit(Plan { rows, ..Plan::default() }),
        Err(found) => {
            *fault.lock() = Some(found);
            Decision::Refuse
        }
    };
    let outcomes = mutate_lot(around.store(), &[table.fence()], &keys, decide)?;
    if let Some(fault) = fault.into_inner() {
        return Err(fault.into());
    }
    let is_done = |outcome: &&Outcome| matches!(outcome, Outcome::Committed(_) | Outcome::Refused);
    Ok(outcomes.iter().take_while(is_done).count())
}

/// The rows of an item as they are; none if it was deleted meanwhile.
fn rows_of(table: &Table, key: &[u8], old: &OldRows<'_>) -> Result<Vec<RowWrite>, RowFault> {
    let Some(bytes) = old.get(0) else { return Ok(Vec::new()) };
    let row = RowRef::read(bytes)?;
    let item_key = ItemKey::of_map(table, row.item()).map_err(|_| RowFault::OtherKey)?;
    if item_key.as_bytes() != key {
        return Err(RowFault::OtherKey);
    }
    let marks = Marks::read(table, old.0[1..].iter().copied());
    let mut rows = vec![RowWrite { key: key.to_vec(), row: Some(bytes.to_vec()) }];
    for (position, index) in table.indexes.iter().enumerate() {
        if index.status == IndexStatus::Deleting || marks.lack(position) {
            continue;
        }
        let put = entry_change(table, index, &item_key, None, Some(row.item())).and_then(|change| change.put);
        rows.extend(put.map(|(key, projected, size_bytes)| RowWrite {
            key: key.to_vec(),
            row: Some(entry(&row, &projected, size_bytes)),
        }));
    }
    rows.extend(expiry(table, &item_key, row.item()));
    Ok(rows)
}

fn entry(row: &RowRef<'_>, projected: &[u8], size_bytes: usize) -> Vec<u8> {
    let (version, write_time_micros) = (row.version, row.write_time_micros);
    let item = MapRef::new(projected);
    NewRow { size_bytes, version, write_time_micros, origin: row.origin, item }.encode()
}

fn expiry(table: &Table, key: &ItemKey, item: MapRef<'_>) -> Option<RowWrite> {
    let time_to_live = table.settings.time_to_live.as_ref()?;
    let seconds = expires_at(time_to_live, item)?;
    let attributes = key_item(item, table.key.attributes().map(|attribute| attribute.name.as_str()));
    Some(time_row(table, time_to_live, seconds, key, Some(&attributes)))
}
