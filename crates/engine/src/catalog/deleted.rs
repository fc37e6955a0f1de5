//! Deleted tables that still show as DELETING: a document each, with its last descriptor and the time until
//! when it shows. The name is free and the rows are dropped meanwhile; the caller decides what to show.

use super::document::{self, Kind};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::table::{Scope, Table};
use serde::{Deserialize, Serialize};
use stdx::future::Boxed;
use store::{RecordWrite, StoreError};

/// The document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct DeletedTable {
    table: Table,
    until_micros: u64,
}

impl DeletedTable {
    fn shows(&self, now_micros: u64) -> bool {
        now_micros < self.until_micros
    }
}

impl Engine {
    /// The table of a name that still shows as being deleted at a time.
    pub fn deleted_table<'a>(
        &'a self,
        scope: &'a Scope,
        name: &'a str,
        now_micros: u64,
    ) -> Boxed<'a, Result<Option<Table>, StoreError>> {
        Box::pin(async move {
            let read = document::read::<DeletedTable>(self.store(), Kind::DeletedTable, scope, name).await;
            let deleted = read.map_err(EngineError::into_store)?;
            Ok(deleted.filter(|deleted| deleted.shows(now_micros)).map(|deleted| deleted.table))
        })
    }

    /// The names of all such tables, in lexical order.
    pub fn deleted_table_names<'a>(
        &'a self,
        scope: &'a Scope,
        now_micros: u64,
    ) -> Boxed<'a, Result<Vec<String>, StoreError>> {
        Box::pin(async move {
            let deleted = self.deleted_tables(scope).await?;
            let showing = deleted.into_iter().filter(|deleted| deleted.shows(now_micros));
            Ok(showing.map(|deleted| deleted.table.name).collect())
        })
    }

    /// The documents of a table that is being deleted now, and the removal of those that show no more.
    pub(super) async fn remember_deleted(
        &self,
        table: &Table,
        until_micros: u64,
    ) -> Result<Vec<RecordWrite>, StoreError> {
        let now_micros = self.now_micros();
        if until_micros <= now_micros {
            return Ok(Vec::new());
        }
        let past = self.deleted_tables(&table.scope).await?;
        let past = past.iter().filter(|past| !past.shows(now_micros) && past.table.name != table.name);
        let forget =
            |past: &DeletedTable| document::delete(Kind::DeletedTable, &table.scope, &past.table.name);
        let mut records: Vec<RecordWrite> = past.map(forget).collect();
        let deleted = DeletedTable { table: table.clone(), until_micros };
        records.push(document::put(Kind::DeletedTable, &table.scope, &table.name, &deleted));
        Ok(records)
    }

    async fn deleted_tables(&self, scope: &Scope) -> Result<Vec<DeletedTable>, StoreError> {
        let found = document::in_region(self.store(), Kind::DeletedTable, scope).await;
        found.map_err(EngineError::into_store)
    }
}
