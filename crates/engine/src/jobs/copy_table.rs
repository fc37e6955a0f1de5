//! Makes a backup: copies the items of its table, tells the table that old images are not needed any more, and makes
//! the backup available. One that expires is deleted then.

use super::commit::drop_range;
use super::copying::{Copied, Copying};
use super::pace::Pace;
use super::{Job, Step, Surroundings};
use crate::backup::{self, Backup, BackupStatus};
use crate::catalog::document::{self, Kind};
use crate::error::EngineError;
use crate::table::Table;
use serde::{Deserialize, Serialize};
use store::wait::wait;
use store::{Plan, StoreError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CopyTable {
    backup_id: String,
    copying: Copying,
    is_copied: bool,
    expires_micros: Option<u64>,
    #[serde(skip)]
    pace: Pace,
}

impl CopyTable {
    pub(crate) fn of(backup: &Backup, copying: Copying) -> CopyTable {
        CopyTable {
            backup_id: backup.id.clone(),
            copying,
            is_copied: false,
            expires_micros: backup.expires_micros,
            pace: Pace::default(),
        }
    }

    pub(super) fn id(&self) -> String {
        let copy = self.copying.copy();
        format!("copy-table-{:010}-{:010}", copy.table_id, copy.version)
    }

    pub(super) fn done(&self) -> u64 {
        self.copying.totals().items
    }

    fn reads(&self, table_id: u32) -> bool {
        !self.is_copied && self.copying.reads(table_id)
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        if self.is_copied {
            return self.expire(around);
        }
        self.copying.learn_keys(around)?;
        self.pace.begin(around);
        match self.copying.advance(around.store(), self.pace.lot_items())? {
            Copied::Some(rows) => Ok(self.pace.end(around, 0).with_rows(rows)),
            Copied::All => self.complete(around),
        }
    }

    fn complete(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        if !self.copying.forget_consumer(around)? {
            return Ok(Step::Progress(Plan::default())); // the table has changed: try again
        }
        self.is_copied = true;
        wait(around.catalog.keys().forget_copy(self.copying.copy()));
        let Some(mut backup) = self.backup(around)? else { return Ok(Step::Done(Plan::default())) };
        (backup.status, backup.totals) = (BackupStatus::Available, self.copying.totals());
        let plan = Plan { records: vec![backup::put(&backup)], ..Plan::default() };
        Ok(if self.expires_micros.is_some() { Step::Progress(plan) } else { Step::Done(plan) })
    }

    fn backup(&self, around: &Surroundings) -> Result<Option<Backup>, StoreError> {
        let Table { scope, name, .. } = self.copying.table();
        wait(backup::read(around.store(), scope, name, &self.backup_id))
    }

    fn expire(&self, around: &Surroundings) -> Result<Step, StoreError> {
        let due = self.expires_micros.filter(|due| around.clock.now_micros() < *due);
        if let Some(due) = due {
            return Ok(Step::WaitUntil(due));
        }
        drop_range(around.store(), &self.copying.copy().prefix())?;
        self.copying.release_keys(around);
        let records = self.backup(around)?.iter().map(Backup::forget).collect();
        Ok(Step::Done(Plan { records, ..Plan::default() }))
    }
}

/// Whether a job reads the items and the feed of a table, which may have been deleted.
pub(super) fn is_being_copied(around: &Surroundings, table_id: u32) -> Result<bool, StoreError> {
    let jobs = wait(document::all::<Job>(around.store(), Kind::Job)).map_err(EngineError::into_store)?;
    Ok(jobs.iter().any(|job| match job {
        Job::CopyTable(job) => job.reads(table_id),
        Job::RestoreTable(job) => job.reads(table_id),
        _ => false,
    }))
}
