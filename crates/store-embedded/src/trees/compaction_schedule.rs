//! Wakes the compaction threads when there may be work: after a flush, after a step that another thread made, and
//! when a damaged tree is to be checked.

use parking_lot::{Condvar, Mutex};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const PAUSE_WHEN_FULL: Duration = Duration::from_secs(1);

#[derive(Default)]
struct State {
    rounds: u64,
    stop: bool,
}

/// Rounds of compaction that were requested.
#[derive(Default)]
pub(crate) struct CompactionSchedule {
    state: Mutex<State>,
    changed: Condvar,
    l0_runs: AtomicUsize,
}

impl CompactionSchedule {
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

    pub(super) fn set_l0_runs(&self, runs: usize) {
        self.l0_runs.store(runs, Ordering::Relaxed);
    }

    /// Waits for a round after `seen`; `None` when the store stops.
    pub(super) fn wait(&self, seen: u64) -> Option<u64> {
        let mut state = self.state.lock();
        while state.rounds == seen && !state.stop {
            self.changed.wait(&mut state);
        }
        (!state.stop).then_some(state.rounds)
    }

    /// Waits for space on the disk, for a while.
    pub(super) fn pause(&self) {
        self.changed.wait_for(&mut self.state.lock(), PAUSE_WHEN_FULL);
    }
}
