//! Which tables there are.
//!
//! Descriptors are documents of the store and shared in memory. All changes go through one lock and become
//! visible in the order they were appended; a change raises the table's fence in the same commit, so that no
//! write planned with an older descriptor gets in behind it. Reading a descriptor takes one short read lock.

mod alter;
mod change;
mod create;
mod delete;
pub(crate) mod document;
mod load;

pub use alter::AlterError;
pub use create::{CreateError, NewTable};
pub use delete::DeleteError;

use crate::engine::Engine;
use crate::table::{Scope, Table};
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Ordered, as names are a caller's choice: comparing a few is less work than hashing one safely.
type Tables = BTreeMap<Scope, BTreeMap<String, Arc<Table>>>;

/// The tables, in memory.
#[derive(Debug)]
pub(crate) struct Catalog {
    tables: RwLock<Tables>,
    /// Held by whoever changes a descriptor, until the change is appended and shows in `tables`.
    changes: Mutex<Changes>,
    /// How many changes show in `tables` and may not be durable.
    underway: AtomicUsize,
}

/// What changes of the catalog need to know.
#[derive(Debug)]
struct Changes {
    /// No table has ever had this id or a higher one.
    next_table_id: u32,
}

impl Catalog {
    fn table(&self, scope: &Scope, name: &str) -> Option<Arc<Table>> {
        self.tables.read().get(scope)?.get(name).cloned()
    }

    /// The newest descriptor of a table, once changes under way have come through. `None`: it is gone, even
    /// if there is another one of its name.
    pub(crate) fn settled(&self, table: &Table) -> Option<Arc<Table>> {
        let _changes = self.changes.lock();
        self.table(&table.scope, &table.name).filter(|now| now.id == table.id)
    }

    fn publish(&self, table: &Arc<Table>) {
        let mut tables = self.tables.write();
        tables.entry(table.scope.clone()).or_default().insert(table.name.clone(), Arc::clone(table));
    }

    /// Shows a table again whose change or deletion could not be committed.
    fn restore(&self, table: &Arc<Table>) {
        let _changes = self.changes.lock();
        if self.table(&table.scope, &table.name).is_none_or(|now| now.id == table.id) {
            self.publish(table);
        }
    }

    fn withdraw(&self, table: &Table) {
        let mut tables = self.tables.write();
        let Some(names) = tables.get_mut(&table.scope) else { return };
        if names.get(&table.name).is_some_and(|now| now.id == table.id) {
            names.remove(&table.name);
        }
        if names.is_empty() {
            tables.remove(&table.scope);
        }
    }
}

/// What is found here may not be durable yet: an answer waits for [`Engine::settle_catalog`].
impl Engine {
    /// The table of a name.
    pub fn table(&self, scope: &Scope, name: &str) -> Option<Arc<Table>> {
        self.catalog().table(scope, name)
    }

    /// At most `limit` names of tables in lexical order, from the one after `after`.
    pub fn table_names_after(&self, scope: &Scope, after: Option<&str>, limit: usize) -> Vec<String> {
        let tables = self.catalog().tables.read();
        let Some(names) = tables.get(scope) else { return Vec::new() };
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        names.range::<str, _>((start, Bound::Unbounded)).take(limit).map(|(name, _)| name.clone()).collect()
    }

    /// Where else a table of this name is: for the hint that helps who looks in the wrong place.
    pub fn find_elsewhere(&self, scope: &Scope, name: &str) -> Option<Scope> {
        let tables = self.catalog().tables.read();
        tables
            .iter()
            .find(|(other, names)| *other != scope && names.contains_key(name))
            .map(|(other, _)| other.clone())
    }

    /// All tables of all accounts and regions.
    pub fn tables(&self) -> Vec<Arc<Table>> {
        self.catalog().tables.read().values().flat_map(|names| names.values().cloned()).collect()
    }
}
