//! Documents of streams, kept in memory until they change: readers need them many times a second.
//!
//! A slightly outdated one is harmless. A reader of records finds the marker of every change that the document lacks.

use super::Stream;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Changed, Watch};

/// More are not kept: they are read again.
const STREAMS_MAX: usize = 4_096;

#[derive(Debug)]
pub(crate) struct StreamCache {
    watch: Watch,
    kept: Mutex<HashMap<Vec<u8>, Arc<Stream>>>,
}

impl StreamCache {
    /// With a watch on all documents of streams.
    pub(crate) fn new(watch: Watch) -> StreamCache {
        StreamCache { watch, kept: Mutex::default() }
    }

    /// The document of a key, if it is here.
    pub(super) fn find(&self, key: &[u8]) -> Option<Arc<Stream>> {
        let mut kept = self.kept.lock();
        match self.watch.take() {
            Changed::Any => kept.clear(),
            Changed::Keys(keys) => keys.iter().for_each(|key| _ = kept.remove(key)),
        }
        kept.get(key).cloned()
    }

    /// To hand to [`StreamCache::keep`] with a document that is read after this.
    pub(super) fn version(&self) -> u64 {
        self.watch.version()
    }

    /// Keeps a document, unless one has changed since it was read.
    pub(super) fn keep(&self, key: Vec<u8>, stream: &Arc<Stream>, version: u64) {
        let mut kept = self.kept.lock();
        if self.watch.version() != version {
            return;
        }
        if kept.len() >= STREAMS_MAX {
            kept.clear();
        }
        kept.insert(key, Arc::clone(stream));
    }
}
