//! Everything the threads of a store share.

use crate::disk_space;
use crate::failure::Failure;
use crate::log::commit_log::CommitLog;
use crate::log::head_writer::HeadWriter;
use crate::open::options::{Durability, OnWarning, Profile};
use crate::read::feed_watchers::Watchers;
use crate::read::reader_epochs::ReaderEpochs;
use crate::read::row_cache::RowCache;
use crate::trees::compaction::Compaction;
use crate::trees::corruption::{self, Corruption};
use crate::trees::feed_trim::TrimMarks;
use crate::trees::memtables::Memtables;
use crate::trees::range_tombstones::RangeTombstones;
use crate::trees::reclaim::Reclaim;
use crate::trees::{Name, TreeError, Trees};
use crate::write::overlay::Overlay;
use crate::write::queue::Queue;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use stdx::Clock;
use store::{LockTable, Stamp, StoreError};

/// The shared state of a store.
pub(crate) struct Core {
    pub(crate) dir: PathBuf,
    pub(crate) durability: Durability,
    pub(crate) profile: Profile,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) failure: Arc<Failure>,
    pub(crate) corruption: Corruption,
    /// Hears of what is wrong and does not end the store.
    pub(crate) on_warning: OnWarning,
    // the way of a write
    pub(crate) locks: LockTable,
    pub(crate) overlay: Overlay,
    pub(crate) queue: Queue,
    pub(crate) log: CommitLog,
    // what readers see
    pub(crate) trees: Trees,
    pub(crate) row_cache: RowCache,
    pub(crate) readers: ReaderEpochs,
    /// Position and time of the newest published commit.
    pub(crate) newest: Mutex<Stamp>,
    pub(crate) tombstones: RangeTombstones,
    pub(crate) trims: Arc<TrimMarks>,
    pub(crate) watchers: Watchers,
    // work behind the scenes
    pub(crate) memtables: Memtables,
    pub(crate) compaction: Compaction,
    pub(crate) head_writer: HeadWriter,
    pub(crate) reclaim: Reclaim,
    /// Held while sorted files are installed, and while files are dropped.
    pub(crate) installing: Mutex<()>,
}

impl Core {
    /// Lets go of what is only kept for later, if the disk is nearly full: called by whoever frees space and needs
    /// some to do so.
    pub(crate) fn make_room(&self) {
        if !disk_space::has_room_for_rows(&self.dir, &self.profile) {
            self.log.segments.lock().remove_free();
        }
    }

    /// An error of the trees as callers see it.
    pub(crate) fn read_error(&self, name: Name, error: TreeError) -> StoreError {
        if corruption::is_corruption(&error) {
            corruption::note(self, name);
        }
        match error {
            TreeError::Io(error) => {
                StoreError::Unavailable(format!("reading {}: {error}", self.dir.display()))
            }
            other => StoreError::Corrupt(format!("{}: {other}; restore a backup", self.dir.display())),
        }
    }

    /// Brings HEAD up to date. False if a full disk leaves it as it was.
    pub(crate) fn write_head(&self) -> bool {
        let flushed = self.memtables.flushed();
        let lists = Name::ALL.map(|name| self.trees.list(name));
        let floor = self.memtables.floor(self.readers.published()).min(self.log.synced());
        let time_micros = self.newest.lock().time_micros;
        match self.log.write_head(floor, time_micros, flushed, lists) {
            Ok(()) => true,
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => false,
            Err(error) => {
                self.failure.fatal(format!("writing HEAD failed: {error}"));
                false
            }
        }
    }
}
