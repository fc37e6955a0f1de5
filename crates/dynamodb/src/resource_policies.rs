//! The policies of tables and streams, compiled: what the stage of permissions asks. They are part of a table's
//! settings, so they go with it, and every server has them once its catalog is current.

use crate::checks::table_ref::TableRef;
use crate::service::DynamoDb;
use engine::{Engine, Table};
use parking_lot::RwLock;
use pipeline::{Cx, Need};
use policy::{Kind, Layer, Policy};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Compiled policies that are kept; with more the cache begins anew.
const COMPILED_MAX: usize = 10_000;
/// The time of a server on which no table has a policy.
const NEVER: u64 = u64::MAX;

/// The compiled policies of a server.
#[derive(Debug)]
pub struct ResourcePolicies {
    /// By table id, label of the stream (empty for the table) and revision.
    compiled: RwLock<HashMap<(String, String, u64), Arc<Policy>>>,
    /// Since when any table has a policy, in microseconds since the Unix epoch.
    since_micros: AtomicU64,
    /// The version of the catalog that was read last.
    version: AtomicU64,
}

impl Default for ResourcePolicies {
    fn default() -> Self {
        ResourcePolicies {
            compiled: RwLock::default(),
            since_micros: AtomicU64::new(NEVER),
            version: AtomicU64::new(NEVER),
        }
    }
}

impl ResourcePolicies {
    /// Whether any table has a policy.
    pub fn are_there(&self) -> bool {
        self.since_micros.load(Ordering::Acquire) != NEVER
    }

    /// The same for a request of a time: such a request was authorized whatever its caller.
    pub fn were_there(&self, now_micros: u64) -> bool {
        self.since_micros.load(Ordering::Acquire) <= now_micros
    }

    /// Compiles the policies again after changes of tables.
    pub fn follow(&self, engine: &Engine) {
        let version = engine.catalog_version();
        if self.version.load(Ordering::Acquire) == version {
            return;
        }
        let any = engine.tables().iter().any(|table| !table.settings.resource_policies.is_empty());
        match any {
            true => self.note_one(engine.now_micros()),
            false => self.since_micros.store(NEVER, Ordering::Release),
        }
        self.version.store(version, Ordering::Release);
    }

    /// Notes a policy and the time of its commit: requests that began before were not authorized by it.
    pub fn note_one(&self, now_micros: u64) {
        self.since_micros.fetch_min(now_micros, Ordering::AcqRel);
    }

    /// The policy of a table, or of a stream of it by its label.
    pub fn of(&self, table: &Table, label: &str) -> Option<Arc<Policy>> {
        let kept = table.settings.resource_policies.get(label)?;
        let key = (table.uuid.clone(), label.to_owned(), kept.revision);
        if let Some(policy) = self.compiled.read().get(&key) {
            return Some(Arc::clone(policy));
        }
        // What is kept was parsed before; a policy that cannot be read allows nothing.
        let policy = Policy::parse(&kept.document, Kind::Resource).unwrap_or_else(|_| Policy::nothing());
        let policy = Arc::new(policy);
        let mut compiled = self.compiled.write();
        if compiled.len() >= COMPILED_MAX {
            compiled.clear();
        }
        compiled.insert(key, Arc::clone(&policy));
        Some(policy)
    }
}

/// A need with the policy of its table.
pub fn beside<'a>(cx: &Cx<'_, DynamoDb>, table: &TableRef, need: Need<'a>) -> Need<'a> {
    if !cx.service.policies.are_there() {
        return need;
    }
    let policy = table.look_up(cx).and_then(|table| cx.service.policies.of(&table, ""));
    match policy {
        Some(policy) => need.with_policy(Layer::Resource, policy),
        None => need,
    }
}
