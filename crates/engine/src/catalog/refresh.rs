//! Applies changes by other engines on the same store to the catalog.
//!
//! The store's watch reports which descriptors have changed. The check costs two atomic loads; only then
//! is something read, by one request at a time.

use super::document::{self, Kind};
use super::{Catalog, Tables};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::table::{Scope, Table};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use stdx::future::Boxed;
use store::records::RecordKey;
use store::{Changed, Store, StoreError};

impl Catalog {
    fn is_current(&self) -> bool {
        self.has_all_tables() && self.keys.is_current()
    }

    fn has_all_tables(&self) -> bool {
        self.watch.version() == self.loaded.load(Ordering::Acquire)
    }

    /// Shows everything as the store has it at least since this was called. Returns what is shown anew.
    pub(crate) async fn refresh(&self, store: &dyn Store) -> Result<Vec<Arc<Table>>, StoreError> {
        let missed = !self.has_all_tables();
        let shown = if missed { self.catch_up(store, Changed::NOTHING).await? } else { Vec::new() };
        // Behind the tables: of one that has come under another key the old one is not asked for any more.
        match self.keys.refresh().await {
            Err(error) if shown.is_empty() => Err(error),
            _ => Ok(shown), // keys that are not known yet are asked for again
        }
    }

    /// Shows a name as the store has it, and returns the table.
    pub(crate) async fn reload(
        &self,
        store: &dyn Store,
        scope: &Scope,
        name: &str,
    ) -> Result<Option<Arc<Table>>, StoreError> {
        let key = BTreeSet::from([Kind::Table.key(scope, name).bytes()]);
        self.catch_up(store, Changed::Keys(key)).await?;
        Ok(self.table(scope, name))
    }

    /// A missed change stays noted until it is shown: a future that waits for the store here may be dropped.
    fn catch_up<'a>(
        &'a self,
        store: &'a dyn Store,
        also: Changed,
    ) -> Boxed<'a, Result<Vec<Arc<Table>>, StoreError>> {
        Box::pin(async move {
            let mut missed = self.missed.lock().await;
            let version = self.watch.version();
            missed.add(self.watch.take());
            missed.add(also);
            let mut shown = Vec::new();
            match &mut *missed {
                Changed::Any => shown = self.reload_all(store).await?,
                Changed::Keys(keys) => {
                    while let Some(key) = keys.first().cloned() {
                        shown.extend(self.reload_key(store, &key).await?);
                        keys.remove(&key);
                    }
                }
            }
            *missed = Changed::NOTHING;
            self.loaded.store(version, Ordering::Release);
            Ok(shown)
        })
    }

    /// Shows all tables of an account, or of one of its regions, as the store has them, and returns them.
    fn reload_within<'a>(
        &'a self,
        store: &'a dyn Store,
        account: &'a str,
        region: Option<&'a str>,
    ) -> Boxed<'a, Result<Vec<Arc<Table>>, StoreError>> {
        Box::pin(async move {
            let _alone = self.missed.lock().await;
            let found = document::within::<Table>(store, Kind::Table, account, region).await;
            let mut shown = Vec::new();
            for table in found.map_err(EngineError::into_store)? {
                self.keys.learn(&table).await?;
                shown.push(Arc::new(self.loaded_as_before(table)));
            }
            let is_within =
                |of: &Scope| *of.account == *account && region.is_none_or(|region| *of.region == *region);
            let mut tables = self.tables.write();
            tables.retain(|of, _| !is_within(of));
            tables.append(&mut by_name(&shown));
            drop(tables);
            Ok(shown)
        })
    }

    async fn reload_all(&self, store: &dyn Store) -> Result<Vec<Arc<Table>>, StoreError> {
        let tables = document::all::<Table>(store, Kind::Table).await.map_err(EngineError::into_store)?;
        for table in &tables {
            self.keys.learn(table).await?;
        }
        let tables: Vec<_> = tables.into_iter().map(Arc::new).collect();
        *self.tables.write() = by_name(&tables);
        Ok(tables)
    }

    /// A newer descriptor of the same table keeps its load counters and its buckets.
    fn loaded_as_before(&self, table: Table) -> Table {
        match self.table(&table.scope, &table.name).filter(|shown| shown.id == table.id) {
            Some(shown) => Table { load: shown.load.clone(), buckets: shown.buckets.clone(), ..table },
            None => table,
        }
    }

    async fn reload_key(&self, store: &dyn Store, key: &[u8]) -> Result<Option<Arc<Table>>, StoreError> {
        let Some(RecordKey { account, region, id: name, .. }) = RecordKey::from_bytes(key) else {
            return Ok(None); // opening a store refuses such a key
        };
        let scope = Scope { account: account.into(), region: region.into() };
        let read = document::read::<Table>(store, Kind::Table, &scope, &name).await;
        let table =
            read.map_err(EngineError::into_store)?.map(|table| Arc::new(self.loaded_as_before(table)));
        match &table {
            Some(table) => {
                self.keys.learn(table).await?;
                self.show(table);
            }
            None => self.withdraw(&scope, &name),
        }
        Ok(table)
    }
}

pub(super) fn by_name(tables: &[Arc<Table>]) -> Tables {
    let mut named = Tables::new();
    for table in tables {
        named.entry(table.scope.clone()).or_default().insert(table.name.clone(), Arc::clone(table));
    }
    named
}

impl Engine {
    /// Whether all tables are known as the store has them. Costs two atomic loads.
    pub fn is_current(&self) -> bool {
        self.catalog().is_current()
    }

    /// Rises whenever tables are shown anew that this engine or another has changed.
    pub fn catalog_version(&self) -> u64 {
        self.catalog().loaded.load(Ordering::Acquire)
    }

    /// Reads all tables of an account, or of one of its regions, anew: what is durable now is known then, even where
    /// its commit is not acknowledged yet.
    pub(super) async fn reload_within(&self, account: &str, region: Option<&str>) -> Result<(), StoreError> {
        let shown = self.catalog().reload_within(self.store(), account, region).await?;
        shown.iter().for_each(|table| self.tend(table));
        Ok(())
    }

    /// Applies the changes of other engines on this store. What they acknowledged before this call is
    /// known when it resolves.
    pub fn refresh(&self) -> Boxed<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let shown = self.catalog().refresh(self.store()).await?;
            shown.iter().for_each(|table| self.tend(table));
            Ok(())
        })
    }
}
