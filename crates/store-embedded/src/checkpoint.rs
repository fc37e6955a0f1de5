//! A copy of a store in use, by hard links: sorted files are linked, the manifest and the live log copied.
//! The copy opens like a store that ended without notice: everything committed before the call is in it.
//!
//! While it is made HEAD is not written, so no log file is reused; commits continue.

use crate::core::Core;
use crate::files::RealFiles;
use crate::format::{HEAD_FILE, LOG_FOLDER};
use crate::log::head::{Head, HeadFile};
use crate::trees::Name;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// How often a tree's manifest is copied anew because a flush or compaction changed it meanwhile.
const ATTEMPTS_MAX: usize = 100;

/// Writes a copy into a folder that does not exist yet, on the same file system.
pub(crate) fn write(core: &Core, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    fs::create_dir(to.join(LOG_FOLDER))?;
    let pinned = core.maintenance.log.pin();
    let flushed = core.maintenance.memtables.flushed();
    let floor =
        core.maintenance.memtables.floor(core.view.readers.published()).min(core.maintenance.log.synced());
    let lists = Name::ALL.map(|name| core.view.trees.list(name));
    for name in Name::ALL {
        copy_tree(core, name, &to.join(name.folder()))?;
    }
    let published = core.view.readers.published();
    core.maintenance.log.sync_up_to(published, published)?;
    let oldest_generation = copy_log(core, &to.join(LOG_FOLDER))?;
    let time_micros = core.view.newest.lock().time_micros;
    let head = Head { durable: published, time_micros, floor, oldest_generation, flushed, lists };
    HeadFile::create(&RealFiles, &to.join(HEAD_FILE))?.write(&head)?;
    drop(pinned);
    File::open(to)?.sync_all()
}

fn copy_tree(core: &Core, name: Name, to: &Path) -> io::Result<()> {
    for _ in 0..ATTEMPTS_MAX {
        if core.view.trees.link_files(name, &core.env.dir.join(name.folder()), to)? {
            return Ok(());
        }
        fs::remove_dir_all(to)?;
    }
    Err(io::Error::other("the sorted files changed all the time"))
}

/// Copies the live files; returns the first generation of the copy.
fn copy_log(core: &Core, to: &Path) -> io::Result<u64> {
    let (files, next_generation) = core.maintenance.log.live_files();
    for file in &files {
        let name = file.path.file_name().unwrap_or_default();
        fs::copy(&file.path, to.join(name))?;
        File::open(to.join(name))?.sync_all()?;
    }
    File::open(to)?.sync_all()?;
    Ok(files.first().map_or(next_generation, |file| file.generation))
}
