//! Drops the time index of a table whose time to live was switched off. Its writers are fenced off by then.

use super::Step;
use super::commit::drop_range;
use crate::keys::times_prefix;
use crate::table::{Table, TimeToLive};
use serde::{Deserialize, Serialize};
use store::{Plan, Store, StoreError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DropTimeIndex {
    table_id: u32,
    since_version: u64,
}

impl DropTimeIndex {
    pub(crate) fn of(table: &Table, time_to_live: &TimeToLive) -> DropTimeIndex {
        DropTimeIndex { table_id: table.id, since_version: time_to_live.since_version }
    }

    pub(super) fn id(&self) -> String {
        format!("drop-time-index-{:010}-{:010}", self.table_id, self.since_version)
    }

    pub(super) fn step(&self, store: &dyn Store) -> Result<Step, StoreError> {
        drop_range(store, &times_prefix(self.table_id, self.since_version))?;
        Ok(Step::Done(Plan::default()))
    }
}
