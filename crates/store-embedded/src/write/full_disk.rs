//! What follows from a full disk for later writes. Only a write finds out whether there is space again, so the
//! finding wears off: rows are refused at once for a moment, then tried again.

use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;

/// How long rows are refused without being tried.
const RETRY_AFTER: Duration = Duration::from_millis(50);
/// How long the store reports that its disk is full.
const REPORTED_FOR: Duration = Duration::from_secs(1);

/// When the disk was last found full.
pub(super) struct FullDisk {
    clock: Arc<dyn Clock>,
    /// Until a group is committed.
    found_at: Option<Duration>,
}

impl FullDisk {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, found_at: None }
    }

    pub(super) fn note_full(&mut self) {
        self.found_at = Some(self.clock.monotonic());
    }

    /// A group was committed.
    pub(super) fn note_room(&mut self) {
        self.found_at = None;
    }

    /// Whether rows are refused untried, so that a group may hold only what frees space.
    pub(super) fn refuses_rows(&self) -> bool {
        self.was_found_within(RETRY_AFTER)
    }

    pub(super) fn is_reported_full(&self) -> bool {
        self.was_found_within(REPORTED_FOR)
    }

    fn was_found_within(&self, time: Duration) -> bool {
        self.found_at.is_some_and(|at| self.clock.monotonic().saturating_sub(at) < time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::ManualClock;

    #[test]
    fn rows_are_tried_again_before_the_store_is_called_healthy() {
        let clock = Arc::new(ManualClock::at(5_000_000));
        let mut disk = FullDisk::new(clock.clone());
        assert!(!disk.refuses_rows() && !disk.is_reported_full());
        disk.note_full();
        clock.advance_micros(49_999);
        assert!(disk.refuses_rows() && disk.is_reported_full());
        clock.advance_micros(1);
        assert!(!disk.refuses_rows() && disk.is_reported_full());
        clock.advance_micros(950_000);
        assert!(!disk.is_reported_full());
    }
}
