//! The log's files: full ones, kept until every tree has flushed past them, and free ones, used again.

use super::file::LogFile;
use crate::files::FileLayer;
use crate::format::PAGE_BYTES;
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// The first file of an empty store: small, so that a store that is hardly written stays small.
const FIRST_FILE_BYTES: u64 = 1024 * 1024;
const FREE_FILES_MAX: usize = 3;

/// The files that are not being appended to.
#[derive(Debug)]
pub(crate) struct Segments {
    pub(crate) dir: PathBuf,
    pub(crate) files: Arc<dyn FileLayer>,
    /// Bytes of a new file.
    pub(crate) file_bytes: u64,
    /// Oldest first.
    pub(crate) full: VecDeque<LogFile>,
    pub(crate) free: Vec<LogFile>,
    pub(crate) next_id: u64,
    /// Where files go, if this folder is there, instead of being used again.
    pub(crate) kept: PathBuf,
}

impl Segments {
    /// A file with room for `record_bytes` of records.
    pub(crate) fn acquire(&mut self, record_bytes: u64) -> io::Result<LogFile> {
        let need = record_bytes + PAGE_BYTES as u64;
        let large = self.free.iter().position(|f| f.file.size_bytes() >= need.max(self.file_bytes));
        match large.or_else(|| self.free.iter().position(|f| f.file.size_bytes() >= need)) {
            Some(index) => Ok(self.free.swap_remove(index)),
            None => self.create(need),
        }
    }

    fn create(&mut self, need: u64) -> io::Result<LogFile> {
        let first = self.next_id == 0;
        let usual = if first { self.file_bytes.min(FIRST_FILE_BYTES) } else { self.file_bytes };
        let (path, size_bytes) = self.plan_file(usual.max(need));
        let file = self.files.create(&path, size_bytes)?;
        Ok(LogFile::empty(path, file))
    }

    /// Name and size of a new file.
    fn plan_file(&mut self, size_bytes: u64) -> (PathBuf, u64) {
        self.next_id += 1;
        (self.dir.join(format!("{:08}.log", self.next_id)), size_bytes.next_multiple_of(PAGE_BYTES as u64))
    }

    /// Name, size and maker of the file to prepare, if none is free.
    pub(crate) fn wants_file(&mut self) -> Option<(PathBuf, u64, Arc<dyn FileLayer>)> {
        if self.free.iter().any(|f| f.file.size_bytes() >= self.file_bytes) {
            return None;
        }
        let (path, size_bytes) = self.plan_file(self.file_bytes);
        Some((path, size_bytes, self.files.clone()))
    }

    /// The generation of the oldest file that holds a position above `floor`, or `current`.
    pub(crate) fn oldest_needed(&self, floor: u64, current: u64) -> u64 {
        self.full.iter().find(|f| f.last > floor).map_or(current, |f| f.generation)
    }

    /// Takes back the files before a generation. Only after HEAD has recorded that they are not needed.
    pub(crate) fn recycle_before(&mut self, before_generation: u64) {
        while self.full.front().is_some_and(|f| f.generation < before_generation) {
            if let Some(file) = self.full.pop_front() {
                self.recycle(file);
            }
        }
    }

    /// Gives the space of the files for later back to the disk.
    pub(crate) fn remove_free(&mut self) {
        for file in self.free.drain(..) {
            let _ = self.files.remove(&file.path); // what stays behind is found and used by the next open
        }
    }

    /// Puts a file that has been begun where a move reads it, if the store is being moved. A crash may undo that, and
    /// then the next open does it.
    pub(crate) fn keep(&self, file: &LogFile) -> bool {
        let name = format!("{:020}.log", file.generation);
        file.generation > 0 && std::fs::rename(&file.path, self.kept.join(name)).is_ok()
    }

    /// Keeps a file for later, or removes it when there are enough.
    pub(crate) fn recycle(&mut self, file: LogFile) {
        if self.keep(&file) {
            return;
        }
        if self.free.len() < FREE_FILES_MAX && file.file.size_bytes() >= self.file_bytes {
            self.free.push(file);
        } else {
            // A file that stays behind is found and reused by the next open.
            let _ = self.files.remove(&file.path);
        }
    }
}
