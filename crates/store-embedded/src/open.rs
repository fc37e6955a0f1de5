//! Opening a directory: lock it, read HEAD, open the trees, replay the log, start the threads. Little is
//! created here: the first log file and HEAD come into being with the first commit.

pub(crate) mod error;
pub(crate) mod lock_file;
pub(crate) mod options;

use crate::core::Core;
use crate::failure::{Failure, start_thread};
use crate::log::append::LogEnd;
use crate::log::commit_log::CommitLog;
use crate::log::file::LogFile;
use crate::log::head::{Head, HeadFile};
use crate::log::head_writer::{self, HeadWriter};
use crate::log::recovery::{self, Recovered};
use crate::log::segments::Segments;
use crate::open::lock_file::LockFile;
use crate::read::feed_watchers::Watchers;
use crate::read::reader_epochs::ReaderEpochs;
use crate::read::row_cache::RowCache;
use crate::trees::compaction::{self, Compaction};
use crate::trees::corruption::Corruption;
use crate::trees::feed_trim::{self, TrimMarks};
use crate::trees::flush;
use crate::trees::memtables::Memtables;
use crate::trees::range_tombstones::RangeTombstones;
use crate::trees::reclaim::{self, Reclaim};
use crate::trees::system_key;
use crate::trees::{Name, TreeError, Trees};
use crate::write::committer::Committer;
use crate::write::overlay::Overlay;
use crate::write::queue::Queue;
use crate::write::redo;
use crate::{EmbeddedStore, OpenError, Options};
use parking_lot::Mutex;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use store::{LockTable, Position, Stamp};

pub(crate) const LOG_FOLDER: &str = "log";
pub(crate) const HEAD_FILE: &str = "HEAD";
/// A free file smaller than this is not worth keeping.
const FREE_FILE_BYTES_MIN: u64 = 64 * 1024;

pub(crate) fn open(dir: &Path, options: Options) -> Result<EmbeddedStore, OpenError> {
    std::fs::create_dir_all(dir.join(LOG_FOLDER)).map_err(|error| OpenError::unusable(dir, error))?;
    let lock = LockFile::take(dir)?;
    let (head_file, head) = open_head(dir, &options)?;
    if head_file.is_some() {
        check_lists(dir)?;
    }
    let trims = Arc::new(TrimMarks::default());
    let trees = Trees::open(dir, &options.profile, &trims)
        .map_err(|(name, error)| tree_error(&dir.join(name.folder()), error))?;
    check_age(dir, head, &trees)?;
    let memory = Replayed::run(dir, &options, head, &trees)?;
    let unreadable = |error| tree_error(&system_file(dir, &trees), error);
    load_trims(&trees, &trims, memory.published()).map_err(unreadable)?;
    let dropped = load_drops(&trees, memory.published()).map_err(unreadable)?;
    let lost = memory.log.lost;
    let (core, end) = assemble(dir, options, head_file, trees, trims, dropped, memory);
    if lost {
        flush_everything(&core).map_err(|error| tree_error(dir, error))?;
    }
    let threads = start(&core, end).map_err(OpenError::io(dir))?;
    Ok(EmbeddedStore { core, threads: Mutex::new(threads), lock: Mutex::new(Some(lock)) })
}

/// The file of the system tree that is damaged, or its folder if none is found to be.
fn system_file(dir: &Path, trees: &Trees) -> PathBuf {
    let folder = dir.join(Name::System.folder());
    trees.damaged_files(Name::System, &folder).into_iter().next().unwrap_or(folder)
}

fn open_head(dir: &Path, options: &Options) -> Result<(Option<HeadFile>, Option<Head>), OpenError> {
    let path = dir.join(HEAD_FILE);
    if !path.try_exists().map_err(|error| OpenError::unusable(dir, error))? {
        return Ok((None, None));
    }
    let (file, head) = HeadFile::open(&*options.files, &path)?;
    Ok((Some(file), head))
}

fn tree_error(dir: &Path, error: TreeError) -> OpenError {
    let path = dir.to_owned();
    match error {
        TreeError::Io(error) if is_missing(&error) => OpenError::DamagedTree {
            path,
            what: format!("a file it needs is missing or too short ({error})"),
        },
        TreeError::Io(error) => OpenError::Io { path, error },
        TreeError::Newer(found) => {
            OpenError::NewerVersion { path, found: found.into(), known: LSM_TREE_VERSION }
        }
        TreeError::Damaged(what) => OpenError::DamagedTree { path, what },
    }
}

