//! One process per data directory: an advisory lock on a file that the operating system releases when the
//! process ends, however it ends.

use crate::open::error::OpenError;
use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;
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
        // SAFETY: flock on a descriptor that `file` keeps open.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
            return Ok(Self(file));
        }
        let error = std::io::Error::last_os_error();
        match error.kind() {
            std::io::ErrorKind::WouldBlock => Err(OpenError::Locked { path: dir.to_owned() }),
            _ => Err(OpenError::unusable(dir, error)),
        }
    }
}
