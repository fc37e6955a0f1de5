//! Tells how far the building of an index has come: the engine's observer after each lot, the log now and then.

use super::BackfillIndex;
use crate::jobs::Surroundings;
use crate::options::JobEvent;
use crate::table::{Index, Table};
use std::time::Duration;
use store::StoreError;

const LOG_EVERY: Duration = Duration::from_secs(10);

/// What was told last, and when the log was.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    percent: Option<f64>,
    logged: Option<Duration>,
}

impl Progress {
    /// How many of a hundred items the index has; `None` before the first lot of this engine.
    pub(super) fn percent(&self) -> Option<f64> {
        self.percent
    }

    /// A lot is done, whose entries would cost so many write units.
    pub(super) fn lot(
        &mut self,
        around: &Surroundings,
        table: &Table,
        index: &Index,
        (items, write_units): (u64, u64),
    ) -> Result<(), StoreError> {
        let percent = percent(items, around.store().counter(table.count_counter(0)).wait()?);
        around.options.tell(table, JobEvent::IndexBuilt { index: index.number, percent, write_units });
        self.percent = Some(percent);
        let now = around.clock.monotonic();
        if now.saturating_sub(*self.logged.get_or_insert(now)) >= LOG_EVERY {
            self.logged = Some(now);
            tracing::info!(table = table.name, index = index.name, items, "an index is {percent:.1} % built");
        }
        Ok(())
    }

    /// The index is complete.
    pub(super) fn complete(around: &Surroundings, table: &Table, index: &Index, job: &BackfillIndex) {
        let done = JobEvent::IndexBuilt { index: index.number, percent: 100.0, write_units: 0 };
        around.options.tell(table, done);
        let BackfillIndex { items, violations, .. } = job;
        tracing::info!(
            table = table.name,
            index = index.name,
            items,
            skipped = violations,
            "an index is built; items are skipped whose key attributes it cannot hold"
        );
    }
}

/// Items that were written meanwhile count in both, more or less; the end is told when it is there.
fn percent(items: u64, of: i64) -> f64 {
    (items as f64 * 100.0 / of.max(1) as f64).min(99.9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_building_that_goes_on_is_not_complete() {
        let check = |items, of, expected: f64| assert!((percent(items, of) - expected).abs() < 1e-9);
        check(0, 0, 0.0);
        check(1, 4, 25.0);
        check(5, 4, 99.9);
        check(7, -1, 99.9);
    }
}