/// HEAD comes into being with the first commit, the trees before it: with HEAD there, a tree without its list of
/// sorted files is not new but damaged.
fn check_lists(dir: &Path) -> Result<(), OpenError> {
    for name in Name::ALL {
        let path = dir.join(name.folder());
        let list = path.join(LSM_TREE_LIST);
        if !list.try_exists().map_err(OpenError::io(&list))? {
            return Err(OpenError::DamagedTree { path, what: format!("{LSM_TREE_LIST} is missing") });
        }
    }
    Ok(())
}

/// The trees are at least as new as HEAD: an older copy of one has other sorted files than the log goes on from.
fn check_age(dir: &Path, head: Option<Head>, trees: &Trees) -> Result<(), OpenError> {
    for (name, known) in Name::ALL.into_iter().zip(head.unwrap_or_default().lists) {
        let found = trees.list(name);
        if found < known {
            return Err(OpenError::DamagedTree {
                path: dir.join(name.folder()),
                what: format!(
                    "it is an older copy: its list of files is number {found}, the last one was {known}"
                ),
            });
        }
    }
    Ok(())
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::UnexpectedEof)
}

/// Names the list of a tree's sorted files; lsm-tree takes a folder without it for a new tree.
const LSM_TREE_LIST: &str = "current";
/// Format of the sorted files that the pinned lsm-tree writes.
const LSM_TREE_VERSION: u32 = 3;

/// The log, and what its replay put into the memtables.
struct Replayed {
    log: Recovered,
    first: [u64; 3],
    flushed: [u64; 3],
    sizes: [u64; 3],
}

impl Replayed {
    fn run(dir: &Path, options: &Options, head: Option<Head>, trees: &Trees) -> Result<Self, OpenError> {
        let in_head = head.unwrap_or_default().flushed;
        let flushed: [u64; 3] = std::array::from_fn(|i| in_head[i].max(trees.persisted(Name::ALL[i])));
        let (mut first, mut sizes) = ([0; 3], [0; 3]);
        let mut apply = |position: u64, time_micros: u64, operation: crate::log::operation::Operation<'_>| {
            let tree = redo::tree_of(&operation) as usize;
            if position > flushed[tree] {
                sizes[tree] = redo::apply(trees, &operation, position, time_micros);
                if first[tree] == 0 {
                    first[tree] = position;
                }
            }
        };
        let mut log =
            recovery::replay(&dir.join(LOG_FOLDER), &options.files, head, options.accept_loss, &mut apply)?;
        check_trees(dir, options, &flushed, &mut log)?;
        Ok(Self { log, first, flushed, sizes })
    }

    fn published(&self) -> u64 {
        self.log.next - 1
    }
}

/// Sorted files never know more than the log and HEAD.
fn check_trees(
    dir: &Path,
    options: &Options,
    flushed: &[u64; 3],
    log: &mut Recovered,
) -> Result<(), OpenError> {
    let highest = flushed.iter().copied().max().unwrap_or(0);
    if highest < log.next {
        return Ok(());
    }
    if !options.accept_loss {
        return Err(OpenError::positions_missing(&dir.join(LOG_FOLDER), log.next, highest));
    }
    log.next = highest + 1;
    log.lost = true;
    Ok(())
}

fn load_trims(trees: &Trees, trims: &TrimMarks, at: u64) -> Result<(), TreeError> {
    let (start, end) = system_key::TRIMS;
    for entry in trees.range(Name::System, Bound::Included(start), Bound::Excluded(end), at) {
        let (key, value) = entry?;
        if let Some(feed) = system_key::number(&key) {
            trims.raise(feed, feed_trim::decode(&value).unwrap_or_default());
        }
    }
    Ok(())
}

/// Nobody remembers whether rows were written under a prefix after it was dropped, so all may have been.
fn load_drops(trees: &Trees, at: u64) -> Result<RangeTombstones, TreeError> {
    let dropped = RangeTombstones::default();
    let (start, end) = system_key::DROPS;
    for entry in trees.range(Name::System, Bound::Included(start), Bound::Excluded(end), at) {
        let (key, prefix) = entry?;
        if let Some(position) = system_key::number(&key) {
            dropped.add(prefix.to_vec(), position, true);
        }
    }
    Ok(dropped)
}

