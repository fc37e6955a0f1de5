//! What the trees fail with.

use rustix::io::Errno;
use std::{fmt, io};

/// What lsm-tree failed with.
#[derive(Debug)]
pub(crate) enum TreeError {
    Io(io::Error),
    Newer(u8),
    Damaged(String),
    /// There are too many sorted files that are not compacted.
    NotCompacted,
}

impl TreeError {
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, TreeError::Io(e) if e.kind() == io::ErrorKind::StorageFull)
    }

    /// The process, or the system, has as many files open as it may.
    pub(crate) fn is_out_of_files(&self) -> bool {
        matches!(self, TreeError::Io(e) if matches!(Errno::from_io_error(e), Some(Errno::MFILE | Errno::NFILE)))
    }
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TreeError::Io(error) => write!(f, "sorted files: {error}"),
            TreeError::Newer(version) => write!(f, "sorted files of format {version}, which is not known"),
            TreeError::Damaged(what) => write!(f, "sorted files: {what}"),
            TreeError::NotCompacted => write!(f, "sorted files: there are too many that are not compacted"),
        }
    }
}

impl From<lsm_tree::Error> for TreeError {
    fn from(error: lsm_tree::Error) -> Self {
        match error {
            lsm_tree::Error::Io(error) => TreeError::Io(error),
            lsm_tree::Error::InvalidVersion(version) => TreeError::Newer(version),
            lsm_tree::Error::Unrecoverable => {
                TreeError::Damaged("a file is missing or unreadable".to_owned())
            }
            lsm_tree::Error::ChecksumMismatch { .. } => {
                TreeError::Damaged("a block is not what was written".to_owned())
            }
            other => TreeError::Damaged(format!("{other:?}")),
        }
    }
}
