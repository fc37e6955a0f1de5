//! One process per data directory: an advisory lock on a file that the operating system releases when the
//! process ends, however it ends.

use crate::open::error::OpenError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Holds the directory until it is dropped.
#[derive(Debug)]
pub(crate) struct LockFile(#[expect(dead_code, reason = "held open, which is what holds the lock")] File);

impl LockFile {
    pub(crate) fn take(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join("LOCK");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| OpenError::unusable(dir, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: dir.to_owned() }),
            Err(TryLockError::Error(error)) => Err(OpenError::unusable(dir, error)),
        }
    }
}
