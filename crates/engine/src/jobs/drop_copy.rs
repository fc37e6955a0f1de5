//! Drops the items of a backup that was deleted.

use super::Step;
use super::commit::drop_range;
use crate::backup::CopyId;
use serde::{Deserialize, Serialize};
use store::{Plan, Store, StoreError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DropCopy(pub(crate) CopyId);

impl DropCopy {
    pub(super) fn id(&self) -> String {
        format!("drop-copy-{:010}-{:010}", self.0.table_id, self.0.version)
    }

    pub(super) fn step(&self, store: &dyn Store) -> Result<Step, StoreError> {
        drop_range(store, &self.0.prefix())?;
        Ok(Step::Done(Plan::default()))
    }
}
