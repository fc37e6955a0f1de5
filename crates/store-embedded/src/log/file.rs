//! One file of the log: a header page, then records. The header's generation counts files as they are begun;
//! a recycled file is the same bytes under a new generation.

use super::pages::PageBuffer;
use crate::files::BlockFile;
use crate::format::{LOG_MAGIC, PAGE_BYTES, VERSION, u32_at, u64_at};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

const CHECKED_BYTES: usize = 32;

/// A file of the log and what it holds.
#[derive(Debug, Clone)]
pub(crate) struct LogFile {
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn BlockFile>,
    /// 0 while it holds nothing.
    pub(crate) generation: u64,
    /// The last position in it, once it is full.
    pub(crate) last: u64,
}

/// The fields of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogHeader {
    pub(crate) version: u32,
    pub(crate) generation: u64,
    /// The position of the first record.
    pub(crate) first: u64,
}

impl LogHeader {
    pub(crate) fn new(generation: u64, first: u64) -> Self {
        Self { version: VERSION, generation, first }
    }

    /// The header, if this page is one. A version newer than this build is returned too.
    pub(crate) fn decode(page: &[u8]) -> Option<Self> {
        let sound = u64_at(page, 0) == LOG_MAGIC
            && page.len() >= CHECKED_BYTES + 4
            && crc32fast::hash(&page[..CHECKED_BYTES]) == u32_at(page, CHECKED_BYTES);
        sound.then(|| Self {
            version: u32_at(page, 8),
            generation: u64_at(page, 16),
            first: u64_at(page, 24),
        })
    }

    fn encode(&self) -> PageBuffer {
        let mut page = PageBuffer::default();
        page.extend(&LOG_MAGIC.to_le_bytes());
        page.extend(&self.version.to_le_bytes());
        page.extend(&[0; 4]);
        page.extend(&self.generation.to_le_bytes());
        page.extend(&self.first.to_le_bytes());
        let crc = crc32fast::hash(&page.bytes()[..CHECKED_BYTES]);
        page.extend(&crc.to_le_bytes());
        page
    }
}

impl LogFile {
    pub(crate) fn empty(path: PathBuf, file: Arc<dyn BlockFile>) -> Self {
        Self { path, file, generation: 0, last: 0 }
    }

    /// Begins it anew. The header is on the disk before any record: a crash must not leave records of a
    /// generation that is in no header, which the next open would use again.
    pub(crate) fn begin(&mut self, header: LogHeader) -> io::Result<()> {
        self.file.write_pages(header.encode().padded(), 0)?;
        self.file.sync()?;
        self.generation = header.generation;
        Ok(())
    }

    pub(crate) fn header(&self) -> io::Result<Option<LogHeader>> {
        if self.file.size_bytes() < PAGE_BYTES as u64 {
            return Ok(None);
        }
        let mut page = [0; CHECKED_BYTES + 4];
        self.file.read_at(&mut page, 0)?;
        Ok(LogHeader::decode(&page))
    }
}
