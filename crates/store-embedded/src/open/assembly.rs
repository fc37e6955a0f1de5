//! The parts of a store, put together from what the open has read.

use crate::core::Core;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::format::{HEAD_FILE, LOG_FOLDER};
use crate::log::append::LogEnd;
use crate::log::commit_log::CommitLog;
use crate::log::file::LogFile;
use crate::log::head::HeadFile;
use crate::log::head_writer::HeadWriter;
use crate::log::recovery::Recovered;
use crate::log::segments::Segments;
use crate::moving;
use crate::open::options::Options;
use crate::open::replay::Replayed;
use crate::read::cold_reads::ColdReads;
use crate::read::feed_watchers::Watchers;
use crate::read::read_view::ReadView;
use crate::read::reader_epochs::ReaderEpochs;
use crate::read::row_cache::RowCache;
use crate::trees::compaction_schedule::CompactionSchedule;
use crate::trees::corruption::Corruption;
use crate::trees::feed_trim::TrimMarks;
use crate::trees::flush::Flusher;
use crate::trees::maintenance::Maintenance;
use crate::trees::memtables::Memtables;
use crate::trees::range_tombstones::RangeTombstones;
use crate::trees::reclaim_queue::ReclaimQueue;
use crate::trees::{Name, TreeError, Trees};
use crate::write::overlay::Overlay;
use crate::write::queue::Queue;
use crate::write::write_path::WritePath;
use parking_lot::Mutex;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use store::{LockTable, Position, Stamp, Watches};

/// A free file smaller than this is not worth keeping.
const FREE_FILE_BYTES_MIN: u64 = 64 * 1024;

/// What an open has read.
pub(super) struct Parts {
    pub(super) head: Option<HeadFile>,
    pub(super) trees: Trees,
    pub(super) trims: Arc<TrimMarks>,
    pub(super) tombstones: RangeTombstones,
    pub(super) replayed: Replayed,
}

impl Parts {
    pub(super) fn assemble(self, dir: &Path, options: Options) -> (Core, LogEnd) {
        let published = self.replayed.published();
        let Replayed { log, first, flushed, sizes } = self.replayed;
        let end = LogEnd::new(log.generation, published);
        let (generation, time_micros) = (log.generation + 1, log.time_micros);
        let segments = segments_of(dir, &options, log);
        let log = CommitLog::new(segments, generation, published, self.head, dir.join(HEAD_FILE));
        let (log, memtables) = (Arc::new(log), Arc::new(Memtables::new(first, flushed)));
        let compaction = Arc::new(CompactionSchedule::default());
        let env = Arc::new(Environment {
            dir: dir.to_owned(),
            durability: options.durability,
            profile: options.profile,
            clock: options.clock,
            failure: Failure::new(options.on_fatal),
            on_warning: options.on_warning,
        });
        let view = Arc::new(ReadView {
            env: env.clone(),
            trees: self.trees,
            corruption: Corruption::new(compaction.clone()),
            row_cache: RowCache::new(options.profile.row_cache_bytes, cores()),
            cold_reads: ColdReads::new(options.workers, env.failure.clone()),
            readers: ReaderEpochs::new(published, options.grace_period),
            newest: Mutex::new(Stamp { position: Position(published.into()), time_micros }),
            tombstones: self.tombstones,
            trims: self.trims,
            watchers: Watchers::default(),
            watches: Watches::default(),
        });
        let write = Arc::new(WritePath {
            view: view.clone(),
            locks: LockTable::new(),
            overlay: Overlay::new(),
            queue: Queue::new(published + 1, env.clone()),
        });
        let maintenance = Arc::new(Maintenance {
            head_writer: HeadWriter::new(env.clone(), view.clone(), log.clone(), memtables.clone()),
            log,
            memtables,
            compaction,
            reclaim: ReclaimQueue::default(),
            installing: Mutex::new(()),
        });
        seal_large(&maintenance, &view, sizes);
        (Core { env, write, view, maintenance }, end)
    }
}

/// Cores that this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Seals the memtables that the replay has filled beyond their size.
fn seal_large(maintenance: &Maintenance, view: &ReadView, sizes: [u64; 3]) {
    for name in Name::ALL {
        if sizes[name as usize] > view.env.profile.memtable_bytes[name as usize] {
            maintenance.memtables.seal(&view.trees, name);
        }
    }
}

fn segments_of(dir: &Path, options: &Options, log: Recovered) -> Segments {
    let mut segments = Segments {
        dir: dir.join(LOG_FOLDER),
        files: options.files.clone(),
        file_bytes: options.profile.log_file_bytes,
        full: log.full,
        free: Vec::new(),
        next_id: log.last_id,
        kept: moving::kept_folder(dir),
    };
    let mut free = log.free;
    free.sort_by_key(|file: &LogFile| std::cmp::Reverse(file.file.size_bytes()));
    for file in free {
        if segments.keep(&file) {
            continue;
        }
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
pub(super) fn flush_everything(core: &Core) -> Result<(), TreeError> {
    let Core { env, view, maintenance, .. } = core;
    let flusher = Flusher { env: env.clone(), view: view.clone(), maintenance: maintenance.clone() };
    Name::ALL.into_iter().for_each(|name| maintenance.memtables.seal(&view.trees, name));
    while maintenance.memtables.is_behind() {
        let Some((name, sealed)) = maintenance.memtables.next() else { break };
        flusher.flush(name, &sealed)?;
    }
    maintenance.head_writer.write();
    Ok(())
}
