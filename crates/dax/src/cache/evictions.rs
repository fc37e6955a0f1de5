//! Counts what is given up for want of room.

use super::entry::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Told of each entry that goes.
#[derive(Debug, Clone)]
pub(super) struct Evictions(pub(super) Arc<AtomicU64>);

impl quick_cache::Lifecycle<Box<[u8]>, Arc<Entry>> for Evictions {
    type RequestState = ();

    fn begin_request(&self) {}

    fn on_evict(&self, _: &mut (), key: Box<[u8]>, entry: Arc<Entry>) {
        self.0.fetch_add(entry.weight(&key), Ordering::Relaxed);
    }
}
