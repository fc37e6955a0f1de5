//! Reports the progress of building an index: to the engine's observer after each lot, to the log at intervals.

use super::BackfillIndex;
use crate::jobs::{Surroundings, items};
use crate::options::JobEvent;
use crate::table::{Index, Table};
use std::time::Duration;

const LOG_EVERY: Duration = Duration::from_secs(10);

/// When the log was written last.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    logged: Option<Duration>,
}

impl Progress {
    /// So many items are done of so many, the latest of which have entries that would cost so many write units.
    pub(super) fn lots(
        &mut self,
        around: &Surroundings,
        table: &Table,
        index: &Index,
        (items, of, write_units): (u64, u64, u64),
    ) {
        let percent = items::percent(items, of);
        around.options.tell(table, JobEvent::IndexBuilt { index: index.number, percent, write_units });
        let now = around.clock.monotonic();
        if now.saturating_sub(*self.logged.get_or_insert(now)) >= LOG_EVERY {
            self.logged = Some(now);
            tracing::info!(table = table.name, index = index.name, items, "an index is {percent:.1} % built");
        }
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
