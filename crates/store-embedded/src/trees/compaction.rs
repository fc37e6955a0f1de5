//! Compaction threads: work after every flush until no tree has anything to do, then sleep.

use crate::core::Core;
use crate::disk_space;
use crate::trees::Name;
use crate::trees::corruption;
use parking_lot::{Condvar, Mutex};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const PAUSE_WHEN_FULL: Duration = Duration::from_secs(1);

#[derive(Default)]
struct State {
    rounds: u64,
    stop: bool,
}

/// Tells the compaction threads that there may be work.
#[derive(Default)]
pub(crate) struct Compaction {
    state: Mutex<State>,
    changed: Condvar,
    l0_runs: AtomicUsize,
}

impl Compaction {
    pub(crate) fn announce(&self) {
        self.state.lock().rounds += 1;
        self.changed.notify_all();
    }

    pub(crate) fn stop(&self) {
        self.state.lock().stop = true;
        self.changed.notify_all();
    }

    /// Sorted runs in front of the levels, the measure of what compaction owes.
    pub(crate) fn l0_runs(&self) -> usize {
        self.l0_runs.load(Ordering::Relaxed)
    }

    /// Waits for a round after `seen`; `None` when the store stops.
    fn wait(&self, seen: u64) -> Option<u64> {
        let mut state = self.state.lock();
        while state.rounds == seen && !state.stop {
            self.changed.wait(&mut state);
        }
        (!state.stop).then_some(state.rounds)
    }

    fn pause(&self) {
        self.changed.wait_for(&mut self.state.lock(), PAUSE_WHEN_FULL);
    }
}

/// Compacts until the store stops.
pub(crate) fn run(core: &Core) {
    be_nice();
    let mut seen = 0;
    while let Some(round) = core.compaction.wait(seen) {
        seen = round;
        for name in Name::ALL {
            corruption::report(core, name);
            if core.corruption.is_sound(name) && !settle(core, name) {
                return;
            }
        }
    }
}

/// Compacts one tree until nothing is left to do. False when the store stops.
fn settle(core: &Core, name: Name) -> bool {
    loop {
        core.compaction.l0_runs.store(core.trees.l0_runs(), Ordering::Relaxed);
        if core.trees.is_stopping() {
            return false;
        }
        if !disk_space::has_room_for_compaction(&core.dir, &core.profile) {
            core.make_room();
            core.compaction.pause();
            continue;
        }
        match core.trees.compact(name, core.readers.published()) {
            // Another thread may find work beside or behind this step.
            Ok(true) => core.compaction.announce(),
            Ok(false) => return true,
            Err(error) if error.is_full() || error.is_out_of_files() => core.compaction.pause(),
            Err(error) => {
                (core.on_warning)(&format!(
                    "compaction of {}: {error}",
                    core.dir.join(name.folder()).display()
                ));
                corruption::note(core, name);
                return true;
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn be_nice() {}

#[cfg(target_os = "linux")]
fn be_nice() {
    /// Compaction gives way to everything else on the machine's processors.
    const NICENESS: i32 = 10;
    // SAFETY: sets the priority of the calling thread only; failing changes nothing that matters.
    unsafe {
        let thread = libc::syscall(libc::SYS_gettid);
        libc::setpriority(libc::PRIO_PROCESS, thread as libc::id_t, NICENESS);
    }
}
