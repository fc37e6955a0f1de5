//! What a node counts for each account and region: hits and misses, requests and how they ended.

use engine::Scope;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Running counts since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) item_hits: AtomicU64,
    pub(crate) item_misses: AtomicU64,
    pub(crate) query_hits: AtomicU64,
    pub(crate) query_misses: AtomicU64,
    pub(crate) scan_hits: AtomicU64,
    pub(crate) scan_misses: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) errors: AtomicU64,
    pub(crate) faults: AtomicU64,
    pub(crate) throttled: AtomicU64,
}

/// The counts of all whom the node has served. A connection keeps those of its caller.
#[derive(Debug, Default)]
pub(crate) struct AllCounts(Mutex<BTreeMap<Scope, Arc<Counts>>>);

/// Accounts and regions that are told apart; what others do is counted as nobody's.
const SCOPES_MAX: usize = 1_024;

impl AllCounts {
    pub(crate) fn of(&self, scope: &Scope) -> Arc<Counts> {
        let mut all = self.0.lock();
        match all.get(scope) {
            Some(counts) => Arc::clone(counts),
            None if all.len() >= SCOPES_MAX => Arc::default(),
            None => Arc::clone(all.entry(scope.clone()).or_default()),
        }
    }

    pub(crate) fn figures(&self) -> Vec<(Scope, Vec<(&'static str, u64)>)> {
        self.0.lock().iter().map(|(scope, counts)| (scope.clone(), counts.by_name())).collect()
    }
}

impl Counts {
    /// As CloudWatch names them.
    fn by_name(&self) -> Vec<(&'static str, u64)> {
        [
            ("ItemCacheHits", &self.item_hits),
            ("ItemCacheMisses", &self.item_misses),
            ("QueryCacheHits", &self.query_hits),
            ("QueryCacheMisses", &self.query_misses),
            ("ScanCacheHits", &self.scan_hits),
            ("ScanCacheMisses", &self.scan_misses),
            ("TotalRequestCount", &self.requests),
            ("ErrorRequestCount", &self.errors),
            ("FaultRequestCount", &self.faults),
            ("ThrottledRequestCount", &self.throttled),
        ]
        .map(|(name, count)| (name, count.load(Ordering::Relaxed)))
        .to_vec()
    }
}
