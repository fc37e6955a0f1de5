//! The work of the reclaimer: dropped ranges, and feeds that were trimmed.

use parking_lot::{Condvar, Mutex};
use std::collections::BTreeSet;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(500);

/// The pending work.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// Dropped ranges, all there are.
    pub(super) drops: bool,
    /// Feeds with a trim mark.
    pub(super) trims: BTreeSet<u64>,
}

impl Due {
    fn is_empty(&self) -> bool {
        !self.drops && self.trims.is_empty()
    }
}

#[derive(Default)]
struct State {
    due: Due,
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
        self.state.lock().due.drops = true;
        self.changed.notify_one();
    }

    pub(crate) fn announce_trims(&self, feeds: impl IntoIterator<Item = u64>) {
        self.state.lock().due.trims.extend(feeds);
        self.changed.notify_one();
    }

    pub(crate) fn stop(&self) {
        self.state.lock().stop = true;
        self.changed.notify_one();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.state.lock().stop
    }

    /// What there is to do; waits for it. `None` when the store stops.
    pub(super) fn next(&self) -> Option<Due> {
        let mut state = self.state.lock();
        while state.due.is_empty() && !state.stop {
            self.changed.wait(&mut state);
        }
        (!state.stop).then(|| std::mem::take(&mut state.due))
    }

    /// After a failure that may pass: what is not done yet is due again in a while.
    pub(super) fn retry_later(&self, undone: Due) {
        let mut state = self.state.lock();
        if !state.stop {
            self.changed.wait_for(&mut state, PAUSE);
        }
        state.due.drops |= undone.drops;
        state.due.trims.extend(undone.trims);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_done_is_due_again() {
        let queue = ReclaimQueue::default();
        queue.announce_trims([3, 4]);
        queue.announce_drop();
        let mut due = queue.next().unwrap();
        due.trims.remove(&3);
        due.drops = false;
        queue.announce_trims([5]);
        queue.retry_later(due);
        assert_eq!(queue.next(), Some(Due { drops: false, trims: BTreeSet::from([4, 5]) }));
    }
}
