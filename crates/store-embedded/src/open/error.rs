//! Why a data directory could not be opened. Each error is one sentence with the remedy; the
//! binary maps the variants to its exit codes.

use crate::format::MOVED_FILE;
use std::path::{Path, PathBuf};

/// Why [`EmbeddedStore::open`](crate::EmbeddedStore::open) refused.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the directory open.
    #[error("{} is in use by another process: stop that process or choose another data directory", path.display())]
    Locked {
        /// The data directory.
        path: PathBuf,
    },
    /// The store is in another place since.
    #[error(
        "{} was moved to {to}: start servers with --store, over that. To take it back, and to give up all that was \
         written there since, stop those servers, drop that schema, and remove {}",
        path.display(),
        path.join(MOVED_FILE).display()
    )]
    Moved {
        /// The data directory.
        path: PathBuf,
        /// Where it is.
        to: String,
    },
    /// The directory cannot be created, read or written.
    #[error("{} cannot be used as data directory ({why}): choose another one or repair its permissions", path.display())]
    Unusable {
        /// The data directory.
        path: PathBuf,
        /// The error of the operating system.
        why: String,
    },
    /// The data was written by a later version.
    #[error(
        "{} was written by a newer version (format {found}, this one reads up to {known}): start the newer version",
        path.display()
    )]
    NewerVersion {
        /// The file that shows it.
        path: PathBuf,
        /// Its format version.
        found: u32,
        /// The newest this build reads.
        known: u32,
    },
    /// Acknowledged data is missing or unreadable.
    #[error(
        "{} is damaged: {what}; restore a backup, or start with --accept-loss to go on with what can be read",
        path.display()
    )]
    Damaged {
        /// The file or directory.
        path: PathBuf,
        /// What is missing, with its place.
        what: String,
    },
    /// A tree's sorted files, or the list of them, cannot be read. There is no reading around that.
    #[error(
        "{} is damaged: {what}; restore a backup (--accept-loss covers the commit log only)",
        path.display()
    )]
    DamagedTree {
        /// The tree's folder.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The operating system failed a call.
    #[error("{} could not be read or written ({error}): check the disk and start again", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
}

impl OpenError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| OpenError::Io { path, error }
    }

    pub(crate) fn unusable(path: &Path, why: impl ToString) -> Self {
        OpenError::Unusable { path: path.to_owned(), why: why.to_string() }
    }

    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        OpenError::Damaged { path: path.to_owned(), what: what.into() }
    }

    pub(crate) fn positions_missing(path: &Path, from: u64, to: u64) -> Self {
        Self::damaged(
            path,
            format!("{} acknowledged commits are missing (positions {from} to {to})", to - from + 1),
        )
    }
}
