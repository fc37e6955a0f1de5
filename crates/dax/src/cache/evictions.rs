//! Counts what is given up for want of room.

use super::entry::{Entry, Kept, Weighter};
use quick_cache::Weighter as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Told of each entry that goes.
#[derive(Debug, Clone)]
pub(super) struct Evictions(pub(super) Arc<AtomicU64>);

impl quick_cache::Lifecycle<Kept, Entry> for Evictions {
    type RequestState = ();

    fn begin_request(&self) {}

    fn on_evict(&self, _: &mut (), key: Kept, entry: Entry) {
        self.0.fetch_add(Weighter.weight(&key, &entry), Ordering::Relaxed);
    }
}
