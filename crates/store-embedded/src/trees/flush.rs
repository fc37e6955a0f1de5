//! The flusher: one thread that turns sealed memtables into sorted files.

use crate::core::Core;
use crate::disk_space;
use crate::trees::{Built, Name, Sealed, TreeError};
use std::io::ErrorKind;
use std::time::Duration;

const PAUSE_WHEN_FULL: Duration = Duration::from_millis(500);

/// Flushes until the store stops and nothing is left.
pub(crate) fn run(core: &Core) {
    while let Some((name, sealed)) = core.memtables.next() {
        if core.failure.check().is_err() {
            return;
        }
        match flush_if_there_is_room(core, name, &sealed) {
            Ok(()) => {}
            Err(error) if error.is_out_of_files() => std::thread::park_timeout(PAUSE_WHEN_FULL),
            Err(error) if error.is_full() => {
                core.make_room();
                if !core.memtables.wait_for_space(PAUSE_WHEN_FULL) {
                    return;
                }
            }
            Err(error) => return core.failure.fatal(format!("writing sorted files failed: {error}")),
        }
    }
}

fn flush_if_there_is_room(core: &Core, name: Name, sealed: &Sealed) -> Result<(), TreeError> {
    if !disk_space::has_room(&core.dir, sealed.size_bytes()) {
        return Err(TreeError::Io(ErrorKind::StorageFull.into()));
    }
    flush(core, name, sealed)
}

/// Flushes one memtable. No row reaches a sorted file's reader before it is durable in the log, and none
/// before every reader that is older than it has left.
pub(crate) fn flush(core: &Core, name: Name, sealed: &Sealed) -> Result<(), TreeError> {
    let built: Built = core.trees.build(name, sealed)?;
    core.readers.wait_for_older(sealed.highest());
    if let Err(error) = core.log.sync_up_to(sealed.highest(), core.readers.published()) {
        core.failure.fatal(format!("syncing the log failed: {error}"));
        return Ok(());
    }
    {
        let _no_file_is_dropped = core.installing.lock();
        core.trees.install(name, sealed, built)?;
        core.memtables.note_flushed(name, sealed); // before a file may be dropped: HEAD is to know of its rows
    }
    core.write_head();
    core.compaction.announce();
    Ok(())
}
