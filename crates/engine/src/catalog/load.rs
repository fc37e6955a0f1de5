//! Reading the catalog when a store is opened.

use super::document::{self, Kind};
use super::{Catalog, Changes, Tables};
use crate::error::EngineError;
use crate::table::Table;
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Decision, Fence, Locking, Mutation, Outcome, Plan, Store, StoreError};
use tokio::sync::Notify;

impl Catalog {
    /// Reads all descriptors and raises their fences.
    pub(crate) fn load(store: &dyn Store) -> Result<Catalog, EngineError> {
        let mut tables = Tables::new();
        let mut fences = Vec::new();
        for table in document::all::<Table>(store, Kind::Table)? {
            fences.push(table.fence());
            tables.entry(table.scope.clone()).or_default().insert(table.name.clone(), Arc::new(table));
        }
        raise(store, fences)?;
        let next_table_id = document::all::<u32>(store, Kind::NextTableId)?.first().copied().unwrap_or(1);
        let changes = Changes { next_table_id, underway: BTreeSet::new() };
        Ok(Catalog { tables: RwLock::new(tables), changes: Mutex::new(changes), ended: Notify::new() })
    }
}

fn raise(store: &dyn Store, fences: Vec<Fence>) -> Result<(), StoreError> {
    if fences.is_empty() {
        return Ok(());
    }
    let mut plan = Some(Plan { raise: fences, ..Plan::default() });
    let outcome = store.mutate(Mutation {
        keys: &[],
        fences: &[],
        locking: Locking::Single,
        decide: &mut |_| plan.take().map_or(Decision::Refuse, Decision::Commit),
    });
    match outcome.wait()? {
        Outcome::Committed(_) => Ok(()),
        outcome => Err(StoreError::Unavailable(format!("fences could not be raised: {outcome:?}"))),
    }
}
