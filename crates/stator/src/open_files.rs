//! How many files and sockets this process may have open, and who gets them. A store that cannot open a file
//! fails and ends the process, while a client that is not accepted only waits: the store comes first.

use crate::config::DataConfig;
use crate::failure::Failure;

/// Below this neither the store nor the clients have enough.
const OPEN_FILES_MIN: usize = 256;
/// Sorted files that the store keeps open.
const TABLE_FILES: usize = 900;
/// The log, the manifests, files being written, and what the process needs for itself.
const OTHER_FILES: usize = 100;

/// The limit of this process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenFiles(usize);

impl OpenFiles {
    /// Raises the limit as far as it goes without more rights.
    pub(crate) fn raise() -> Result<Self, Failure> {
        Self::enough(raise())
    }

    fn enough(limit: usize) -> Result<Self, Failure> {
        if limit >= OPEN_FILES_MIN {
            return Ok(OpenFiles(limit));
        }
        Err(Failure::Other(format!(
            "only {limit} files may be open at a time, too few for the data and its clients; raise the limit to \
             {OPEN_FILES_MIN} at the very least, and better 10000, with ulimit -n"
        )))
    }

    /// How many clients may be connected at a time. Where the limit is too low for a large store, a quarter is
    /// theirs nevertheless: most stores are small.
    pub(crate) fn left_for_connections(self, data: &DataConfig) -> usize {
        let OpenFiles(limit) = self;
        let needed = match data {
            DataConfig::Memory => OTHER_FILES,
            DataConfig::Directory { .. } => TABLE_FILES + OTHER_FILES,
        };
        limit.saturating_sub(needed).max(limit / 4)
    }
}

/// What every system takes; macOS names no hard limit and then refuses to go that far.
#[cfg(unix)]
const MODEST: libc::rlim_t = 10_240;

/// The soft limit is raised to the hard one; the limit that holds then.
#[cfg(unix)]
fn raise() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: writes to the limit it gets.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
        return usize::MAX;
    }
    let candidates = [limit.rlim_max, limit.rlim_max.min(MODEST)].into_iter();
    let raised = candidates
        .filter(|soft| *soft > limit.rlim_cur)
        .find(|soft| set(libc::rlimit { rlim_cur: *soft, ..limit }));
    usize::try_from(raised.unwrap_or(limit.rlim_cur)).unwrap_or(usize::MAX)
}

#[cfg(unix)]
fn set(limit: libc::rlimit) -> bool {
    // SAFETY: reads the limit it gets.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) == 0 }
}

#[cfg(not(unix))]
fn raise() -> usize {
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Durability;
    use crate::config::Size;

    #[test]
    fn the_store_comes_first() {
        let directory = DataConfig::Directory {
            path: "d".into(),
            durability: Durability::Disk,
            accept_loss: false,
            size: Size::Guest,
        };
        for (limit, in_memory, on_disk) in [
            (256, 156, 64),
            (1024, 924, 256),
            (4096, 3996, 3096),
            (usize::MAX, usize::MAX - 100, usize::MAX - 1000),
        ] {
            let limit = OpenFiles::enough(limit).expect("enough");
            assert_eq!(limit.left_for_connections(&DataConfig::Memory), in_memory, "{limit:?}");
            assert_eq!(limit.left_for_connections(&directory), on_disk, "{limit:?}");
        }
        assert_eq!(OpenFiles::enough(255).err().map(|failure| failure.exit_code()), Some(1));
    }
}