fn assemble(
    dir: &Path,
    options: Options,
    head: Option<HeadFile>,
    trees: Trees,
    trims: Arc<TrimMarks>,
    dropped: RangeTombstones,
    memory: Replayed,
) -> (Arc<Core>, LogEnd) {
    let published = memory.published();
    let Replayed { log, first, flushed, sizes } = memory;
    let end = LogEnd::new(log.generation, published);
    let failure = Failure::new(options.on_fatal.clone());
    let stamp = Stamp { position: Position(published.into()), time_micros: log.time_micros };
    let generation = log.generation + 1;
    let segments = segments_of(dir, &options, log);
    let core = Core {
        queue: Queue::new(published + 1, failure.clone(), dir.display().to_string()),
        log: CommitLog::new(segments, generation, published, head, dir.join(HEAD_FILE)),
        dir: dir.to_owned(),
        durability: options.durability,
        profile: options.profile,
        clock: options.clock,
        failure,
        corruption: Corruption::default(),
        on_warning: options.on_warning,
        locks: LockTable::new(),
        overlay: Overlay::new(),
        trees,
        row_cache: RowCache::new(options.profile.row_cache_bytes),
        readers: ReaderEpochs::new(published, options.grace_period),
        newest: Mutex::new(stamp),
        tombstones: dropped,
        trims,
        watchers: Watchers::default(),
        memtables: Memtables::new(first, flushed),
        compaction: Compaction::default(),
        head_writer: HeadWriter::default(),
        reclaim: Reclaim::default(),
        installing: Mutex::new(()),
    };
    for name in Name::ALL {
        if sizes[name as usize] > core.profile.memtable_bytes[name as usize] {
            core.memtables.seal(&core.trees, name);
        }
    }
    (Arc::new(core), end)
}

fn segments_of(dir: &Path, options: &Options, log: Recovered) -> Segments {
    let mut segments = Segments {
        dir: dir.join(LOG_FOLDER),
        files: options.files.clone(),
        file_bytes: options.profile.log_file_bytes,
        full: log.full,
        free: Vec::new(),
        next_id: log.last_id,
    };
    let mut free = log.free;
    free.sort_by_key(|file: &LogFile| std::cmp::Reverse(file.file.size_bytes()));
    for file in free {
        if segments.free.is_empty() && file.file.size_bytes() >= FREE_FILE_BYTES_MIN {
            segments.free.push(file);
        } else {
            segments.recycle(file);
        }
    }
    segments
}

/// After a loss: what could be read goes into sorted files before anything else, so that the log that was
/// given up is never read again.
fn flush_everything(core: &Core) -> Result<(), TreeError> {
    Name::ALL.into_iter().for_each(|name| core.memtables.seal(&core.trees, name));
    while core.memtables.is_behind() {
        let Some((name, sealed)) = core.memtables.next() else { break };
        flush::flush(core, name, &sealed)?;
    }
    core.write_head();
    Ok(())
}

fn start(core: &Arc<Core>, end: LogEnd) -> std::io::Result<Threads> {
    let thread = |name: &str, run: fn(&Core)| {
        let core = core.clone();
        start_thread(&core.failure.clone(), name, move || run(&core))
    };
    let committer = Committer::new(core.clone(), end);
    let mut others = vec![thread("head writer", head_writer::run)?, thread("reclaim", reclaim::run)?];
    for _ in 0..core.profile.compaction_threads {
        others.push(thread("compact", compaction::run)?);
    }
    let threads = Threads {
        committer: Some(start_thread(&core.failure, "committer", move || committer.run())?),
        flusher: Some(thread("flush", flush::run)?),
        others,
    };
    core.compaction.announce();
    if core.tombstones.snapshot().is_some() {
        core.reclaim.announce_drop();
    }
    Ok(threads)
}

/// The threads of an open store.
pub(crate) struct Threads {
    pub(crate) committer: Option<JoinHandle<()>>,
    pub(crate) flusher: Option<JoinHandle<()>>,
    pub(crate) others: Vec<JoinHandle<()>>,
}
