//! Creating and deleting backups. The commit that creates one is a change of its table, behind which old images are
//! recorded; the boundary that it leaves in the feed is what the backup is as of.

use super::change::Claim;
use super::document;
use crate::backup::{self, Backup, BackupKind, BackupStatus, CopyId, ExportedSince, Totals};
use crate::engine::Engine;
use crate::feed::Boundary;
use crate::jobs::{CopyTable, Copying, DropCopy, Job, Since};
use crate::table::Table;
use std::sync::Arc;
use stdx::future::Boxed;
use store::{Fence, Plan, StoreError};

/// How long the backup of a deleted table is kept.
const SYSTEM_BACKUP_MICROS: u64 = 35 * 24 * 3_600 * 1_000_000;

/// Why a backup was not created or not deleted.
#[derive(Debug, Clone, PartialEq)]
pub enum BackupError {
    /// The table, or the backup, is not there.
    NotFound,
    /// The backup is being created.
    Creating,
    /// A table is being restored from the backup.
    Restoring,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        BackupError::Store(error)
    }
}

/// A backup that begins with a commit.
pub(super) struct NewBackup {
    backup: Backup,
    table: Arc<Table>,
    since: Since,
}

impl NewBackup {
    /// Adds it to the commit; returns the job that makes it.
    pub(super) fn begin(self, plan: &mut Plan) -> Job {
        let NewBackup { backup, table, since } = self;
        let consumer = (!matches!(since, Since::End)).then(|| backup.id.clone());
        let copying = Copying::of(&table, backup.copy, backup.sealing.clone(), since, consumer);
        let job = Job::CopyTable(CopyTable::of(&backup, copying));
        plan.records.extend([backup::put(&backup), job.record()]);
        plan.raise.push(backup.fence());
        job
    }
}

