//! Files of the operating system. Writes bypass the page cache (O_DIRECT) where the file system allows: a
//! page cache filled by large writes keeps large folios, and then a write of one page makes 256 KB dirty that
//! every fdatasync writes out. Elsewhere (tmpfs, some network file systems) writes go through the cache.

use super::file_layer::{BlockFile, FileLayer};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const ZEROS_BYTES: usize = 256 * 1024;

/// The operating system's files.
#[derive(Debug, Clone, Copy)]
pub struct RealFiles;

#[derive(Debug)]
struct RealFile {
    cached: File,
    direct: Option<File>,
    /// Set when the file system took the flag and then refused a write.
    direct_refused: AtomicBool,
    size_bytes: u64,
}

impl FileLayer for RealFiles {
    fn create(&self, path: &Path, size_bytes: u64) -> io::Result<Arc<dyn BlockFile>> {
        match create_filled(path, size_bytes) {
            Ok(file) => Ok(Arc::new(RealFile::new(path, file, size_bytes))),
            Err(error) => {
                let _ = std::fs::remove_file(path);
                Err(error)
            }
        }
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn BlockFile>> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let size_bytes = file.metadata()?.len();
        Ok(Arc::new(RealFile::new(path, file, size_bytes)))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(dir)?.map(|entry| entry.map(|e| e.path())).collect()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
}

/// Written, not only reserved: a reserved extent costs a journal entry at its first write, and a disk that
/// fills up later must not fail a write into a file that exists.
fn create_filled(path: &Path, size_bytes: u64) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(path)?;
    let zeros = vec![0; ZEROS_BYTES.min(size_bytes as usize)];
    let mut offset = 0;
    while offset < size_bytes {
        let piece = (size_bytes - offset).min(zeros.len() as u64) as usize;
        file.write_all_at(&zeros[..piece], offset)?;
        offset += piece as u64;
    }
    file.sync_all()?;
    File::open(path.parent().unwrap_or(path))?.sync_all()?;
    Ok(file)
}

impl RealFile {
    fn new(path: &Path, cached: File, size_bytes: u64) -> Self {
        leave_page_cache(&cached);
        Self { cached, direct: open_direct(path), direct_refused: AtomicBool::new(false), size_bytes }
    }
}

/// The file for writes beside the page cache, where the system has such.
#[cfg(target_os = "linux")]
fn open_direct(path: &Path) -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).custom_flags(rustix::fs::OFlags::DIRECT.bits() as i32).open(path).ok()
}

#[cfg(not(target_os = "linux"))]
fn open_direct(_: &Path) -> Option<File> {
    None
}

#[cfg(not(target_os = "linux"))]
fn leave_page_cache(_: &File) {}

#[cfg(target_os = "linux")]
fn leave_page_cache(file: &File) {
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

impl BlockFile for RealFile {
    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.cached.read_exact_at(buffer, offset)
    }

    fn write_pages(&self, pages: &[u8], offset: u64) -> io::Result<()> {
        if let Some(direct) = &self.direct
            && !self.direct_refused.load(Ordering::Relaxed)
        {
            match direct.write_all_at(pages, offset) {
                Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) => {
                    self.direct_refused.store(true, Ordering::Relaxed);
                }
                result => return result,
            }
        }
        self.cached.write_all_at(pages, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.cached.sync_data()
    }
}
