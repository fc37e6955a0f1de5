//! The limit on open files and sockets, and how it is divided. A store that cannot open a file
//! fails and ends the process, while a client that is not accepted only waits: the store comes first.

use crate::config::DataConfig;
use crate::failure::Failure;

/// Below this neither the store nor the clients have enough.
const OPEN_FILES_MIN: usize = 256;
/// Sorted files that the store keeps open.
const TABLE_FILES: usize = 900;
/// The log, the manifests, files being written, connections to a database that read, and what the process needs
/// for itself.
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
            DataConfig::Database(database) => database.connections + OTHER_FILES,
            DataConfig::Directory { .. } => TABLE_FILES + OTHER_FILES,
        };
        limit.saturating_sub(needed).max(limit / 4)
    }
}

/// What every system takes; macOS names no hard limit and then refuses to go that far.
#[cfg(unix)]
const MODEST: u64 = 10_240;

/// The soft limit is raised to the hard one; the limit that holds then.
#[cfg(unix)]
fn raise() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let bounded = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
    let (soft, hard) = (bounded(limit.current), bounded(limit.maximum));
    let raised = [hard, hard.min(MODEST)]
        .into_iter()
        .filter(|wanted| *wanted > soft)
        .find(|wanted| setrlimit(Resource::Nofile, Rlimit { current: Some(*wanted), ..limit }).is_ok());
    usize::try_from(raised.unwrap_or(soft)).unwrap_or(usize::MAX)
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
            encrypted: false,
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
