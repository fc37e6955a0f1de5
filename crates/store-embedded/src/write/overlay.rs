//! Rows that are appended but not published, by key: what `decide` sees before anything else, so that a hot
//! item is not bound to one write a sync. An entry goes when its position is published, unless a newer one
//! has replaced it.

use crate::trees::Bytes;
use foldhash::fast::RandomState;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;

const SHARDS: usize = 64;

/// A row, or its deletion, and the position that wrote it.
pub(crate) type Appended = (u64, Option<Bytes>);

#[derive(Default)]
struct Shard(Mutex<HashMap<Bytes, Appended, RandomState>>);

/// The rows.
pub(crate) struct Overlay {
    shards: Box<[Shard]>,
    random: RandomState,
}

impl Overlay {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect(), random: RandomState::default() }
    }

    fn shard(&self, key: &[u8]) -> &Mutex<HashMap<Bytes, Appended, RandomState>> {
        &self.shards[self.random.hash_one(key) as usize % SHARDS].0
    }

    pub(crate) fn get(&self, key: &[u8]) -> Option<Appended> {
        self.shard(key).lock().get(key).cloned()
    }

    pub(crate) fn put(&self, key: &Bytes, row: Option<Bytes>, position: u64) {
        self.shard(key).lock().insert(key.clone(), (position, row));
    }

    /// Forgets what a position wrote.
    pub(crate) fn remove_published(&self, key: &Bytes, position: u64) {
        if let Entry::Occupied(entry) = self.shard(key).lock().entry(key.clone())
            && entry.get().0 == position
        {
            entry.remove();
        }
    }

    /// Removes everything: what was appended is rolled back.
    pub(crate) fn clear(&self) {
        self.shards.iter().for_each(|shard| shard.0.lock().clear());
    }
}
