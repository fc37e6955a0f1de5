//! Rows by key, beside the block cache: a get that finds its row here asks no tree.
//!
//! A row found here for a position is the one the trees would give. Three rules make that so:
//!
//! * The committer puts in every row it inserts, and takes out every row it deletes, before it publishes their
//!   position. A reader at a position that finds an entry no newer than that has found the newest there is; an
//!   entry that is newer is not for him.
//! * A reader offers what it read from the trees, and it is taken only if nothing was written to the key since the
//!   position it was read at. Who was written since is kept for stripes of keys and does not depend on what is in
//!   the cache, so nothing here needs to know what was evicted.
//! * While a drop hides a range nobody asks for its rows here, and before the drop is forgotten they are.
//!
//! Deleted rows and rows that never were are not kept. What the cache holds is bounded in bytes.

use crate::trees::Bytes;
use foldhash::fast::RandomState;
use parking_lot::Mutex;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use std::hash::BuildHasher;

/// What a row takes beside its bytes: its places in the cache, and the heads of its allocations.
const ENTRY_BYTES: u64 = 128;
/// Only sizes tables that grow by themselves, and says how many shards are worth while.
const ROW_BYTES_EXPECTED: u64 = 512;
const STRIPES: usize = 1024;

/// A row and a position at which it was the newest.
#[derive(Clone)]
struct Cached {
    position: u64,
    row: Bytes,
}

#[derive(Clone)]
struct Weigh;

impl Weighter<Bytes, Cached> for Weigh {
    fn weight(&self, key: &Bytes, cached: &Cached) -> u64 {
        (key.len() + cached.row.len()) as u64 + ENTRY_BYTES
    }
}

/// The cache.
pub(crate) struct RowCache {
    rows: Cache<Bytes, Cached, Weigh, RandomState, DefaultLifecycle<Bytes, Cached>>,
    hasher: RandomState,
    /// By hash of the key: the position of the newest write. Held while an entry is put in.
    newest_write: Box<[Mutex<u64>]>,
}

impl RowCache {
    pub(crate) fn new(bytes: u64) -> Self {
        let hasher = RandomState::default();
        let mut options = OptionsBuilder::new();
        options.weight_capacity(bytes).estimated_items_capacity((bytes / ROW_BYTES_EXPECTED) as usize);
        #[expect(clippy::expect_used, reason = "both of its members are given")]
        let options = options.build().expect("capacities are given");
        Self {
            rows: Cache::with_options(options, Weigh, hasher.clone(), DefaultLifecycle::default()),
            hasher,
            newest_write: (0..STRIPES).map(|_| Mutex::default()).collect(),
        }
    }

    fn newest_write(&self, key: &[u8]) -> &Mutex<u64> {
        &self.newest_write[self.hasher.hash_one(key) as usize % STRIPES]
    }

    /// The row of a key as of a position, which is published.
    pub(crate) fn get(&self, key: &[u8], at: u64) -> Option<Bytes> {
        self.rows.get(key).filter(|cached| cached.position <= at).map(|cached| cached.row)
    }

    /// The committer wrote a row, or deleted it, and has not published that yet.
    pub(crate) fn write(&self, key: &Bytes, row: Option<&Bytes>, position: u64) {
        let mut newest_write = self.newest_write(key).lock();
        *newest_write = position;
        match row {
            Some(row) => self.rows.insert(key.clone(), Cached { position, row: row.clone() }),
            None => drop(self.rows.remove(&key[..])),
        }
    }

    /// A reader read a row at a position that it still announces. The row may be a view of a whole block, which is
    /// not to be kept for it: it is copied.
    pub(crate) fn offer(&self, key: &[u8], row: &[u8], at: u64) {
        let newest_write = self.newest_write(key).lock();
        if *newest_write <= at {
            self.rows.insert(key.into(), Cached { position: at, row: row.into() });
        }
    }

    /// Forgets the rows under a prefix. Looks at everything.
    pub(crate) fn forget(&self, prefix: &[u8]) {
        self.rows.retain(|key, _| !key.starts_with(prefix));
    }
}

#[cfg(test)]
mod tests;
