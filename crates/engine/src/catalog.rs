//! The catalog: the tables of this store.
//!
//! Descriptors are documents of the store; this is a cache of them. A change is shown once it is durable, so no
//! answer shows one that is not, and a change that fails leaves nothing to undo. Changes of one table wait for
//! each other, those of different tables share group commits. A change raises the table's fence in the same
//! commit, so that no write planned with an older descriptor gets in behind it. Reading a descriptor takes one
//! short read lock.
//!
//! Several engines may run on one store. Changes by another one are noticed by a watch on the descriptors
//! ([`Engine::refresh`]), and where a write or a change is fenced off. Creations have a fence of their own, whose
//! version is the number of table ids given so far: so no id is given twice, and no name is taken twice.

mod alter;
mod alter_tables;
pub(crate) mod change;
mod completions;
mod create;
mod create_backup;
mod create_replica;
mod delete;
mod deleted;
pub(crate) mod document;
mod join_replicas;
mod load;
mod quota;
mod refresh;
mod remote_replica;
mod remove_replica;
mod restore;

pub use alter::AlterError;
pub(crate) use completions::Completions;
pub use create::{CreateError, NewTable};
pub use create_backup::BackupError;
pub use delete::DeleteError;
pub(crate) use delete::GONE;
pub use join_replicas::Joined;
pub use load::fences;
pub use quota::{NoRoom, Units};
pub use restore::RestoreError;

use crate::engine::Engine;
use crate::sealing::TableKeys;
use crate::table::{Provisioned, Scope, Table};
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use store::{Changed, StoreError, Watch};
use tokio::sync::Notify;

/// Ordered, as names are a caller's choice: comparing a few is less work than hashing one safely.
type Tables = BTreeMap<Scope, BTreeMap<String, Arc<Table>>>;
/// Names whose tables are being changed, and what is provisioned for them once they are.
type Underway = BTreeMap<(Scope, String), Provisioned>;

/// Regions of an account in which a table that is not found is looked for.
const ELSEWHERE_MAX: usize = 32;

/// The tables, in memory.
#[derive(Debug)]
pub(crate) struct Catalog {
    tables: RwLock<Tables>,
    /// The keys of those that are sealed.
    keys: Arc<TableKeys>,
    changes: Mutex<Changes>,
    /// Notified whenever a change has ended.
    ended: Notify,
    /// Held by the one creation that is under way, where other engines may create tables too.
    creating: tokio::sync::Mutex<()>,
    /// Held likewise by the one change that [adds](quota) to what there is, once its names are claimed.
    growing: tokio::sync::Mutex<()>,
    watch: Watch,
    /// The version of the watch up to which the tables are shown.
    loaded: AtomicU64,
    /// What has changed and is not shown yet.
    missed: tokio::sync::Mutex<Changed>,
}

/// The state that changes of the catalog share.
#[derive(Debug)]
struct Changes {
    /// No table has ever had this id or a higher one.
    next_table_id: u32,
    underway: Underway,
    /// As of which version of its fence all tables of a region are known, where other engines may create tables too.
    known: BTreeMap<Scope, u64>,
}

impl Catalog {
    pub(crate) fn keys(&self) -> &TableKeys {
        &self.keys
    }

    pub(crate) fn table(&self, scope: &Scope, name: &str) -> Option<Arc<Table>> {
        self.tables.read().get(scope)?.get(name).cloned()
    }

    /// Those of all tables of all accounts and regions that are wanted.
    pub(crate) fn tables_where(&self, is_wanted: impl Fn(&Table) -> bool) -> Vec<Arc<Table>> {
        let tables = self.tables.read();
        let all = tables.values().flat_map(|names| names.values());
        all.filter(|table| is_wanted(table)).cloned().collect()
    }

    fn show(&self, table: &Arc<Table>) {
        let mut tables = self.tables.write();
        tables.entry(table.scope.clone()).or_default().insert(table.name.clone(), Arc::clone(table));
    }

    fn withdraw(&self, scope: &Scope, name: &str) {
        let mut tables = self.tables.write();
        let Some(names) = tables.get_mut(scope) else { return };
        names.remove(name);
        if names.is_empty() {
            tables.remove(scope);
        }
    }
}

/// What is found here is durable, and as of the latest [`Engine::refresh`].
impl Engine {
    /// The table of a name.
    pub fn table(&self, scope: &Scope, name: &str) -> Option<Arc<Table>> {
        self.catalog().table(scope, name)
    }

    /// The table of a name, read from the store where this engine does not have it, or not with all its items: on a
    /// store that several engines have open, another one may have created or filled it a moment ago.
    pub async fn find_table(&self, scope: &Scope, name: &str) -> Result<Option<Arc<Table>>, StoreError> {
        let known = self.table(scope, name);
        let is_whole = known.as_ref().is_some_and(|table| !table.settings.is_being_filled());
        if is_whole || !self.store().capabilities().shared {
            return Ok(known);
        }
        let found = self.catalog().reload(self.store(), scope, name).await?;
        found.iter().for_each(|table| self.tend(table));
        Ok(found)
    }

    /// The newer descriptor of a table whose writes were fenced off with this one. `None`: the table was deleted, even
    /// if there is another one of its name, or is being taken away from a global table.
    pub(crate) async fn newer_table(&self, fenced: &Table) -> Result<Option<Arc<Table>>, StoreError> {
        let same = |table: &Arc<Table>| table.id == fenced.id && !table.settings.is_leaving();
        self.catalog().unchanging(&fenced.scope, &fenced.name).await;
        self.refresh().await?;
        let shown = self.table(&fenced.scope, &fenced.name).filter(same);
        if shown.as_ref().is_none_or(|shown| shown.schema_version > fenced.schema_version) {
            return Ok(shown);
        }
        self.store().settled().await?; // another engine on this store has changed it: durable by then
        let reloaded = self.catalog().reload(self.store(), &fenced.scope, &fenced.name).await?;
        Ok(reloaded.filter(same))
    }

    /// At most `limit` names of tables in lexical order, from the one after `after`.
    pub fn table_names_after(&self, scope: &Scope, after: Option<&str>, limit: usize) -> Vec<String> {
        let tables = self.catalog().tables.read();
        let Some(names) = tables.get(scope) else { return Vec::new() };
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        names.range::<str, _>((start, Bound::Unbounded)).take(limit).map(|(name, _)| name.clone()).collect()
    }

    /// Another region in which the same account has a table of this name: for a hint. Looks at a bounded number
    /// of regions, and never into another account.
    pub fn find_in_another_region(&self, scope: &Scope, name: &str) -> Option<Scope> {
        let first = Scope { account: Arc::clone(&scope.account), region: "".into() };
        let tables = self.catalog().tables.read();
        let regions = tables.range(first..).take_while(|(other, _)| other.account == scope.account);
        let mut others = regions.filter(|(other, _)| *other != scope).take(ELSEWHERE_MAX);
        others.find(|(_, names)| names.contains_key(name)).map(|(other, _)| other.clone())
    }

    /// All tables of an account and region.
    pub fn tables_of(&self, scope: &Scope) -> Vec<Arc<Table>> {
        let tables = self.catalog().tables.read();
        tables.get(scope).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }

    /// All tables of all accounts and regions.
    pub fn tables(&self) -> Vec<Arc<Table>> {
        self.catalog().tables_where(|_| true)
    }
}
