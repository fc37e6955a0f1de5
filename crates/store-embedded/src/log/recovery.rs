//! Reading the log at open. Records are handed on in order until one cannot be read. Why decides:
//! * all that is missing is in sorted files: it is passed over;
//! * nothing valid behind records the position as durable: a torn tail, cut;
//! * a later record, a later file or HEAD records it as durable: damage, refused with its place. Where the operator
//!   accepts the loss, everything behind it that can be read is.
//!
//! Nothing is written here: a new file is begun at the first commit, so nothing is ever behind a torn tail.

use super::file::{LogFile, LogHeader};
use super::head::Head;
use super::operation::{self, Operation};
use super::record;
use crate::files::FileLayer;
use crate::format::HEAD_FILE;
use crate::format::{PAGE_BYTES, VERSION};
use crate::open::error::OpenError;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

/// Positions begin here; 0 is before all.
pub(crate) const FIRST_POSITION: u64 = 1;

/// What the log held.
#[derive(Debug, Default)]
pub(crate) struct Recovered {
    /// Files whose positions may not be in sorted files yet, oldest first.
    pub(crate) full: VecDeque<LogFile>,
    pub(crate) free: Vec<LogFile>,
    /// The highest generation ever begun, as far as is known.
    pub(crate) generation: u64,
    /// The highest number in a file name.
    pub(crate) last_id: u64,
    /// The next position.
    pub(crate) next: u64,
    /// The time of the last commit.
    pub(crate) time_micros: u64,
    /// Something acknowledged was discarded, as the operator allowed.
    pub(crate) lost: bool,
}

/// Receives position, time and operation, in order.
pub(crate) type Apply<'a> = dyn FnMut(u64, u64, Operation<'_>) + 'a;

/// What else decides how a log is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    pub(crate) head: Option<Head>,
    /// Nothing behind this position is read.
    pub(crate) end: u64,
    pub(crate) accept_loss: bool,
}

/// Reads the log of a directory.
pub(crate) fn replay(
    dir: &Path,
    files: &Arc<dyn FileLayer>,
    told: Told,
    apply: &mut Apply<'_>,
) -> Result<Recovered, OpenError> {
    let Told { head, end, accept_loss } = told;
    let mut log = Replay { dir, head: head.unwrap_or_default(), end, accept_loss, out: Recovered::default() };
    let mut live = log.sort_files(files)?;
    log.out.next = log.first_needed();
    log.out.time_micros = log.head.time_micros;
    if head.is_none() {
        keep_last_run(&mut live, &mut log.out.free);
        log.check_beginning(&live)?;
    }
    log.read_files(live, apply)?;
    log.out.next = log.first_needed();
    log.check_head()?;
    Ok(log.out)
}

struct Replay<'a> {
    dir: &'a Path,
    head: Head,
    end: u64,
    accept_loss: bool,
    out: Recovered,
}

