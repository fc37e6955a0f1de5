//! The HEAD writer: a thread that writes HEAD at most every 100 ms while there are commits, syncs the log then if
//! commits do not wait for that themselves, makes the next log file, and makes huge pages of the row cache, so that
//! the committer does neither. Idle, it sleeps without a timer. Others write HEAD through it before they rely on what
//! it says.

use crate::environment::Environment;
use crate::log::commit_log::CommitLog;
use crate::open::options::Durability;
use crate::read::read_view::ReadView;
use crate::trees::Name;
use crate::trees::memtables::Memtables;
use parking_lot::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const INTERVAL: Duration = Duration::from_millis(100);

#[derive(Default)]
struct State {
    dirty: bool,
    prepare: bool,
    stop: bool,
}

enum Task {
    WriteHead,
    PrepareFile,
    Stop,
}

/// Writes HEAD.
pub(crate) struct HeadWriter {
    env: Arc<Environment>,
    view: Arc<ReadView>,
    log: Arc<CommitLog>,
    memtables: Arc<Memtables>,
    state: Mutex<State>,
    changed: Condvar,
    dirty: AtomicBool,
}

impl HeadWriter {
    pub(crate) fn new(
        env: Arc<Environment>,
        view: Arc<ReadView>,
        log: Arc<CommitLog>,
        memtables: Arc<Memtables>,
    ) -> Self {
        let (state, changed, dirty) = Default::default();
        Self { env, view, log, memtables, state, changed, dirty }
    }

    /// Something was committed.
    pub(crate) fn note_commit(&self) {
        if !self.dirty.swap(true, Ordering::SeqCst) {
            self.state.lock().dirty = true;
            self.changed.notify_one();
        }
    }

    /// A log file was begun.
    pub(crate) fn request_file(&self) {
        self.state.lock().prepare = true;
        self.changed.notify_one();
    }

    pub(crate) fn stop(&self) {
        self.state.lock().stop = true;
        self.changed.notify_one();
    }

    /// Brings HEAD up to date. False if a full disk leaves it as it was.
    pub(crate) fn write(&self) -> bool {
        let flushed = self.memtables.flushed();
        let lists = Name::ALL.map(|name| self.view.trees.list(name));
        let floor = self.memtables.floor(self.view.readers.published()).min(self.log.synced());
        let time_micros = self.view.newest.lock().time_micros;
        match self.log.write_head(floor, time_micros, flushed, lists) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::StorageFull => false,
            Err(error) => {
                self.env.failure.fatal(format!("writing HEAD failed: {error}"));
                false
            }
        }
    }

    /// Runs until the store stops.
    pub(crate) fn run(&self) {
        loop {
            let result = match self.next() {
                Task::Stop => return,
                Task::PrepareFile => self.log.prepare_file(),
                Task::WriteHead => {
                    self.view.row_cache.make_full_pages_huge();
                    self.sync().map(|()| _ = self.write())
                }
            };
            match result {
                // The committer reports the full disk itself, when it needs the file.
                Err(error) if error.kind() == io::ErrorKind::StorageFull => {}
                Err(error) => return self.env.failure.fatal(format!("writing the log failed: {error}")),
                Ok(()) => {}
            }
        }
    }

    fn next(&self) -> Task {
        let now = || self.env.clock.monotonic();
        let mut state = self.state.lock();
        let mut due: Option<Duration> = None;
        loop {
            if state.stop {
                return Task::Stop;
            }
            if std::mem::take(&mut state.prepare) {
                return Task::PrepareFile;
            }
            match (state.dirty, due) {
                (false, _) => self.changed.wait(&mut state),
                (true, Some(due)) if now() >= due => {
                    state.dirty = false;
                    self.dirty.store(false, Ordering::SeqCst);
                    return Task::WriteHead;
                }
                (true, _) => {
                    let due = *due.get_or_insert_with(|| now() + INTERVAL);
                    self.changed.wait_for(&mut state, due.saturating_sub(now()));
                }
            }
        }
    }

    fn sync(&self) -> io::Result<()> {
        match self.env.durability {
            Durability::Disk => Ok(()),
            Durability::Os => {
                let published = self.view.readers.published();
                self.log.sync_up_to(published, published)
            }
        }
    }
}
