//! What the log says has changed, for who moves a store: from the files that were kept, and from those that the process
//! which has the store open still uses. They are read beside it: a file may be put away or used again in the middle of
//! that, and is looked for again then.
//!
//! It hands on rows and feeds, in the order of commits and none left out. Documents and counters are not among them.

use super::file::LogHeader;
use super::operation::{self, Operation};
use super::record;
use crate::format::{LOG_FOLDER, PAGE_BYTES, VERSION};
use crate::moving::kept_folder;
use crate::trees::feed_trim::NO_MARK;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use store::{FeedCursor, FeedId, Position, StoreError};

/// How often files are looked for again.
const TRIES_MAX: usize = 20;

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    /// A row was written.
    Put {
        /// Its key.
        key: &'a [u8],
        /// The row.
        row: &'a [u8],
    },
    /// A row was deleted, or was not there.
    Delete {
        /// Its key.
        key: &'a [u8],
    },
    /// All rows were deleted whose keys begin so.
    Drop {
        /// With what.
        prefix: &'a [u8],
    },
    /// A record was appended to a feed.
    Append {
        /// The feed.
        feed: FeedId,
        /// Its place.
        at: FeedCursor,
        /// The time of its commit.
        time_micros: u64,
        /// The record.
        bytes: &'a [u8],
    },
    /// A feed's records up to a place were forgotten.
    Trim {
        /// The feed.
        feed: FeedId,
        /// The place.
        up_to: FeedCursor,
    },
}

/// Why changes were not read to their end.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// The log has not all of them.
    #[error("the log has no commit {0}")]
    Missing(u64),
    /// It was written by a later version.
    #[error("{} was written by a newer version", .0.display())]
    Newer(PathBuf),
    /// It cannot be read.
    #[error("{}: {error}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// Who was handed a change could not take it.
    #[error(transparent)]
    Refused(#[from] StoreError),
}

/// Receives the position of a commit and a change.
pub type VisitChange<'a> = dyn FnMut(u64, Change<'_>) -> Result<(), StoreError> + 'a;

/// The log of a store that is moved.
#[derive(Debug)]
pub struct Changes {
    kept: PathBuf,
    used: PathBuf,
}

/// A file of the log.
struct Found {
    header: LogHeader,
    path: PathBuf,
}

impl Changes {
    pub(crate) fn of(dir: &Path) -> Changes {
        Changes { kept: kept_folder(dir), used: dir.join(LOG_FOLDER) }
    }

    /// Hands on the changes of the commits behind one position up to another, which must have been committed.
    ///
    /// # Errors
    /// When the log does not have all of them, or one is not taken.
    pub fn read(&self, after: u64, up_to: u64, visit: &mut VisitChange<'_>) -> Result<(), ChangesError> {
        let (mut next, mut tries) = (after + 1, 0);
        while next <= up_to {
            let before = next;
            self.read_file(&mut next, up_to, visit)?;
            tries = if next > before { 0 } else { tries + 1 };
            if tries == TRIES_MAX {
                return Err(ChangesError::Missing(next));
            }
        }
        Ok(())
    }

    /// Removes the kept files that have nothing behind a position.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn forget(&self, up_to: u64) -> Result<(), ChangesError> {
        let files = self.files()?;
        for pair in files.windows(2) {
            let path = &pair[0].path;
            if pair[1].header.first <= up_to + 1 && path.starts_with(&self.kept) {
                fs::remove_file(path).map_err(io_error(path))?;
            }
        }
        Ok(())
    }

    /// Reads the file that has the next commit, as far as it goes.
    fn read_file(&self, next: &mut u64, up_to: u64, visit: &mut VisitChange<'_>) -> Result<(), ChangesError> {
        let files = self.files()?;
        let Some(index) = files.iter().rposition(|file| file.header.first <= *next) else { return Ok(()) };
        // Behind where the next file begins, there is what a torn tail has left.
        let behind = files.get(index + 1).map_or(u64::MAX, |file| file.header.first).min(up_to + 1);
        let Found { header, path } = &files[index];
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()), // it was put away
            read => read.map_err(io_error(path))?,
        };
        let mut at = PAGE_BYTES;
        while *next < behind {
            let Some(record) = record::decode(&bytes, at, header.generation) else { return Ok(()) };
            at = record.end;
            if record.place.position < *next {
                continue;
            }
            if record.place.position > *next {
                return Ok(());
            }
            hand_on(record.place.position, record.payload, visit)?;
            *next += 1;
        }
        Ok(())
    }

    /// All files that were begun, in that order.
    fn files(&self) -> Result<Vec<Found>, ChangesError> {
        let mut found = Vec::new();
        for folder in [&self.used, &self.kept] {
            let entries = match fs::read_dir(folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                entries => entries.map_err(io_error(folder))?,
            };
            for entry in entries {
                let path = entry.map_err(io_error(folder))?.path();
                if path.extension().is_none_or(|extension| extension != "log") {
                    continue;
                }
                let Some(header) = header(&path)? else { continue };
                if header.version > VERSION {
                    return Err(ChangesError::Newer(path));
                }
                found.push(Found { header, path });
            }
        }
        // A file that was put away between the two listings is there twice: it is the same.
        found.sort_by_key(|file| file.header.generation);
        found.dedup_by_key(|file| file.header.generation);
        Ok(found)
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> ChangesError {
    let path = path.to_owned();
    move |error| ChangesError::Io { path, error }
}

fn header(path: &Path) -> Result<Option<LogHeader>, ChangesError> {
    let mut page = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(PAGE_BYTES as u64).read_to_end(&mut page));
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None), // it was put away
        read => read.map(|_| LogHeader::decode(&page)).map_err(io_error(path)),
    }
}

fn hand_on(position: u64, payload: &[u8], visit: &mut VisitChange<'_>) -> Result<(), ChangesError> {
    let (time_micros, operations) = operation::decode(payload);
    for operation in operations {
        let place = |position: u64, index| FeedCursor { position: Position(position.into()), index };
        let change = match operation.ok_or(ChangesError::Missing(position))? {
            Operation::PutRow { key, row } => Change::Put { key, row },
            Operation::DeleteRow { key } => Change::Delete { key },
            Operation::DropRange { prefix } => Change::Drop { prefix },
            Operation::AppendFeed { feed, index, bytes } => {
                Change::Append { feed: FeedId(feed), at: place(position, index), time_micros, bytes }
            }
            // Without a mark there is nothing that it hid.
            Operation::Trim { up_to: NO_MARK, .. } => continue,
            Operation::Trim { feed, up_to: (position, index) } => {
                Change::Trim { feed: FeedId(feed), up_to: place(position, index) }
            }
            Operation::SetCounter { .. }
            | Operation::PutRecord { .. }
            | Operation::DeleteRecord { .. }
            | Operation::FinishDrop { .. } => continue,
        };
        visit(position, change)?;
    }
    Ok(())
}
