//! Reading the catalog when a store is opened.

use super::change::commit;
use super::document::{self, Kind};
use super::{Catalog, Changes, Tables};
use crate::error::EngineError;
use crate::table::Table;
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Fence, Outcome, Plan, Store, StoreError};
use tokio::sync::Notify;

impl Catalog {
    /// Reads all descriptors and raises their fences.
    pub(crate) async fn load(store: &dyn Store) -> Result<Catalog, EngineError> {
        let mut tables = Tables::new();
        let mut fences = Vec::new();
        for table in document::all::<Table>(store, Kind::Table).await? {
            fences.push(table.fence());
            tables.entry(table.scope.clone()).or_default().insert(table.name.clone(), Arc::new(table));
        }
        raise(store, fences).await?;
        let next_table_id =
            document::all::<u32>(store, Kind::NextTableId).await?.first().copied().unwrap_or(1);
        let changes = Changes { next_table_id, underway: BTreeSet::new() };
        Ok(Catalog { tables: RwLock::new(tables), changes: Mutex::new(changes), ended: Notify::new() })
    }
}

async fn raise(store: &dyn Store, fences: Vec<Fence>) -> Result<(), StoreError> {
    if fences.is_empty() {
        return Ok(());
    }
    match commit(store, &[], Plan { raise: fences, ..Plan::default() }).await? {
        Outcome::Committed(_) => Ok(()),
        outcome => Err(StoreError::Unavailable(format!("fences could not be raised: {outcome:?}"))),
    }
}
