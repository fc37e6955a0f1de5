//! The document of a backup.

use super::Totals;
use crate::catalog::document::{self, Kind};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::{KeyBuf, copy_prefix};
use crate::table::{Scope, Sealing, Table};
use serde::{Deserialize, Serialize};
use stdx::future::Boxed;
use store::{Fence, RecordWrite, Store, StoreError};

/// A backup of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backup {
    /// `<14 digits of milliseconds>-<8 hexadecimal digits>`: unique among the backups of a table's name.
    pub id: String,
    /// Its name, which others may have.
    pub name: String,
    /// Who has ordered it.
    pub kind: BackupKind,
    /// Whether it is complete.
    pub status: BackupStatus,
    /// When it was ordered, in microseconds since the Unix epoch.
    pub created_micros: u64,
    /// When it is deleted, in microseconds since the Unix epoch.
    pub expires_micros: Option<u64>,
    /// The table as it was.
    pub table: Table,
    /// What it holds; before it is complete, what its table held about then.
    pub totals: Totals,
    /// Which copy of the table's items it is.
    pub(crate) copy: CopyId,
    /// How that is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sealing: Option<Sealing>,
    /// Whether its rows are changes, as those of an incremental export are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) has_changes: bool,
    /// Rises with every change of this document, and with every restore from it.
    pub(crate) revision: u64,
}

/// Who has ordered a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BackupKind {
    /// A client.
    User,
    /// This database, when a table with point-in-time recovery was deleted.
    System,
    /// An export, which reads the copy and deletes it. It is in no list.
    Export,
}

/// Whether a backup is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BackupStatus {
    /// Items are being copied.
    Creating,
    /// It can be restored.
    Available,
}

/// Names a copy of the items of a table: the table, and a version of its schema. Never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CopyId {
    pub table_id: u32,
    pub version: u64,
}

impl CopyId {
    /// What the keys of its items begin with.
    pub(crate) fn prefix(self) -> KeyBuf {
        copy_prefix(self.table_id, self.version)
    }

    /// The subject of its backup's fence, and of its keys: above those of tables.
    pub(crate) fn subject(self) -> u64 {
        const VERSIONS: u64 = (1 << 31) - 1;
        1 << 63 | u64::from(self.table_id) << 31 | (self.version & VERSIONS)
    }
}

impl Backup {
    /// Whether it can still be seen at a time.
    pub fn is_listed(&self, now_micros: u64) -> bool {
        self.is_no_copy() && self.is_there(now_micros)
    }

    fn is_no_copy(&self) -> bool {
        self.kind != BackupKind::Export
    }

    fn is_there(&self, now_micros: u64) -> bool {
        self.expires_micros.is_none_or(|expires| now_micros < expires)
    }

    /// Guards what was planned with this document.
    pub(crate) fn fence(&self) -> Fence {
        Fence { subject: self.copy.subject(), version: self.revision }
    }

    pub(crate) fn document_id(&self) -> String {
        document_id(&self.id, &self.table.name)
    }

    /// Forgets the document.
    pub(crate) fn forget(&self) -> RecordWrite {
        document::delete(Kind::Backup, &self.table.scope, &self.document_id())
    }
}

/// Documents are in the order of their backups' creation.
fn document_id(id: &str, table_name: &str) -> String {
    format!("{id}/{table_name}")
}

/// Puts the document.
pub(crate) fn put(backup: &Backup) -> RecordWrite {
    document::put(Kind::Backup, &backup.table.scope, &backup.document_id(), backup)
}

/// The document, if it is there.
pub(crate) async fn read(
    store: &dyn Store,
    scope: &Scope,
    table_name: &str,
    id: &str,
) -> Result<Option<Backup>, StoreError> {
    let read = document::read(store, Kind::Backup, scope, &document_id(id, table_name)).await;
    read.map_err(EngineError::into_store)
}

/// All documents.
pub(crate) async fn all(store: &dyn Store) -> Result<Vec<Backup>, EngineError> {
    document::all(store, Kind::Backup).await
}

impl Engine {
    /// The backup of an id, which was made of a table of a name.
    ///
    /// # Errors
    /// When the store fails, or its document is damaged or newer.
    pub fn backup<'a>(
        &'a self,
        scope: &'a Scope,
        table_name: &'a str,
        id: &'a str,
    ) -> Boxed<'a, Result<Option<Backup>, StoreError>> {
        Box::pin(async move {
            let found = self.backup_or_copy(scope, table_name, id).await?;
            Ok(found.filter(Backup::is_no_copy))
        })
    }

    /// The same where it is in no list.
    pub(crate) async fn backup_or_copy(
        &self,
        scope: &Scope,
        table_name: &str,
        id: &str,
    ) -> Result<Option<Backup>, StoreError> {
        let now_micros = self.now_micros();
        let found = read(self.store(), scope, table_name, id).await?;
        Ok(found.filter(|backup| backup.is_there(now_micros)))
    }

    /// The first backups of a page, in the order of their creation.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub fn backups<'a>(
        &'a self,
        scope: &'a Scope,
        page: &'a BackupPage,
    ) -> Boxed<'a, Result<Vec<Backup>, StoreError>> {
        Box::pin(async move {
            let now_micros = self.now_micros();
            let is_wanted = |backup: &Backup| backup.is_listed(now_micros) && page.wants(backup);
            let (after, before) = (page.after_id(), page.before_millis.map(millis_id));
            let between = (after.as_deref(), before.as_deref());
            let found =
                document::page_in_region(self.store(), Kind::Backup, scope, between, page.limit, is_wanted);
            found.await.map_err(EngineError::into_store)
        })
    }
}

/// Which backups of an account and region are listed.
#[derive(Debug, Clone)]
pub struct BackupPage {
    /// Those behind this one, which may be gone: its id and the name of its table.
    pub after: Option<(String, String)>,
    /// Those that were ordered then or later, in milliseconds since the Unix epoch.
    pub from_millis: Option<u64>,
    /// Those that were ordered before, in milliseconds since the Unix epoch.
    pub before_millis: Option<u64>,
    /// Those of tables of this name.
    pub table_name: Option<String>,
    /// Those of this kind.
    pub kind: Option<BackupKind>,
    /// How many at most.
    pub limit: usize,
}

impl BackupPage {
    /// All backups.
    pub fn of_all() -> BackupPage {
        let limit = usize::MAX;
        BackupPage {
            after: None,
            from_millis: None,
            before_millis: None,
            table_name: None,
            kind: None,
            limit,
        }
    }

    /// What sorts before all ids that are on the page.
    fn after_id(&self) -> Option<String> {
        let after = self.after.as_ref().map(|(id, table_name)| document_id(id, table_name));
        after.max(self.from_millis.map(millis_id))
    }

    fn wants(&self, backup: &Backup) -> bool {
        self.table_name.as_ref().is_none_or(|name| *name == backup.table.name)
            && self.kind.is_none_or(|kind| kind == backup.kind)
    }
}

/// Sorts before the ids of backups that were ordered in this millisecond, and behind those before.
fn millis_id(millis: u64) -> String {
    format!("{millis:014}")
}
