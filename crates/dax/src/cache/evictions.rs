//! Counts what is given up for want of room.

use super::entry::{Entry, Key};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Told of each entry that goes.
#[derive(Debug, Clone)]
pub(super) struct Evictions(pub(super) Arc<AtomicU64>);

impl quick_cache::Lifecycle<Key, Entry> for Evictions {
    type RequestState = ();

    fn begin_request(&self) {}

    fn on_evict(&self, _: &mut (), key: Key, entry: Entry) {
        self.0.fetch_add(entry.weight(&key), Ordering::Relaxed);
    }
}
