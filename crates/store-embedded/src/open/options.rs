//! What a store is opened with: how durable, how large, and the seams tests reach through (clock, files,
//! the way to die).

use crate::files::{FileLayer, RealFiles};
use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use stdx::{Clock, SystemClock};

/// When a commit is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// When it is on the disk.
    Disk,
    /// When the operating system has it; it reaches the disk within 100 ms. A crash of the machine may lose
    /// the last commits, a crash of the process loses none.
    Os,
}

/// How much memory and how many threads a store may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Bytes of a memtable: rows, feed, system.
    pub memtable_bytes: [u64; 3],
    /// Bytes of a log file.
    pub log_file_bytes: u64,
    /// Bytes of the cache of blocks of sorted files, which queries read from.
    pub block_cache_bytes: u64,
    /// Bytes of the cache of rows, which gets and writes look into first.
    pub row_cache_bytes: u64,
    /// Bytes of a sorted file.
    pub table_bytes: u64,
    /// Threads that compact.
    pub compaction_threads: usize,
}

const MB: u64 = 1024 * 1024;

impl Profile {
    /// A developer's machine: small. What is not used takes no memory.
    pub fn local() -> Self {
        Self {
            memtable_bytes: [16 * MB, 4 * MB, MB],
            log_file_bytes: 8 * MB,
            block_cache_bytes: 64 * MB,
            row_cache_bytes: 64 * MB,
            table_bytes: 16 * MB,
            compaction_threads: 1,
        }
    }

    /// A server of its own, with this much cache, half of it for blocks and half for rows.
    pub fn production(cache_bytes: u64, cores: usize) -> Self {
        Self {
            memtable_bytes: [64 * MB, 32 * MB, 4 * MB],
            log_file_bytes: 32 * MB,
            block_cache_bytes: cache_bytes / 2,
            row_cache_bytes: cache_bytes / 2,
            table_bytes: 64 * MB,
            compaction_threads: (cores / 2).max(1),
        }
    }
}

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// To be served.
    #[default]
    Serve,
    /// To be moved away: it is only read, commits nothing of its own, and may be marked as moved.
    Move,
    /// The same of a copy in use was made of: it has what was committed when it was made, and nothing behind that.
    ReadCopy,
}

/// What is called, once, when the store can no longer guarantee durability. It should end the process.
pub type OnFatal = Arc<dyn Fn(&str) + Send + Sync>;

/// Called with one sentence on what is wrong and does not end the store.
pub type OnWarning = Arc<dyn Fn(&str) + Send + Sync>;

/// See [`Options::on_tree_read`].
#[doc(hidden)]
pub type OnTreeRead = Arc<dyn Fn() + Send + Sync>;

/// How to open a store.
#[derive(Clone)]
pub struct Options {
    /// When a commit is acknowledged.
    pub durability: Durability,
    /// How large it may grow.
    pub profile: Profile,
    /// Opens a damaged directory with what can be read instead of refusing.
    pub accept_loss: bool,
    /// What for.
    pub purpose: Purpose,
    /// Where commit times come from.
    pub clock: Arc<dyn Clock>,
    /// Threads that serve requests: all but one of them may wait for the disk at a time.
    pub workers: usize,
    /// The files of the log.
    pub files: Arc<dyn FileLayer>,
    /// What to do when the store is lost. The default prints one line and exits with status 1.
    pub on_fatal: OnFatal,
    /// What to do when something is wrong that the store survives. The default prints one line.
    pub on_warning: OnWarning,
    /// Switches one of the two read rules off, to prove that its test notices.
    #[doc(hidden)]
    pub grace_period: bool,
    /// Called before each read of a tree. A test blocks in it, as a read does whose disk hangs.
    #[doc(hidden)]
    pub on_tree_read: Option<OnTreeRead>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::Disk,
            profile: Profile::local(),
            accept_loss: false,
            purpose: Purpose::Serve,
            clock: Arc::new(SystemClock),
            workers: std::thread::available_parallelism().map_or(2, NonZero::get),
            files: Arc::new(RealFiles),
            on_fatal: Arc::new(end_process),
            on_warning: Arc::new(|what| eprintln!("stator: {what}")),
            grace_period: true,
            on_tree_read: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("durability", &self.durability)
            .field("profile", &self.profile)
            .finish()
    }
}

fn end_process(why: &str) {
    eprintln!("stator: the store failed and the process ends: {why}");
    std::process::exit(1);
}
