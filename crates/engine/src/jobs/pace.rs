//! How a long job yields to concurrent requests.
//!
//! With concurrent writers it takes small lots, whose commits are short, and rests after each as long as the lot took:
//! half of a core and of the disk at most. Alone it takes several large lots in a step and does not rest. Writes are
//! noticed by the positions they take in the store, reads by a sign they set.

use super::{Step, Surroundings};
use std::time::Duration;
use store::Plan;

/// How long after the latest write or read of another client the job counts as alone.
const ALONE_AFTER: Duration = Duration::from_secs(1);
/// How long it looks for others when it begins.
const FIRST_LOOK: Duration = Duration::from_millis(100);
/// The clock may have been set, or the machine have slept, while the lot was done.
pub(super) const REST_MAX: Duration = Duration::from_millis(100);
const LOT_ITEMS_ALONE: usize = 1024;
const LOT_ITEMS_BESIDE_OTHERS: usize = 128;
const LOTS_ALONE: usize = 4;

/// The pace of one job.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// When the step has begun.
    begun: Duration,
    /// The position that the store reaches if only this job writes.
    expected: Option<u128>,
    /// When the job counts as alone if no other client writes or reads.
    alone_at: Duration,
}

impl Pace {
    /// A step begins.
    pub(super) fn begin(&mut self, around: &Surroundings) {
        self.look(around.clock.monotonic(), around.store().durable().position.0, around.reads.ask());
    }

    fn look(&mut self, now: Duration, position: u128, reads: bool) {
        self.begun = now;
        match self.expected {
            None => self.alone_at = self.begun + FIRST_LOOK,
            Some(expected) if position > expected || reads => self.alone_at = self.begun + ALONE_AFTER,
            Some(_) => {}
        }
        self.expected = Some(position);
    }

    /// How many items the lot may have.
    pub(super) fn lot_items(&self) -> usize {
        if self.is_alone() { LOT_ITEMS_ALONE } else { LOT_ITEMS_BESIDE_OTHERS }
    }

    /// How many lots the step may have, of a job that reads one while another is committed.
    pub(super) fn lots(&self) -> usize {
        if self.is_alone() { LOTS_ALONE } else { 1 }
    }

    fn is_alone(&self) -> bool {
        self.begun >= self.alone_at
    }

    /// What the step had is done, and has taken so many commits; the step takes one more.
    pub(super) fn end(&mut self, around: &Surroundings, commits: u64) -> Step {
        self.expected = self.expected.map(|position| position + u128::from(commits) + 1);
        if self.is_alone() {
            return Step::Progress(Plan::default());
        }
        let took = around.clock.monotonic().saturating_sub(self.begun);
        Step::Rest(Plan::default(), took.min(REST_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_alone_while_nobody_writes_or_reads() {
        let mut pace = Pace::default();
        let mut look = |millis, position, reads| {
            pace.look(Duration::from_millis(millis), position, reads);
            pace.is_alone()
        };
        assert!(!look(0, 5, true) && !look(99, 5, false) && look(100, 5, false));
        assert!(!look(150, 6, false), "somebody has written");
        assert!(!look(1_149, 6, false) && look(1_150, 6, false));
        assert!(!look(1_200, 6, true), "somebody has read");
        assert!(!look(2_199, 6, false) && look(2_200, 6, false));
        assert_eq!((pace.lot_items(), pace.lots()), (LOT_ITEMS_ALONE, LOTS_ALONE));
    }
}
