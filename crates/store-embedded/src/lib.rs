//! The durable store: our own commit log over the `lsm-tree` crate.
//!
//! # Layout
//! A write: [`write`], from [`write::mutate`] (keys → old rows → decide) over [`write::queue`] (fences, position,
//! overlay) to [`write::committer`] (log, sync, memtables, publish, replies). A read: [`read`], which announces a
//! position ([`read::reader_epochs`]) and looks into the row cache and the [`trees`]. A flush: [`trees`], from
//! memtables to sorted files, compaction, and the space of what was dropped or trimmed. [`log`]: the commit log
//! and HEAD. [`open`]: checks, replay, threads.
//!
//! # On disk
//! ```text
//! LOCK          held while a process has the directory open
//! HEAD          two slots: what was durable a moment ago, which log files are needed, what is flushed
//! log/N.log     commit log: header page, records; filled with zeros once, recycled
//! rows/ feed/ system/   sorted files (lsm-tree)
//! ```
//! # Guarantees
//! Acknowledged is on disk. A torn tail of the log is cut; damage below an acknowledged position, and a log
//! that is gone, refuse to open and say where. A failed write or sync ends the store; a full disk refuses
//! writes and leaves it readable. Damage to sorted files is reported with the file's name; other files stay readable
//! and writable. Knows bytes and order, nothing of what they mean.

mod store_impl;

mod write;

mod read;

mod trees;

mod log;

mod open;

mod checkpoint;
mod core;
mod disk_space;
mod failure;
#[doc(hidden)]
pub mod files;
mod format;

pub use open::error::OpenError;
pub use open::options::{Durability, OnFatal, OnWarning, Options, Profile};

use crate::core::Core;
use crate::open::Threads;
use crate::open::lock_file::LockFile;
use parking_lot::Mutex;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use store::StoreError;

/// A store in a directory.
pub struct EmbeddedStore {
    core: Arc<Core>,
    threads: Mutex<Threads>,
    lock: Mutex<Option<LockFile>>,
}

impl EmbeddedStore {
    /// Opens a directory, creates it if it is not there, and brings back everything acknowledged.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        open::open(dir, options)
    }

    /// Writes a copy into a folder that does not exist yet, on the same file system. The copy opens with
    /// everything committed before the call.
    pub fn checkpoint(&self, to: &Path) -> std::io::Result<()> {
        checkpoint::write(&self.core, to)
    }

    /// Commits what is queued, flushes, and leaves nothing to replay. A second call does nothing.
    fn shut_down(&self) -> Result<(), StoreError> {
        let core = &self.core;
        let mut threads = self.threads.lock();
        let Some(committer) = threads.committer.take() else { return core.failure.check() };
        core.queue.close();
        core.trees.stop();
        let _ = committer.join();
        core.memtables.stop();
        core.compaction.stop();
        core.reclaim.stop();
        core.head_writer.stop();
        for thread in threads.flusher.take().into_iter().chain(threads.others.drain(..)) {
            let _ = thread.join();
        }
        core.failure.check()?;
        if core.readers.published() > 0 {
            core.write_head();
        }
        self.lock.lock().take();
        core.failure.check()
    }

    /// Seals the memtables; they are flushed behind the scenes. For tests.
    #[doc(hidden)]
    pub fn request_flush(&self) {
        self.core.queue.request_rotation();
    }

    /// Seals and flushes the memtables, and waits for it. For tests.
    #[doc(hidden)]
    pub fn flush(&self) {
        let published = self.core.readers.published();
        self.request_flush();
        for name in trees::Name::ALL {
            self.core.memtables.wait_until_flushed(name, published);
        }
    }

    /// Ranges that were dropped and still take space. For tests.
    #[doc(hidden)]
    pub fn ranges_to_reclaim(&self) -> usize {
        self.core.tombstones.snapshot().map_or(0, |list| list.len())
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        let _ = self.shut_down();
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("dir", &self.core.dir).finish_non_exhaustive()
    }
}
