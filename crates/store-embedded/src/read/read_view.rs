//! What readers see: rows and their cache, the newest published position, and what is hidden or trimmed as of it.

use crate::environment::Environment;
use crate::read::cold_reads::ColdReads;
use crate::read::feed_watchers::Watchers;
use crate::read::reader_epochs::ReaderEpochs;
use crate::read::row_cache::RowCache;
use crate::trees::corruption::{self, Corruption};
use crate::trees::feed_trim::TrimMarks;
use crate::trees::range_tombstones::RangeTombstones;
use crate::trees::{Name, TreeError, Trees};
use parking_lot::Mutex;
use std::sync::Arc;
use store::{Stamp, StoreError, Watches};

/// The readable state of a store. Only the committer publishes to it.
pub(crate) struct ReadView {
    pub(crate) env: Arc<Environment>,
    pub(crate) trees: Trees,
    pub(crate) corruption: Corruption,
    pub(crate) row_cache: RowCache,
    pub(crate) cold_reads: ColdReads,
    pub(crate) readers: ReaderEpochs,
    /// Position and time of the newest published commit.
    pub(crate) newest: Mutex<Stamp>,
    pub(crate) tombstones: RangeTombstones,
    pub(crate) trims: Arc<TrimMarks>,
    pub(crate) watchers: Watchers,
    /// The watches on documents.
    pub(crate) watches: Watches,
}

impl ReadView {
    /// An error of the trees as callers see it.
    pub(crate) fn read_error(&self, name: Name, error: TreeError) -> StoreError {
        if corruption::is_corruption(&error) {
            self.corruption.note(name);
        }
        let dir = self.env.dir.display();
        match error {
            TreeError::Io(error) => StoreError::Unavailable(format!("reading {dir}: {error}")),
            other => StoreError::Corrupt(format!("{dir}: {other}; restore a backup")),
        }
    }
}
