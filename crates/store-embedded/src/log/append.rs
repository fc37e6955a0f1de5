//! Appends records to the current file, in whole pages: the partial last page of one group is written again
//! with the next. Decides nothing: when a file is full, and what to do when a write fails, is the caller's.

use super::file::{LogFile, LogHeader};
use super::pages::PageBuffer;
use super::record::{self, Place};
use crate::format::PAGE_BYTES;
use std::io;

/// The end of the log.
pub(crate) struct LogEnd {
    current: Option<LogFile>,
    /// Offset in the file of the buffer's first page.
    base: u64,
    buffer: PageBuffer,
    /// The generation of the current file, or of the last one that was begun.
    pub(crate) generation: u64,
    /// Every record says so; see [`super`].
    pub(crate) durable_up_to: u64,
}

impl LogEnd {
    pub(crate) fn new(generation: u64, durable_up_to: u64) -> Self {
        Self { current: None, base: 0, buffer: PageBuffer::default(), generation, durable_up_to }
    }

    pub(crate) fn current(&self) -> Option<&LogFile> {
        self.current.as_ref()
    }

    /// Whether records of this many bytes fit into the current file.
    pub(crate) fn has_room(&self, record_bytes: u64) -> bool {
        let used = self.base + self.buffer.len() as u64 + record_bytes;
        self.current.as_ref().is_some_and(|f| used.next_multiple_of(PAGE_BYTES as u64) <= f.file.size_bytes())
    }

    /// Switches to another file, whose first record will be `first`; returns the full one.
    pub(crate) fn begin(&mut self, mut file: LogFile, first: u64) -> io::Result<Option<LogFile>> {
        self.generation += 1;
        file.begin(LogHeader::new(self.generation, first))?;
        self.base = PAGE_BYTES as u64;
        self.buffer.clear();
        let full = self.current.replace(file);
        Ok(full.map(|f| LogFile { last: first - 1, ..f }))
    }

    pub(crate) fn add(&mut self, position: u64, write: impl FnOnce(&mut PageBuffer)) {
        let place = Place { position, durable_up_to: self.durable_up_to, generation: self.generation };
        record::encode(&mut self.buffer, place, write);
    }

    /// Hands what was added to the operating system.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        let file = self.current.as_ref().expect("a file is begun before records are added");
        file.file.write_pages(self.buffer.padded(), self.base)?;
        self.base += self.buffer.keep_tail() as u64;
        Ok(())
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.current.as_ref().map_or(Ok(()), |f| f.file.sync())
    }
}
