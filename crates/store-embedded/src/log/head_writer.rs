//! The head_writer: a thread that writes HEAD at most every 100 ms while there are commits, syncs the log then if
//! commits do not wait for that themselves, and makes the next log file. Idle, it sleeps without a timer.

use crate::core::Core;
use crate::open::options::Durability;
use parking_lot::{Condvar, Mutex};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(100);

#[derive(Default)]
struct State {
    dirty: bool,
    prepare: bool,
    stop: bool,
}

/// Tells the HEAD writer what there is to do.
#[derive(Default)]
pub(crate) struct HeadWriter {
    state: Mutex<State>,
    changed: Condvar,
    dirty: AtomicBool,
}

enum Task {
    WriteHead,
    PrepareFile,
    Stop,
}

impl HeadWriter {
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

    fn next(&self) -> Task {
        let mut state = self.state.lock();
        let mut due: Option<Instant> = None;
        loop {
            if state.stop {
                return Task::Stop;
            }
            if std::mem::take(&mut state.prepare) {
                return Task::PrepareFile;
            }
            match (state.dirty, due) {
                (false, _) => self.changed.wait(&mut state),
                (true, Some(due)) if Instant::now() >= due => {
                    state.dirty = false;
                    self.dirty.store(false, Ordering::SeqCst);
                    return Task::WriteHead;
                }
                (true, _) => {
                    let due = *due.get_or_insert_with(|| Instant::now() + INTERVAL);
                    self.changed.wait_until(&mut state, due);
                }
            }
        }
    }
}

/// Runs until the store stops.
pub(crate) fn run(core: &Core) {
    loop {
        let result = match core.head_writer.next() {
            Task::Stop => return,
            Task::PrepareFile => core.log.prepare_file(),
            Task::WriteHead => sync(core).map(|()| _ = core.write_head()),
        };
        match result {
            // The committer meets the full disk itself, when it really needs the file.
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {}
            Err(error) => return core.failure.fatal(format!("writing the log failed: {error}")),
            Ok(()) => {}
        }
    }
}

fn sync(core: &Core) -> io::Result<()> {
    match core.durability {
        Durability::Disk => Ok(()),
        Durability::Os => {
            let published = core.readers.published();
            core.log.sync_up_to(published, published)
        }
    }
}
