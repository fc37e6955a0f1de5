//! What the reclaimer is to look at: dropped ranges, and feeds that were trimmed.

use parking_lot::{Condvar, Mutex};
use std::collections::BTreeSet;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(500);

#[derive(Default)]
struct State {
    drops: bool,
    trims: BTreeSet<u64>,
    stop: bool,
}

/// Work for the reclaimer.
#[derive(Default)]
pub(crate) struct ReclaimQueue {
    state: Mutex<State>,
    changed: Condvar,
}

impl ReclaimQueue {
    pub(crate) fn announce_drop(&self) {
        self.state.lock().drops = true;
        self.changed.notify_one();
    }

    pub(crate) fn announce_trim(&self, feed: u64) {
        self.state.lock().trims.insert(feed);
        self.changed.notify_one();
    }

    pub(crate) fn stop(&self) {
        self.state.lock().stop = true;
        self.changed.notify_one();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.state.lock().stop
    }

    /// Whether to look at drops, and the feeds to look at; `None` when the store stops.
    pub(super) fn next(&self) -> Option<(bool, BTreeSet<u64>)> {
        let mut state = self.state.lock();
        while !state.drops && state.trims.is_empty() && !state.stop {
            self.changed.wait(&mut state);
        }
        (!state.stop).then(|| (std::mem::take(&mut state.drops), std::mem::take(&mut state.trims)))
    }

    /// After a failure that may pass: tries again in a while.
    pub(super) fn retry_later(&self) {
        let mut state = self.state.lock();
        if !state.stop {
            self.changed.wait_for(&mut state, PAUSE);
        }
        state.drops = true;
    }
}
