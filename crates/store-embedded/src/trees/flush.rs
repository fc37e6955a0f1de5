//! The flusher: one thread that turns sealed memtables into sorted files. Where compaction is far behind, it waits:
//! writers are slowed down then, and stopped once memory is full of memtables.

use crate::disk_space;
use crate::environment::Environment;
use crate::read::read_view::ReadView;
use crate::trees::lsm::L0_RUNS_MAX;
use crate::trees::maintenance::Maintenance;
use crate::trees::{Name, Sealed, TreeError};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

const PAUSE_WHEN_FULL: Duration = Duration::from_millis(500);
const PAUSE_FOR_COMPACTION: Duration = Duration::from_millis(20);
/// Runs of a tree at which compaction has to come first: half of what a list can hold, the rest is for what is flushed
/// when the store stops, or is replayed.
const L0_RUNS_FLUSHED: usize = L0_RUNS_MAX / 2;

/// Writes sealed memtables into sorted files.
pub(crate) struct Flusher {
    pub(crate) env: Arc<Environment>,
    pub(crate) view: Arc<ReadView>,
    pub(crate) maintenance: Arc<Maintenance>,
}

impl Flusher {
    /// Flushes until the store stops and nothing is left.
    pub(crate) fn run(self) {
        while let Some((name, sealed)) = self.maintenance.memtables.next() {
            if self.env.failure.check().is_err() {
                return;
            }
            match self.flush_if_there_is_room(name, &sealed) {
                Ok(()) => {}
                Err(error) if error.is_out_of_files() => std::thread::park_timeout(PAUSE_WHEN_FULL),
                Err(TreeError::NotCompacted) => {
                    if !self.wait_for_compaction(name) {
                        return;
                    }
                }
                Err(error) if error.is_full() => {
                    self.maintenance.make_room(&self.env);
                    if !self.maintenance.memtables.wait_for_space(PAUSE_WHEN_FULL) {
                        return;
                    }
                }
                Err(error) => {
                    return self.env.failure.fatal(format!("writing sorted files failed: {error}"));
                }
            }
        }
    }

    /// False if it is not to be waited for: the log keeps what is not flushed.
    fn wait_for_compaction(&self, name: Name) -> bool {
        let Self { env, view, .. } = self;
        if view.trees.is_stopping() {
            return false;
        }
        if !view.corruption.is_sound(name) {
            let folder = env.dir.join(name.folder());
            env.failure.fatal(format!(
                "{} is damaged and not compacted any more, and takes no more files: restore a backup",
                folder.display()
            ));
            return false;
        }
        std::thread::park_timeout(PAUSE_FOR_COMPACTION);
        true
    }

    fn flush_if_there_is_room(&self, name: Name, sealed: &Sealed) -> Result<(), TreeError> {
        let Self { env, view, .. } = self;
        if view.trees.l0_runs(name) >= L0_RUNS_FLUSHED && !view.trees.is_stopping() {
            let can_compact = disk_space::has_room_for_compaction(&env.dir, &env.profile);
            return Err(if can_compact { TreeError::NotCompacted } else { full() });
        }
        if !disk_space::has_room(&env.dir, sealed.size_bytes()) {
            return Err(full());
        }
        self.flush(name, sealed)
    }

    /// Flushes one memtable. No row reaches a sorted file's reader before it is durable in the log, and none
    /// before every reader that is older than it has left.
    pub(crate) fn flush(&self, name: Name, sealed: &Sealed) -> Result<(), TreeError> {
        let Self { env, view, maintenance } = self;
        let built = view.trees.build(name, sealed)?;
        view.readers.wait_for_older(sealed.highest());
        if let Err(error) = maintenance.log.sync_up_to(sealed.highest(), view.readers.published()) {
            env.failure.fatal(format!("syncing the log failed: {error}"));
            return Ok(());
        }
        {
            let _no_file_is_dropped = maintenance.installing.lock();
            view.trees.install(name, sealed, built)?;
            maintenance.memtables.note_flushed(name, sealed); // before a file may be dropped: HEAD is to know of its rows
        }
        maintenance.head_writer.write();
        maintenance.compaction.announce();
        Ok(())
    }
}

fn full() -> TreeError {
    TreeError::Io(ErrorKind::StorageFull.into())
}
