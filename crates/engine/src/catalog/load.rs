//! Reading the catalog when a store is opened.

use super::change::commit;
use super::create::creations;
use super::document::{self, Kind};
use super::refresh::by_name;
use super::{Catalog, Changes};
use crate::backup::{self, Backup};
use crate::error::EngineError;
use crate::sealing::TableKeys;
use crate::stream::Stream;
use crate::table::Table;
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use store::{Changed, Fence, Outcome, Plan, Store, StoreError};
use tokio::sync::Notify;

impl Catalog {
    /// Reads all descriptors, and raises their fences where the store may have forgotten them. A store that several
    /// engines may have open has not, and a table of it may have been deleted.
    pub(crate) async fn load(store: &dyn Store, keys: Arc<TableKeys>) -> Result<Catalog, EngineError> {
        let watch = store.watch(&document::prefix(Kind::Table));
        let tables = document::all::<Table>(store, Kind::Table).await?;
        if !store.capabilities().shared {
            raise(store, fences_of(store, &tables).await?).await?;
        }
        for table in &tables {
            keys.learn(table).await?;
        }
        for stream in document::all::<Stream>(store, Kind::Stream).await? {
            keys.learn_of_deleted(&stream).await?;
        }
        let tables: Vec<_> = tables.into_iter().map(Arc::new).collect();
        let next_table_id = next_table_id(store).await?;
        Ok(Catalog {
            keys,
            tables: RwLock::new(by_name(&tables)),
            changes: Mutex::new(Changes { next_table_id, underway: BTreeMap::new(), known: BTreeMap::new() }),
            ended: Notify::new(),
            creating: tokio::sync::Mutex::new(()),
            growing: tokio::sync::Mutex::new(()),
            watch,
            loaded: AtomicU64::new(0),
            missed: tokio::sync::Mutex::new(Changed::NOTHING),
        })
    }
}

/// The fences that a store must have for the tables and backups that it has documents of. A store that is filled from
/// another one is given them; all but the last a store that forgets them is given when it is opened.
///
/// # Errors
/// When the documents cannot be read.
pub async fn fences(store: &dyn Store) -> Result<Vec<Fence>, EngineError> {
    let tables = document::all::<Table>(store, Kind::Table).await?;
    let mut fences = fences_of(store, &tables).await?;
    fences.push(creations(next_table_id(store).await?));
    Ok(fences)
}

async fn fences_of(store: &dyn Store, tables: &[Table]) -> Result<Vec<Fence>, EngineError> {
    let backups = backup::all(store).await?;
    Ok(tables.iter().map(Table::fence).chain(backups.iter().map(Backup::fence)).collect())
}

pub(super) async fn next_table_id(store: &dyn Store) -> Result<u32, EngineError> {
    Ok(document::read_global(store, Kind::NextTableId, "").await?.unwrap_or(1))
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
