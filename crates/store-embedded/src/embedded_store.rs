//! A store in a directory: opening, copying and closing it. Reads and writes are in [`crate::store_impl`].

use crate::checkpoint;
use crate::core::Core;
use crate::open::error::OpenError;
use crate::open::lock_file::LockFile;
use crate::open::options::Options;
use crate::open::threads::Threads;
use crate::open::{self, Opened};
use crate::trees::Name;
use parking_lot::Mutex;
use std::fmt;
use std::path::Path;
use store::StoreError;

/// A store in a directory.
pub struct EmbeddedStore {
    pub(crate) core: Core,
    threads: Mutex<Threads>,
    lock: Mutex<Option<LockFile>>,
}

impl EmbeddedStore {
    /// Opens a directory, creates it if it is not there, and brings back everything acknowledged.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let Opened { core, threads, lock } = open::open(dir, options)?;
        Ok(Self { core, threads: Mutex::new(threads), lock: Mutex::new(Some(lock)) })
    }

    /// Writes a copy into a folder that does not exist yet, on the same file system. The copy opens with
    /// everything committed before the call.
    pub fn checkpoint(&self, to: &Path) -> std::io::Result<()> {
        checkpoint::write(&self.core, to)
    }

    /// Commits what is queued, flushes, and leaves nothing to replay. A second call does nothing.
    pub(crate) fn shut_down(&self) -> Result<(), StoreError> {
        let core = &self.core;
        let mut threads = self.threads.lock();
        let Some(committer) = threads.committer.take() else { return core.env.failure.check() };
        core.write.queue.close();
        core.view.trees.stop();
        threads.copies.take();
        let _ = committer.join();
        core.maintenance.memtables.stop();
        core.maintenance.compaction.stop();
        core.maintenance.reclaim.stop();
        core.maintenance.head_writer.stop();
        for thread in threads.flusher.take().into_iter().chain(threads.others.drain(..)) {
            let _ = thread.join();
        }
        core.view.cold_reads.stop();
        core.env.failure.check()?;
        if core.view.readers.published() > 0 {
            core.maintenance.head_writer.write();
        }
        self.lock.lock().take();
        core.env.failure.check()
    }

    /// Seals the memtables; they are flushed behind the scenes. For tests.
    #[doc(hidden)]
    pub fn request_flush(&self) {
        self.core.write.queue.request_rotation();
    }

    /// Seals and flushes the memtables, and waits for it. For tests.
    #[doc(hidden)]
    pub fn flush(&self) {
        let published = self.core.view.readers.published();
        self.request_flush();
        for name in Name::ALL {
            self.core.maintenance.memtables.wait_until_flushed(name, published);
        }
    }

    /// Ranges that were dropped and still take space. For tests.
    #[doc(hidden)]
    pub fn ranges_to_reclaim(&self) -> usize {
        self.core.view.tombstones.snapshot().map_or(0, |list| list.len())
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        let _ = self.shut_down();
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("dir", &self.core.env.dir).finish_non_exhaustive()
    }
}
