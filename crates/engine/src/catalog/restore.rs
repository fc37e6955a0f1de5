//! Creating a table whose items are restored by a job. It shows as being created until they all are there.

use super::create::{Beside, CreateError, ItemsFrom, NewTable};
use super::create_backup::BackupError;
use super::document;
use crate::backup::{self, Backup};
use crate::engine::Engine;
use crate::jobs::RestoredFrom;
use crate::table::Table;
use std::sync::Arc;
use stdx::future::Boxed;
use store::StoreError;

/// Why a table is not being restored.
#[derive(Debug, Clone, PartialEq)]
pub enum RestoreError {
    /// The table cannot be created.
    Create(CreateError),
    /// The backup is not there, or in use.
    Backup(BackupError),
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        RestoreError::Create(error.into())
    }
}

impl From<BackupError> for RestoreError {
    fn from(error: BackupError) -> Self {
        RestoreError::Backup(error)
    }
}

impl Engine {
    /// Whether a backup can be read: [`StoreError::Locked`] while the key that it is sealed under cannot be used.
    ///
    /// # Errors
    /// Also when the store fails.
    pub fn check_unlocked<'a>(&'a self, backup: &'a Backup) -> Boxed<'a, Result<(), StoreError>> {
        Box::pin(
            async move { self.catalog().keys().check_copy(&backup.table, backup.sealing.as_ref()).await },
        )
    }

    /// Creates a table and begins to restore its items from a backup. Its settings say what from.
    ///
    /// # Errors
    /// When the table is there, the backup is gone or in use, or the store fails.
    pub fn restore_backup<'a>(
        &'a self,
        new: NewTable,
        from: &'a Backup,
    ) -> Boxed<'a, Result<Arc<Table>, RestoreError>> {
        Box::pin(async move {
            for _ in 0..Engine::PLANS_MAX {
                let backup = self.backup(&from.table.scope, &from.table.name, &from.id).await?;
                let mut backup = backup.ok_or(BackupError::NotFound)?;
                self.is_free(&backup).await?;
                let mut new = new.clone();
                if let Some(restore) = &mut new.settings.restore {
                    restore.copy = Some(backup.copy);
                }
                let planned = backup.fence();
                backup.revision += 1; // another restore, or a deletion, that is planned with the one before is refused
                let beside = Beside {
                    fences: vec![planned],
                    raise: vec![backup.fence()],
                    records: vec![backup::put(&backup)],
                    also: Vec::new(),
                    hash_key: backup.table.hash_key,
                    from: ItemsFrom::Restored(RestoredFrom::Copy(Box::new(backup))),
                };
                if let Some(table) =
                    self.create_once(new, Some(beside)).await.map_err(RestoreError::Create)?
                {
                    return Ok(table);
                }
            }
            Err(Engine::table_keeps_changing().into())
        })
    }

    /// Creates a table and begins to restore the items that another one had at a time, in microseconds since the Unix
    /// epoch. The caller has seen that the source records old images since then.
    ///
    /// # Errors
    /// When the table is there, the source is gone, or the store fails.
    pub fn restore_to_time<'a>(
        &'a self,
        new: NewTable,
        source: &'a Table,
        time_micros: u64,
    ) -> Boxed<'a, Result<Arc<Table>, RestoreError>> {
        Box::pin(async move {
            for _ in 0..Engine::PLANS_MAX {
                self.refresh().await?;
                let source = self.table(&source.scope, &source.name).filter(|now| now.id == source.id);
                let source = source.ok_or(BackupError::NotFound)?;
                // Its rows stay there while the job reads them; old images are recorded even if recovery is switched
                // off.
                let consumer = format!("restore-{:016x}", self.random().next_u64());
                let next = backup::recorded_for(&source, &consumer);
                let keys = self.catalog().keys();
                let (from, sealing) = (source.scope.clone(), keys.sealing_of_copy(&source).await?);
                let from_time = RestoredFrom::Time {
                    source: Arc::clone(&source),
                    sealing: sealing.clone(),
                    time_micros,
                    consumer,
                };
                let beside = Beside {
                    fences: vec![source.fence()],
                    raise: vec![next.fence()],
                    records: vec![document::put_table(&next)],
                    also: Vec::new(),
                    hash_key: source.hash_key,
                    from: ItemsFrom::Restored(from_time),
                };
                let created = self.create_once(new.clone(), Some(beside)).await;
                if !matches!(created, Ok(Some(_)) | Err(CreateError::Store(_))) {
                    keys.release_copy(&from, sealing.as_ref()).await;
                }
                if let Some(table) = created.map_err(RestoreError::Create)? {
                    return Ok(table);
                }
            }
            Err(Engine::table_keeps_changing().into())
        })
    }
}
