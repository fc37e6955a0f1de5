//! Drops the tombstones of a table that has no replicas any more. Its writers are fenced off by then.

use super::Step;
use super::commit::drop_range;
use crate::keys::tombstones_prefix;
use crate::table::{GlobalTable, Table};
use serde::{Deserialize, Serialize};
use store::{Plan, Store, StoreError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DropTombstones {
    table_id: u32,
    since_version: u64,
}

impl DropTombstones {
    pub(crate) fn of(table: &Table, global: &GlobalTable) -> DropTombstones {
        DropTombstones { table_id: table.id, since_version: global.since_version }
    }

    pub(super) fn id(&self) -> String {
        format!("drop-tombstones-{:010}-{:010}", self.table_id, self.since_version)
    }

    pub(super) fn step(&self, store: &dyn Store) -> Result<Step, StoreError> {
        drop_range(store, &tombstones_prefix(self.table_id, self.since_version))?;
        Ok(Step::Done(Plan::default()))
    }
}
