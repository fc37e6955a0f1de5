//! The file operations that the log uses.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Creates and finds files.
pub trait FileLayer: Send + Sync + fmt::Debug {
    /// A file of this size, all zeros, durable together with its name. Replaces what was there. Fails with
    /// `StorageFull` when it does not fit, and leaves nothing behind then.
    fn create(&self, path: &Path, size_bytes: u64) -> io::Result<Arc<dyn BlockFile>>;
    /// An existing file.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn BlockFile>>;
    /// The files of a directory, in no order.
    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// A file of fixed size, written in whole pages.
pub trait BlockFile: Send + Sync + fmt::Debug {
    /// Its size.
    fn size_bytes(&self) -> u64;
    /// Fills the buffer from `offset`.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes whole pages; buffer, length and offset are multiples of the page size.
    fn write_pages(&self, pages: &[u8], offset: u64) -> io::Result<()>;
    /// Everything written is on the disk when this returns.
    fn sync(&self) -> io::Result<()>;
}