impl Replay<'_> {
    /// The files that are needed according to HEAD, in order; the others are free.
    fn sort_files(&mut self, files: &Arc<dyn FileLayer>) -> Result<Vec<(LogHeader, LogFile)>, OpenError> {
        let mut live = Vec::new();
        for path in files.list(self.dir).map_err(OpenError::io(self.dir))? {
            let Some(id) = file_id(&path) else { continue };
            self.out.last_id = self.out.last_id.max(id);
            let file = files.open(&path).map_err(OpenError::io(&path))?;
            let file = LogFile::empty(path.clone(), file);
            match file.header().map_err(OpenError::io(&path))? {
                Some(header) if header.version > VERSION => {
                    return Err(OpenError::NewerVersion { path, found: header.version, known: VERSION });
                }
                Some(header) if header.first > self.end => {
                    self.out.generation = self.out.generation.max(header.generation);
                }
                Some(header) if header.generation >= self.head.oldest_generation => {
                    live.push((header, LogFile { generation: header.generation, ..file }));
                }
                Some(header) => self.out.free.push(LogFile { generation: header.generation, ..file }),
                None => self.out.free.push(file),
            }
        }
        live.sort_by_key(|(header, _)| header.generation);
        let newest = live.last().map_or(0, |(header, _)| header.generation);
        self.out.generation =
            self.out.generation.max(newest).max(self.head.oldest_generation.saturating_sub(1));
        Ok(live)
    }

    /// The first position from here on that is not in sorted files.
    fn first_needed(&self) -> u64 {
        self.out.next.max(self.head.floor + 1).max(FIRST_POSITION)
    }

    /// A log without HEAD is one that was just begun.
    fn check_beginning(&mut self, live: &[(LogHeader, LogFile)]) -> Result<(), OpenError> {
        match live.first() {
            Some((header, _)) if header.first > FIRST_POSITION => {
                let first = header.first;
                self.out.next = first;
                self.refuse(|log| head_missing(log.dir, first))
            }
            _ => Ok(()),
        }
    }

    fn read_files(
        &mut self,
        live: Vec<(LogHeader, LogFile)>,
        apply: &mut Apply<'_>,
    ) -> Result<(), OpenError> {
        if let Some((oldest, _)) = live.first() {
            self.out.next = self.out.next.min(oldest.first); // what is in sorted files is read over
        }
        let begins: Vec<u64> = live.iter().map(|(header, _)| header.first).collect();
        for (index, (header, file)) in live.into_iter().enumerate() {
            self.check_begin(header, &file)?;
            if header.first < self.out.next {
                self.out.free.push(file);
                continue;
            }
            self.out.next = header.first;
            let limit = begins.get(index + 1).copied().unwrap_or(u64::MAX).min(self.end.saturating_add(1));
            let file = self.read_file(file, limit, apply)?;
            self.out.full.push_back(file);
        }
        Ok(())
    }

    /// Every needed position before a file was in the ones before.
    fn check_begin(&mut self, header: LogHeader, file: &LogFile) -> Result<(), OpenError> {
        let is_whole = (self.out.next..=self.first_needed()).contains(&header.first);
        if is_whole { Ok(()) } else { self.refuse(|log| missing_before(log, file, header)) }
    }

    /// Reads a file up to where the next one begins. What a torn tail has left behind that is not read.
    fn read_file(
        &mut self,
        mut file: LogFile,
        limit: u64,
        apply: &mut Apply<'_>,
    ) -> Result<LogFile, OpenError> {
        // What a killed process left in the page cache must be durable before it is shown.
        file.file.sync().map_err(OpenError::io(&file.path))?;
        let mut bytes = vec![0; file.file.size_bytes() as usize];
        file.file.read_at(&mut bytes, 0).map_err(OpenError::io(&file.path))?;
        let mut at = PAGE_BYTES;
        while self.out.next < limit {
            match record::decode(&bytes, at, file.generation) {
                Some(record) if record.place.position == self.out.next => {
                    self.apply_payload(&file, record.payload, apply)?;
                    self.out.next += 1;
                    at = record.end;
                }
                _ => match self.behind_damage(&file, &bytes, at, limit)? {
                    Some((found, position)) => (at, self.out.next) = (found, position),
                    None => break,
                },
            }
        }
        file.last = self.out.next - 1;
        Ok(file)
    }

    /// Where reading continues behind what is unreadable at `at`, with the position found there. `None` where the
    /// rest is a torn tail.
    fn behind_damage(
        &mut self,
        file: &LogFile,
        bytes: &[u8],
        at: usize,
        limit: u64,
    ) -> Result<Option<(usize, u64)>, OpenError> {
        let found = record::find(bytes, at, file.generation, self.out.next..limit);
        let needed = self.first_needed();
        if found.is_none_or(|(_, position)| position <= needed) {
            return Ok(found);
        }
        match record::proven_durable(bytes, at, file.generation) {
            Some(proven) if proven >= needed => {
                self.refuse(|log| damaged_at(log, file, at, proven))?;
                Ok(found)
            }
            _ => Ok(None),
        }
    }

    fn apply_payload(
        &mut self,
        file: &LogFile,
        payload: &[u8],
        apply: &mut Apply<'_>,
    ) -> Result<(), OpenError> {
        let (time, operations) = operation::decode(payload);
        for operation in operations {
            let unknown =
                || OpenError::damaged(&file.path, format!("commit {} is not readable", self.out.next));
            apply(self.out.next, time, operation.ok_or_else(unknown)?);
        }
        self.out.time_micros = self.out.time_micros.max(time);
        Ok(())
    }

    fn check_head(&mut self) -> Result<(), OpenError> {
        if self.out.next <= self.head.durable {
            self.refuse(|log| OpenError::positions_missing(log.dir, log.out.next, log.head.durable))?;
            self.out.next = self.head.durable + 1;
        }
        Ok(())
    }

    /// Damage ends the start, unless the operator chose to continue with what can be read.
    fn refuse(&mut self, error: impl FnOnce(&Self) -> OpenError) -> Result<(), OpenError> {
        if !self.accept_loss {
            return Err(error(self));
        }
        self.out.lost = true;
        Ok(())
    }
}

/// Without HEAD the files that were still needed are not known: at most the newest unbroken run of them.
fn keep_last_run(live: &mut Vec<(LogHeader, LogFile)>, free: &mut Vec<LogFile>) {
    let gap = live.windows(2).rposition(|pair| pair[0].0.generation + 1 != pair[1].0.generation);
    free.extend(live.drain(..gap.map_or(0, |i| i + 1)).map(|(_, file)| file));
}

fn file_id(path: &Path) -> Option<u64> {
    (path.extension()? == "log").then(|| path.file_stem()?.to_str()?.parse().ok())?
}

fn head_missing(log: &Path, first: u64) -> OpenError {
    let head = log.with_file_name(HEAD_FILE);
    OpenError::damaged(
        &head,
        format!("it is missing or unreadable, while the log begins at position {first}"),
    )
}

fn missing_before(log: &Replay<'_>, file: &LogFile, header: LogHeader) -> OpenError {
    let next = log.first_needed();
    let what = if header.first > next {
        format!("the commits before it are missing (positions {next} to {})", header.first - 1)
    } else {
        format!("it begins at position {} where {next} is expected", header.first)
    };
    OpenError::damaged(&file.path, what)
}

fn damaged_at(log: &Replay<'_>, file: &LogFile, at: usize, proven: u64) -> OpenError {
    let what = format!(
        "the commit at position {} (byte {at}) is unreadable, but was acknowledged, as was everything up to position {proven}",
        log.first_needed()
    );
    OpenError::damaged(&file.path, what)
}

#[cfg(test)]
mod tests;
