//! Removes a secondary index that is being deleted: drops its entries, the marks that its building has left and its
//! counters, and takes it out of the descriptor. Writes do not maintain the index any more. If the table is deleted
//! meanwhile, its own job drops all that. Every step can be repeated.

use super::commit::{alter, drop_range, to_zero};
use super::{Step, Surroundings};
use crate::keys::{index_prefix, marks_prefix};
use crate::table::{Index, IndexStatus, Scope, Table};
use serde::{Deserialize, Serialize};
use store::{Plan, StoreError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RemoveIndex {
    table_id: u32,
    scope: Scope,
    name: String,
    index: u16,
}

impl RemoveIndex {
    pub(crate) fn of(table: &Table, index: &Index) -> RemoveIndex {
        let (scope, name) = (table.scope.clone(), table.name.clone());
        RemoveIndex { table_id: table.id, scope, name, index: index.number }
    }

    pub(super) fn id(&self) -> String {
        format!("remove-index-{:010}-{:05}", self.table_id, self.index)
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let Some(table) = around.table(&self.scope, &self.name, self.table_id)? else {
            return Ok(Step::Done(Plan::default()));
        };
        let is_there = |index: &Index| index.number == self.index && index.status == IndexStatus::Deleting;
        if !table.indexes.iter().any(is_there) {
            return Ok(Step::Done(Plan::default()));
        }
        if let Some(until_micros) = around.still_shows(&table, self.index) {
            return Ok(Step::WaitUntil(until_micros));
        }
        drop_range(around.store(), &index_prefix(table.id, self.index))?;
        drop_range(around.store(), &marks_prefix(table.id, self.index))?;
        let counters = [table.count_counter(self.index), table.size_counter(self.index)];
        let counters = to_zero(around.store(), counters.into_iter())?;
        let is_removed = alter(around, &table, Plan { counters, ..Plan::default() }, |table| {
            table.indexes.retain(|index| index.number != self.index);
            table.forget_unused_attributes();
        })?;
        let plan = Plan::default();
        Ok(if is_removed { Step::Done(plan) } else { Step::Progress(plan) }) // the table has changed: try again
    }
}
