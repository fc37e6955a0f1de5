//! How a long job gives way to the writers beside it.
//!
//! Beside others it takes small lots, whose commits hold nobody up for long, and rests after each as long as the lot
//! took: half of a core and of the disk at most. Alone it takes large lots and does not rest. That others write is
//! seen by the positions they take in the store.

use super::{Step, Surroundings};
use std::time::Duration;
use store::Plan;

/// How long after the latest write of somebody else the job thinks itself alone.
const ALONE_AFTER: Duration = Duration::from_secs(1);
/// The clock may have been set, or the machine have slept, while the lot was done.
const REST_MAX: Duration = Duration::from_millis(100);
const LOT_ITEMS_ALONE: usize = 1024;
const LOT_ITEMS_BESIDE_OTHERS: usize = 128;

/// The pace of one job.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// When the lot has begun.
    begun: Duration,
    /// The position that the store will have reached by now if nobody else has written.
    expected: Option<u128>,
    /// When the job will be alone if nobody else writes.
    alone_at: Duration,
}

impl Pace {
    /// A lot begins.
    pub(super) fn begin(&mut self, around: &Surroundings) {
        self.begun = around.clock.monotonic();
        let position = around.store().durable().position.0;
        if self.expected.is_none_or(|expected| position > expected) {
            self.alone_at = self.begun + ALONE_AFTER;
        }
        self.expected = Some(position);
    }

    /// How many items the lot may have.
    pub(super) fn lot_items(&self) -> usize {
        if self.is_alone() { LOT_ITEMS_ALONE } else { LOT_ITEMS_BESIDE_OTHERS }
    }

    fn is_alone(&self) -> bool {
        self.begun >= self.alone_at
    }

    /// The lot is done, and has taken so many commits; the step takes one more.
    pub(super) fn end(&mut self, around: &Surroundings, commits: u64) -> Step {
        self.expected = self.expected.map(|position| position + u128::from(commits) + 1);
        if self.is_alone() {
            return Step::Progress(Plan::default());
        }
        let took = around.clock.monotonic().saturating_sub(self.begun);
        Step::Rest(Plan::default(), took.min(REST_MAX))
    }
}
