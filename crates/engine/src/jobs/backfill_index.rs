//! Builds a secondary index of a table that has items: walks the items in lots, and for each that the index does not
//! know yet puts the entry, counts it and marks the item, in one commit. Writes of the table continue meanwhile and
//! mark what they touch. When all items are known the index becomes active and its marks are dropped. The building
//! of an index that is deleted meanwhile ends.

mod lot;
mod progress;

use super::commit::{alter, drop_range};
use super::pace::Pace;
use super::{Step, Surroundings, items};
use crate::keys::marks_prefix;
use crate::table::{Index, IndexStatus, Scope, Table};
use lot::Lots;
use progress::Progress;
use serde::{Deserialize, Serialize};
use store::{Plan, StoreError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BackfillIndex {
    table_id: u32,
    scope: Scope,
    name: String,
    index: u16,
    /// Behind which item the next lot begins.
    after: Option<Vec<u8>>,
    items: u64,
    /// How many items the table had at the last count.
    #[serde(default)]
    expected: u64,
    /// Items whose index key attributes are not what they must be: they have no entry.
    #[serde(default)]
    violations: u64,
    is_active: bool,
    #[serde(skip)]
    pace: Pace,
    #[serde(skip)]
    progress: Progress,
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
            expected: 0,
            violations: 0,
            is_active: false,
            pace: Pace::default(),
            progress: Progress::default(),
        }
    }

    pub(super) fn id(&self) -> String {
        format!("backfill-index-{:010}-{:05}", self.table_id, self.index)
    }

    pub(super) fn done(&self) -> u64 {
        self.items
    }

    pub(super) fn percent(&self) -> Option<f64> {
        (self.expected > 0).then(|| items::percent(self.items, self.expected))
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let Some(table) = around.table(&self.scope, &self.name, self.table_id)? else {
            return Ok(Step::Done(Plan::default())); // dropped with all it had
        };
        if self.is_active {
            drop_range(around.store(), &marks_prefix(table.id, self.index))?;
            return Ok(Step::Done(Plan::default()));
        }
        let index = table.indexes.iter().find(|index| index.number == self.index);
        let Some(index) = index.filter(|index| index.status == IndexStatus::Backfilling) else {
            self.is_active = true; // or deleted: its marks go in any case
            return Ok(Step::Progress(Plan::default()));
        };
        if let Some(until_micros) = around.still_shows(&table, self.index) {
            return Ok(Step::WaitUntil(until_micros));
        }
        self.pace.begin(around);
        let lots = Lots { store: around.store(), table: &table, index, items_max: self.pace.lot_items() };
        let known = lots.put(self.after.as_deref(), self.pace.lots())?;
        if known.is_end {
            return self.activate(around, &table, index);
        }
        self.items += known.items;
        self.violations += known.violations;
        self.after = known.last.or(self.after.take());
        self.expected = around.items(&table)?;
        self.progress.lots(around, &table, index, (self.items, self.expected, known.write_units));
        Ok(self.pace.end(around, known.commits))
    }

    /// From now on writes need no marks: those planned before are fenced off.
    fn activate(&mut self, around: &Surroundings, table: &Table, index: &Index) -> Result<Step, StoreError> {
        self.is_active = alter(around, table, Plan::default(), |table| {
            for index in table.indexes.iter_mut().filter(|index| index.number == self.index) {
                index.status = IndexStatus::Active;
            }
        })?;
        if self.is_active {
            Progress::complete(around, table, index, self);
        }
        Ok(Step::Progress(Plan::default())) // where the table was changed meanwhile: try again
    }
}
