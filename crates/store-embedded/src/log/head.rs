//! HEAD: two slots of one page each, written in turn. It records what was durable a moment ago, so that a log
//! that was erased or replaced is noticed; which log files are still needed; and up to where each tree has
//! been flushed. Written at most every 100 ms while there are writes, and before a log file is used again.

use super::pages::PageBuffer;
use crate::files::{BlockFile, FileLayer};
use crate::format::{HEAD_MAGIC, PAGE_BYTES, VERSION, u32_at, u64_at};
use crate::open::error::OpenError;
use std::io;
use std::path::Path;
use std::sync::Arc;

const CHECKED_BYTES: usize = 104;

/// The contents of HEAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Head {
    /// Everything up to here was durable.
    pub(crate) durable: u64,
    /// Its time.
    pub(crate) time_micros: u64,
    /// Everything up to here is in sorted files: the log is needed from the next position on.
    pub(crate) floor: u64,
    /// Log files of earlier generations are not needed.
    pub(crate) oldest_generation: u64,
    /// Up to where each tree's rows are in sorted files.
    pub(crate) flushed: [u64; 3],
    /// The number of each tree's list of sorted files, or a later one: an older copy of a tree is noticed.
    pub(crate) lists: [u64; 3],
}

/// The file. Made at the first write, not at open.
#[derive(Debug)]
pub(crate) struct HeadFile {
    file: Arc<dyn BlockFile>,
    sequence: u64,
}

impl HeadFile {
    /// The contents of an existing HEAD; no `Head` if the file is there without a sound slot.
    pub(crate) fn open(files: &dyn FileLayer, path: &Path) -> Result<(Self, Option<Head>), OpenError> {
        let file = files.open(path).map_err(OpenError::io(path))?;
        let mut best: Option<(u64, Head)> = None;
        for slot in 0..2 {
            let mut bytes = [0; CHECKED_BYTES + 4];
            let offset = slot * PAGE_BYTES as u64;
            if offset + bytes.len() as u64 > file.size_bytes() {
                continue;
            }
            file.read_at(&mut bytes, offset).map_err(OpenError::io(path))?;
            if let Some(found) = decode(&bytes, path)?
                && best.is_none_or(|(sequence, _)| sequence < found.0)
            {
                best = Some(found);
            }
        }
        let sequence = best.map_or(0, |(sequence, _)| sequence);
        Ok((Self { file, sequence }, best.map(|(_, head)| head)))
    }

    pub(crate) fn create(files: &dyn FileLayer, path: &Path) -> io::Result<Self> {
        Ok(Self { file: files.create(path, 2 * PAGE_BYTES as u64)?, sequence: 0 })
    }

    pub(crate) fn write(&mut self, head: &Head) -> io::Result<()> {
        self.sequence += 1;
        self.file.write_pages(encode(self.sequence, head).padded(), self.sequence % 2 * PAGE_BYTES as u64)?;
        self.file.sync()
    }
}

fn encode(sequence: u64, head: &Head) -> PageBuffer {
    let mut page = PageBuffer::default();
    page.extend(&HEAD_MAGIC.to_le_bytes());
    page.extend(&u64::from(VERSION).to_le_bytes());
    for value in [sequence, head.durable, head.time_micros, head.oldest_generation, head.floor] {
        page.extend(&value.to_le_bytes());
    }
    for value in head.flushed.into_iter().chain(head.lists) {
        page.extend(&value.to_le_bytes());
    }
    let crc = crc32fast::hash(&page.bytes()[..CHECKED_BYTES]);
    page.extend(&crc.to_le_bytes());
    page
}

fn decode(bytes: &[u8], path: &Path) -> Result<Option<(u64, Head)>, OpenError> {
    if u64_at(bytes, 0) != HEAD_MAGIC
        || crc32fast::hash(&bytes[..CHECKED_BYTES]) != u32_at(bytes, CHECKED_BYTES)
    {
        return Ok(None);
    }
    let found = u32_at(bytes, 8);
    if found > VERSION {
        return Err(OpenError::NewerVersion { path: path.to_owned(), found, known: VERSION });
    }
    let head = Head {
        durable: u64_at(bytes, 24),
        time_micros: u64_at(bytes, 32),
        oldest_generation: u64_at(bytes, 40),
        floor: u64_at(bytes, 48),
        flushed: [u64_at(bytes, 56), u64_at(bytes, 64), u64_at(bytes, 72)],
        lists: [u64_at(bytes, 80), u64_at(bytes, 88), u64_at(bytes, 96)],
    };
    Ok(Some((u64_at(bytes, 16), head)))
}
