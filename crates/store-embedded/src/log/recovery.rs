//! Reading the log at open. Records are handed on in order until the log ends. Why it ends decides:
//! * nothing valid behind says the position was durable: a torn tail, cut;
//! * a later record, a later file or HEAD says it was durable: damage, refused with its place.
//!
//! Nothing is written here: a new file is begun at the first commit, so nothing ever stands behind a torn tail.

use super::file::{LogFile, LogHeader};
use super::head::Head;
use super::operation::{self, Operation};
use super::record;
use crate::OpenError;
use crate::files::FileLayer;
use crate::format::{PAGE_BYTES, VERSION};
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
    /// Something acknowledged was given up, as the operator allowed.
    pub(crate) lost: bool,
}

/// Receives position, time and operation, in order.
pub(crate) type Apply<'a> = dyn FnMut(u64, u64, Operation<'_>) + 'a;

/// Reads the log of a directory.
pub(crate) fn replay(
    dir: &Path,
    files: &Arc<dyn FileLayer>,
    head: Option<Head>,
    accept_loss: bool,
    apply: &mut Apply<'_>,
) -> Result<Recovered, OpenError> {
    let mut log = Replay { dir, head: head.unwrap_or_default(), accept_loss, out: Recovered::default() };
    let mut live = log.sort_files(files)?;
    if head.is_none() {
        keep_last_run(&mut live, &mut log.out.free);
    }
    log.out.next = (log.head.floor + 1).max(FIRST_POSITION);
    log.out.time_micros = log.head.time_micros;
    log.read_files(live, apply)?;
    log.check_head()?;
    Ok(log.out)
}

struct Replay<'a> {
    dir: &'a Path,
    head: Head,
    accept_loss: bool,
    out: Recovered,
}

impl Replay<'_> {
    /// The files that HEAD says are needed, in order; the others are free.
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
                Some(header) if header.generation >= self.head.oldest_generation => {
                    live.push((header, LogFile { generation: header.generation, ..file }));
                }
                _ => self.out.free.push(file),
            }
        }
        live.sort_by_key(|(header, _)| header.generation);
        let newest = live.last().map_or(0, |(header, _)| header.generation);
        self.out.generation = newest.max(self.head.oldest_generation.saturating_sub(1));
        Ok(live)
    }

    fn read_files(
        &mut self,
        live: Vec<(LogHeader, LogFile)>,
        apply: &mut Apply<'_>,
    ) -> Result<(), OpenError> {
        let mut expected = self.head.oldest_generation.max(1);
        let mut ended = false;
        for (index, (header, file)) in live.into_iter().enumerate() {
            if index == 0 && header.generation == expected && header.first <= self.out.next {
                self.out.next = header.first;
            }
            if ended || header.generation != expected || header.first != self.out.next {
                self.refuse(|log| missing_before(log, &file, header))?;
                ended = index > 0;
                self.out.next = if ended { self.out.next } else { header.first };
            }
            expected = header.generation + 1;
            if ended {
                self.out.free.push(file);
                continue;
            }
            let file = self.read_file(file, apply)?;
            ended = self.out.lost;
            self.out.full.push_back(file);
        }
        Ok(())
    }

    fn read_file(&mut self, mut file: LogFile, apply: &mut Apply<'_>) -> Result<LogFile, OpenError> {
        // What a killed process left in the page cache must be durable before it is shown.
        file.file.sync().map_err(OpenError::io(&file.path))?;
        let mut bytes = vec![0; file.file.size_bytes() as usize];
        file.file.read_at(&mut bytes, 0).map_err(OpenError::io(&file.path))?;
        let mut at = PAGE_BYTES;
        while let Some(record) = record::decode(&bytes, at, file.generation) {
            if record.place.position != self.out.next {
                break;
            }
            self.apply_payload(&file, record.payload, apply)?;
            self.out.next += 1;
            at = record.end;
        }
        if let Some(proven) = record::proven_durable(&bytes, at, file.generation)
            && proven >= self.out.next
        {
            self.refuse(|log| damaged_at(log, &file, at, proven))?;
        }
        file.last = self.out.next - 1;
        Ok(file)
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

    /// Damage: the end, unless the operator said to go on with what can be read.
    fn refuse(&mut self, error: impl FnOnce(&Self) -> OpenError) -> Result<(), OpenError> {
        if !self.accept_loss {
            return Err(error(self));
        }
        self.out.lost = true;
        Ok(())
    }
}

/// Without HEAD nothing says which files were still needed: at most the newest unbroken run of them.
fn keep_last_run(live: &mut Vec<(LogHeader, LogFile)>, free: &mut Vec<LogFile>) {
    let gap = live.windows(2).rposition(|pair| pair[0].0.generation + 1 != pair[1].0.generation);
    free.extend(live.drain(..gap.map_or(0, |i| i + 1)).map(|(_, file)| file));
}

fn file_id(path: &Path) -> Option<u64> {
    (path.extension()? == "log").then(|| path.file_stem()?.to_str()?.parse().ok())?
}

fn missing_before(log: &Replay<'_>, file: &LogFile, header: LogHeader) -> OpenError {
    let next = log.out.next;
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
        log.out.next
    );
    OpenError::damaged(&file.path, what)
}

#[cfg(test)]
mod tests;
