//! Opening a directory: lock it, read HEAD, open the trees, replay the log, start the threads. Little is
//! created here: the first log file and HEAD come into being with the first commit.

mod assembly;
mod checks;
pub(crate) mod error;
pub(crate) mod lock_file;
pub(crate) mod options;
mod replay;
pub(crate) mod threads;

use crate::core::Core;
use crate::format::LOG_FOLDER;
use crate::moving;
use crate::open::assembly::Parts;
use crate::open::error::OpenError;
use crate::open::lock_file::LockFile;
use crate::open::options::{Options, Purpose};
use crate::open::replay::Replayed;
use crate::open::threads::Threads;
use crate::trees::Trees;
use crate::trees::feed_trim::TrimMarks;
use std::path::Path;
use std::sync::Arc;

/// An open directory, and what keeps it open.
pub(crate) struct Opened {
    pub(crate) core: Core,
    pub(crate) threads: Threads,
    pub(crate) lock: LockFile,
}

/// Opens a directory, creates it if it is not there, and brings back everything acknowledged.
pub(crate) fn open(dir: &Path, options: Options) -> Result<Opened, OpenError> {
    std::fs::create_dir_all(dir.join(LOG_FOLDER)).map_err(|error| OpenError::unusable(dir, error))?;
    let lock = LockFile::take(dir)?;
    if options.purpose == Purpose::Serve {
        checks::check_moved(dir)?;
    }
    let (head_file, head) = checks::open_head(dir, &options)?;
    if head_file.is_some() {
        checks::check_lists(dir)?;
    }
    let trims = Arc::new(TrimMarks::default());
    let trees = Trees::open(dir, &options.profile, &trims, options.on_tree_read.clone())
        .map_err(|(name, error)| checks::tree_error(&dir.join(name.folder()), error))?;
    checks::check_age(dir, head, &trees)?;
    let replayed = Replayed::run(dir, &options, head, &trees)?;
    let unreadable = |error| checks::tree_error(&checks::system_file(dir, &trees), error);
    replay::load_trims(&trees, &trims, replayed.published()).map_err(unreadable)?;
    let tombstones = replay::load_tombstones(&trees, replayed.published()).map_err(unreadable)?;
    let (lost, purpose) = (replayed.log.lost, options.purpose);
    if lost {
        moving::break_series(dir).map_err(OpenError::io(dir))?;
    }
    let parts = Parts { head: head_file, trees, trims, tombstones, replayed };
    let (core, end) = parts.assemble(dir, options);
    if lost {
        assembly::flush_everything(&core).map_err(|error| checks::tree_error(dir, error))?;
    }
    let threads = Threads::start(&core, end, purpose).map_err(OpenError::io(dir))?;
    Ok(Opened { core, threads, lock })
}