impl Engine {
    /// Begins a backup of a table: what is acknowledged before this resolves is in it, and what is begun afterwards is
    /// not.
    ///
    /// # Errors
    /// When the table is gone, or the store fails.
    pub fn create_backup<'a>(
        &'a self,
        table: &'a Table,
        name: &'a str,
    ) -> Boxed<'a, Result<Backup, BackupError>> {
        Box::pin(async move {
            for _ in 0..Engine::PLANS_MAX {
                if let Some(backup) = self.try_create_backup(table, name).await? {
                    return Ok(backup);
                }
                self.store().settled().await?; // another engine has changed the table: durable by then
            }
            Err(Engine::table_keeps_changing().into())
        })
    }

    async fn try_create_backup(&self, table: &Table, name: &str) -> Result<Option<Backup>, BackupError> {
        let claim = self.claim(&table.scope, &table.name).await;
        self.refresh().await?;
        let table = self.table(&table.scope, &table.name).filter(|now| now.id == table.id);
        let table = table.ok_or(BackupError::NotFound)?;
        let schema_version = table.schema_version + 1;
        let copy = CopyId { table_id: table.id, version: schema_version };
        let backup = self.new_backup(&table, name, copy).await?;
        let next = backup::recorded_for(&table, &backup.id);
        let since = Since::Boundary { schema_version, after: self.store().durable().position.0 };
        let mut plan = Plan {
            records: vec![document::put_table(&next)],
            feed: vec![(table.feed_id(), Boundary { schema_version, label: "" }.encode())],
            raise: vec![next.fence()],
            ..Plan::default()
        };
        let job = NewBackup { backup: backup.clone(), table: Arc::clone(&table), since }.begin(&mut plan);
        self.begin_copy(claim, (&table, backup), job, plan).await
    }

    /// Begins the copy that an export reads, if it has none yet. The caller has seen that the table records old images
    /// since then.
    ///
    /// # Errors
    /// When the table is gone, or the store fails.
    pub fn create_export_copy<'a>(
        &'a self,
        table: &'a Table,
        export_id: &'a str,
        since: ExportedSince,
    ) -> Boxed<'a, Result<Backup, BackupError>> {
        Box::pin(async move {
            for _ in 0..Engine::PLANS_MAX {
                if let Some(copy) = self.try_create_export_copy(table, export_id, since).await? {
                    return Ok(copy);
                }
                self.store().settled().await?; // another engine has changed the table: durable by then
            }
            Err(Engine::table_keeps_changing().into())
        })
    }

    async fn try_create_export_copy(
        &self,
        table: &Table,
        export_id: &str,
        exported: ExportedSince,
    ) -> Result<Option<Backup>, BackupError> {
        let claim = self.claim(&table.scope, &table.name).await;
        self.refresh().await?;
        // Behind the refresh: whoever has begun it since then has changed the table, which refuses this plan.
        if let Some(found) = self.export_copy(&table.scope, &table.name, export_id).await? {
            return Ok(Some(found));
        }
        let table = self.table(&table.scope, &table.name).filter(|now| now.id == table.id);
        let table = table.ok_or(BackupError::NotFound)?;
        let copy = CopyId { table_id: table.id, version: table.schema_version + 1 };
        let backup = Backup {
            id: backup::copy_id(export_id),
            kind: BackupKind::Export,
            has_changes: matches!(exported, ExportedSince::Changes { .. }),
            ..self.new_backup(&table, "", copy).await?
        };
        let next = backup::recorded_since(&table, &backup.id, exported.age_micros(self.now_micros()));
        let since = match exported {
            ExportedSince::Time(time_micros) => Since::Time(time_micros),
            ExportedSince::Changes { from_micros, to_micros } => Since::Changes { from_micros, to_micros },
        };
        let mut plan =
            Plan { records: vec![document::put_table(&next)], raise: vec![next.fence()], ..Plan::default() };
        let job = NewBackup { backup: backup.clone(), table: Arc::clone(&table), since }.begin(&mut plan);
        self.begin_copy(claim, (&table, backup), job, plan).await
    }

    /// Commits a plan with a copy and the change of its table, and starts the job. `None`: the table was changed.
    async fn begin_copy(
        &self,
        claim: Claim,
        (table, backup): (&Table, Backup),
        job: Job,
        plan: Plan,
    ) -> Result<Option<Backup>, BackupError> {
        let change = self.begin(vec![table.fence()], plan);
        let sealing = backup.sealing.clone();
        let end = |engine: &Engine, _| {
            engine.jobs().start(job);
            backup
        };
        let created = self.see_through(claim, change, end).await?;
        if created.is_none() {
            self.catalog().keys().release_copy(&table.scope, sealing.as_ref()).await;
        }
        Ok(created)
    }

    /// The backup that is made of a table with point-in-time recovery when it is deleted.
    pub(super) async fn system_backup(&self, table: &Arc<Table>) -> Result<Option<NewBackup>, StoreError> {
        if table.settings.point_in_time_recovery.is_none() {
            return Ok(None);
        }
        let copy = CopyId { table_id: table.id, version: u64::MAX };
        let named = format!("{}$DeletedTableBackup", table.name);
        let backup = match self.new_backup(table, &named, copy).await {
            Err(StoreError::Locked(_)) => return Ok(None), // what cannot be read is not kept
            backup => backup?,
        };
        let backup = Backup {
            id: format!("{:014}-00000000", backup.created_micros / 1_000),
            kind: BackupKind::System,
            expires_micros: Some(backup.created_micros + SYSTEM_BACKUP_MICROS),
            ..backup
        };
        Ok(Some(NewBackup { backup, table: Arc::clone(table), since: Since::End }))
    }

    async fn new_backup(&self, table: &Table, name: &str, copy: CopyId) -> Result<Backup, StoreError> {
        let (now, random) = (self.now_micros(), self.random().next_u64() as u32);
        let statistics = self.statistics(table).await?;
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        Ok(Backup {
            id: format!("{:014}-{random:08x}", now / 1_000),
            name: name.to_owned(),
            kind: BackupKind::User,
            status: BackupStatus::Creating,
            created_micros: now,
            expires_micros: None,
            table: table.clone(),
            totals: Totals::estimate(count(statistics.items), count(statistics.size_bytes)),
            copy,
            sealing: self.catalog().keys().sealing_of_copy(table).await?,
            has_changes: false,
            revision: 1,
        })
    }

    /// Deletes a backup; a job drops what it holds.
    ///
    /// # Errors
    /// When it is gone or in use, or the store fails.
    pub fn delete_backup<'a>(&'a self, backup: &'a Backup) -> Boxed<'a, Result<Backup, BackupError>> {
        Box::pin(async move {
            for _ in 0..Engine::PLANS_MAX {
                if let Some(deleted) = self.try_delete_backup(backup).await? {
                    return Ok(deleted);
                }
                self.store().settled().await?; // another engine has changed the backup: durable by then
            }
            Err(Engine::table_keeps_changing().into())
        })
    }

    async fn try_delete_backup(&self, backup: &Backup) -> Result<Option<Backup>, BackupError> {
        let claim = self.claim(&backup.table.scope, &backup.document_id()).await;
        let backup = self.backup_or_copy(&backup.table.scope, &backup.table.name, &backup.id).await?;
        let backup = backup.ok_or(BackupError::NotFound)?;
        self.is_free(&backup).await?;
        let job = Job::DropCopy(DropCopy(backup.copy));
        let fence = backup.fence();
        let plan = Plan {
            records: vec![backup.forget(), job.record()],
            raise: vec![Fence { version: 0, ..fence }], // forgets it
            ..Plan::default()
        };
        let change = self.begin(vec![fence], plan);
        let end = |engine: &Engine, _| {
            engine.jobs().start(job);
            backup
        };
        let deleted = self.see_through(claim, change, end).await?;
        if let Some(backup) = &deleted {
            self.catalog().keys().forget_copy(backup.copy).await;
            self.catalog().keys().release_copy(&backup.table.scope, backup.sealing.as_ref()).await;
        }
        Ok(deleted)
    }

    /// Refuses a backup that is not complete, or from which a table is being restored. The tables are read behind the
    /// backup: a restore that is not among them has yet to change it.
    pub(super) async fn is_free(&self, backup: &Backup) -> Result<(), BackupError> {
        if backup.status == BackupStatus::Creating {
            return Err(BackupError::Creating);
        }
        self.reload_within(&backup.table.scope.account, None).await?;
        let is_restored = |table: &Table| {
            table.settings.restore.as_ref().is_some_and(|restore| restore.copy == Some(backup.copy))
        };
        match self.catalog().tables_where(is_restored).is_empty() {
            true => Ok(()),
            false => Err(BackupError::Restoring),
        }
    }
}
