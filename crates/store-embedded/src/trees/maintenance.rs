//! The work that no writer waits for, as the threads that do it share it: memtables on their way into sorted files,
//! log files on their way back, compaction, reclaiming.

use crate::disk_space;
use crate::environment::Environment;
use crate::log::commit_log::CommitLog;
use crate::log::head_writer::HeadWriter;
use crate::trees::compaction_schedule::CompactionSchedule;
use crate::trees::memtables::Memtables;
use crate::trees::reclaim_queue::ReclaimQueue;
use parking_lot::Mutex;
use std::sync::Arc;

/// The shared state of the background threads.
pub(crate) struct Maintenance {
    pub(crate) memtables: Arc<Memtables>,
    pub(crate) log: Arc<CommitLog>,
    pub(crate) head_writer: HeadWriter,
    pub(crate) compaction: Arc<CompactionSchedule>,
    pub(crate) reclaim: ReclaimQueue,
    /// Held while sorted files are installed, and while files are dropped.
    pub(crate) installing: Mutex<()>,
}

impl Maintenance {
    /// Removes the log files that are only kept for later, if the disk is nearly full. Called before something is
    /// written that frees space.
    pub(crate) fn make_room(&self, env: &Environment) {
        if !disk_space::has_room_for_rows(&env.dir, &env.profile) {
            self.log.segments.lock().remove_free();
        }
    }
}
