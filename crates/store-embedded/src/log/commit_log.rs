//! The log as several threads share it: the files on the segments, what is synced, HEAD. The end that is
//! written to belongs to the committer alone.

use crate::files::FileLayer;
use crate::log::file::LogFile;
use crate::log::head::{Head, HeadFile};
use crate::log::segments::Segments;
use parking_lot::{Mutex, MutexGuard};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Shared parts of the log.
pub(crate) struct CommitLog {
    pub(crate) segments: Mutex<Segments>,
    /// The file that is appended to. Changed only with the segments locked.
    current: Mutex<Option<LogFile>>,
    /// Its generation; before the first one since the open, the one it will have.
    generation: AtomicU64,
    /// Everything up to here is on the disk.
    synced: AtomicU64,
    head: Mutex<Option<HeadFile>>,
    head_path: PathBuf,
    files: Arc<dyn FileLayer>,
}

impl CommitLog {
    pub(crate) fn new(
        segments: Segments,
        generation: u64,
        synced: u64,
        head: Option<HeadFile>,
        head_path: PathBuf,
    ) -> Self {
        Self {
            files: segments.files.clone(),
            segments: Mutex::new(segments),
            current: Mutex::new(None),
            generation: AtomicU64::new(generation),
            synced: AtomicU64::new(synced),
            head: Mutex::new(head),
            head_path,
        }
    }

    pub(crate) fn synced(&self) -> u64 {
        self.synced.load(Ordering::SeqCst)
    }

    pub(crate) fn note_synced(&self, position: u64) {
        self.synced.fetch_max(position, Ordering::SeqCst);
    }

    /// The committer continues in this file; `full` is the one before.
    pub(crate) fn note_begun(&self, current: &LogFile, full: Option<LogFile>) {
        let mut segments = self.segments.lock();
        segments.full.extend(full);
        self.generation.store(current.generation, Ordering::SeqCst);
        *self.current.lock() = Some(current.clone());
    }

    /// No further file will be appended to, so the current one may be forgotten like the full ones.
    pub(crate) fn note_ended(&self, current: Option<LogFile>) {
        if let Some(current) = current {
            let mut segments = self.segments.lock();
            self.generation.store(current.generation + 1, Ordering::SeqCst);
            segments.full.push_back(current);
            self.current.lock().take();
        }
    }

    /// Syncs if `position` is not known to be on the disk; everything up to `written` is then.
    pub(crate) fn sync_up_to(&self, position: u64, written: u64) -> io::Result<()> {
        if self.synced() >= position {
            return Ok(());
        }
        // The committer syncs a file before it leaves it, so the current one is all there is to sync.
        let current = self.current.lock().clone();
        if let Some(current) = current {
            current.file.sync()?;
        }
        self.note_synced(written);
        Ok(())
    }

    /// Writes HEAD and takes back the files that are not needed any more, in this order: a file that is used
    /// again must not be one that an open would ask for.
    pub(crate) fn write_head(
        &self,
        floor: u64,
        time_micros: u64,
        flushed: [u64; 3],
        lists: [u64; 3],
    ) -> io::Result<()> {
        let mut head = self.head.lock();
        let file = match &mut *head {
            Some(file) => file,
            none => none.insert(HeadFile::create(&*self.files, &self.head_path)?),
        };
        let oldest_generation =
            self.segments.lock().oldest_needed(floor, self.generation.load(Ordering::SeqCst));
        file.write(&Head { durable: self.synced(), time_micros, oldest_generation, floor, flushed, lists })?;
        self.segments.lock().recycle_before(oldest_generation);
        Ok(())
    }

    /// Keeps HEAD as it is, and with it every file that is live, until this is dropped.
    pub(crate) fn pin(&self) -> MutexGuard<'_, impl Sized> {
        self.head.lock()
    }

    /// The files that an open would read, in order, and the generation that follows if there are none.
    pub(crate) fn live_files(&self) -> (Vec<LogFile>, u64) {
        let segments = self.segments.lock();
        let files = segments.full.iter().cloned().chain(self.current.lock().clone()).collect();
        (files, self.generation.load(Ordering::SeqCst))
    }

    /// Makes the file that the committer will want next, beside it.
    pub(crate) fn prepare_file(&self) -> io::Result<()> {
        let Some((path, size_bytes, files)) = self.segments.lock().wants_file() else { return Ok(()) };
        let file = files.create(&path, size_bytes)?;
        self.segments.lock().free.push(LogFile::empty(path, file));
        Ok(())
    }
}
