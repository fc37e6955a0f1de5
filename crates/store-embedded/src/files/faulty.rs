//! A file layer that fails on command, for the tests of what happens then.

use super::file_layer::{BlockFile, FileLayer};
use super::real::RealFiles;
use crate::format::PAGE_BYTES;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// How a write fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is written.
    Refused,
    /// The first page is written.
    Short,
    /// All pages but the first are written.
    Torn,
    /// Nothing is written: the device is full.
    NoSpace,
}

/// What fails when. Counters count down; negative means never.
#[derive(Debug)]
pub struct Faults {
    writes_until_failure: AtomicI64,
    failure: parking_lot::Mutex<Failure>,
    syncs_until_failure: AtomicI64,
    disk_full: AtomicBool,
}

impl Faults {
    /// The n-th write into a log file from now fails, and all after it.
    pub fn fail_write(&self, n: i64, failure: Failure) {
        *self.failure.lock() = failure;
        self.writes_until_failure.store(n, Ordering::SeqCst);
    }

    /// The n-th sync from now fails, and all after it.
    pub fn fail_sync(&self, n: i64) {
        self.syncs_until_failure.store(n, Ordering::SeqCst);
    }

    /// Whether files can be created.
    pub fn fill_disk(&self, full: bool) {
        self.disk_full.store(full, Ordering::SeqCst);
    }
}

/// Real files with faults.
#[derive(Debug, Clone)]
pub struct FaultyFiles(Arc<Faults>);

#[derive(Debug)]
struct FaultyFile {
    inner: Arc<dyn BlockFile>,
    faults: Arc<Faults>,
}

impl FaultyFiles {
    /// A layer without faults, and the handle that gives it some.
    pub fn new() -> (Self, Arc<Faults>) {
        let faults = Arc::new(Faults {
            writes_until_failure: AtomicI64::new(-1),
            failure: parking_lot::Mutex::new(Failure::Refused),
            syncs_until_failure: AtomicI64::new(-1),
            disk_full: AtomicBool::new(false),
        });
        (Self(faults.clone()), faults)
    }

    fn wrap(&self, inner: Arc<dyn BlockFile>) -> Arc<dyn BlockFile> {
        Arc::new(FaultyFile { inner, faults: self.0.clone() })
    }
}

impl FileLayer for FaultyFiles {
    fn create(&self, path: &Path, size_bytes: u64) -> io::Result<Arc<dyn BlockFile>> {
        if self.0.disk_full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        RealFiles.create(path, size_bytes).map(|file| self.wrap(file))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn BlockFile>> {
        RealFiles.open(path).map(|file| self.wrap(file))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        RealFiles.list(dir)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealFiles.remove(path)
    }
}

/// Whether this call is due to fail: true from the moment the countdown has reached zero.
fn due(countdown: &AtomicI64) -> bool {
    match countdown.load(Ordering::SeqCst) {
        0 => true,
        n if n < 0 => false,
        _ => countdown.fetch_sub(1, Ordering::SeqCst) == 1,
    }
}

impl BlockFile for FaultyFile {
    fn size_bytes(&self) -> u64 {
        self.inner.size_bytes()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.inner.read_at(buffer, offset)
    }

    fn write_pages(&self, pages: &[u8], offset: u64) -> io::Result<()> {
        if !due(&self.faults.writes_until_failure) {
            return self.inner.write_pages(pages, offset);
        }
        let failure = *self.faults.failure.lock();
        match failure {
            Failure::Short => self.inner.write_pages(&pages[..PAGE_BYTES], offset)?,
            Failure::Torn if pages.len() > PAGE_BYTES => {
                self.inner.write_pages(&pages[PAGE_BYTES..], offset + PAGE_BYTES as u64)?;
            }
            Failure::NoSpace => return Err(io::ErrorKind::StorageFull.into()),
            _ => {}
        }
        Err(io::Error::other("a write failed on command"))
    }

    fn sync(&self) -> io::Result<()> {
        if due(&self.faults.syncs_until_failure) {
            return Err(io::Error::other("a sync failed on command"));
        }
        self.inner.sync()
    }
}
