//! Sums since the server started, for readers that come at times of their own. A
//! minute is added when it is over, so recording a request costs nothing more; the current minutes are added to a copy.
//!
//! Sums are kept by names, so a table that takes the name of another continues its sums. They go when the table was not
//! used for as long as the history reaches: a reader of counters takes that for a restart. The number of subjects is
//! bounded; what exceeds it is counted as the server's.

use crate::TableNames;
use crate::histogram::Histogram;
use crate::minute::{self, Fault, Minute, Subject, Subjects, Throttle};
use capacity::Direction;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// As many as a minute has in one shard.
const SUBJECTS_MAX: usize = 5_000;

/// Whose sums they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Total {
    /// Account and region; `None` for what is the server's.
    pub place: Option<(Arc<str>, Arc<str>)>,
    /// The table; `None` for requests that name none.
    pub table: Option<Arc<str>>,
}

/// Sums of a subject.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sums {
    /// By name of the index; `None` is the table.
    pub capacity: BTreeMap<Option<Arc<str>>, CapacitySums>,
    /// By name of the operation.
    pub operations: BTreeMap<&'static str, OperationSums>,
    /// By name of the index that is being built, or was.
    pub builds: BTreeMap<Arc<str>, BuildSums>,
    /// Conditions that did not hold.
    pub condition_failures: u64,
    /// Items that another transaction held.
    pub transaction_conflicts: u64,
    /// Requests that were wrong.
    pub user_errors: u64,
    /// Items that time to live has deleted.
    pub expired_items: u64,
    /// Requests that were refused before their operation was known, by reason.
    pub refused: BTreeMap<&'static str, u64>,
}

/// What a table or an index was charged.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CapacitySums {
    /// Read units.
    pub read: f64,
    /// Write units.
    pub write: f64,
    /// Reads that were throttled.
    pub read_throttle_events: u64,
    /// Writes that were throttled.
    pub write_throttle_events: u64,
    /// Reads that were above a limit and were served all the same.
    pub observed_read_throttle_events: u64,
    /// Writes that were above a limit and were served all the same.
    pub observed_write_throttle_events: u64,
}

/// The building of an index.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BuildSums {
    /// How many of a hundred items it has.
    pub percent: f64,
    /// Write units of its entries.
    pub write: f64,
}

/// Requests of one operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperationSums {
    /// Requests that succeeded.
    pub done: u64,
    /// Their time, in microseconds.
    pub micros: f64,
    /// How many of them took less than so many microseconds: those of [`LATENCY_BOUNDS_MICROS`].
    pub within: [u64; LATENCY_BOUNDS],
    /// Items that Query and Scan returned.
    pub returned_items: f64,
    /// Bytes of items that were read or written.
    pub item_bytes: f64,
    /// By the name of the error.
    pub errors: BTreeMap<&'static str, (Fault, u64)>,
}

const LATENCY_BOUNDS: usize = 11;

/// Bounds of latencies, each twice or four times the one before: edges of buckets of the histograms, so that counts
/// below them are exact.
pub const LATENCY_BOUNDS_MICROS: [u64; LATENCY_BOUNDS] = {
    let exponents = [6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 23];
    let mut bounds = [0; LATENCY_BOUNDS];
    let mut place = 0;
    while place < LATENCY_BOUNDS {
        bounds[place] = 1 << exponents[place];
        place += 1;
    }
    bounds
};

/// The sums of all subjects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals(BTreeMap<Total, Sums>);

impl Totals {
    /// Adds a part of a minute, with the names of its tables.
    pub(crate) fn add<'a>(&mut self, part: &Subjects, names: impl Fn(u32) -> Option<&'a TableNames>) {
        for (subject, minute) in part {
            let names = if let Subject::Table(table) = subject { names(*table) } else { None };
            let total = Total::of(subject, names);
            let is_known = self.0.len() < SUBJECTS_MAX || self.0.contains_key(&total);
            let total = if is_known { total } else { Total::default() };
            self.0.entry(total).or_default().add(minute, names);
        }
    }

    /// Forgets all tables but these.
    pub(crate) fn retain_tables<'a>(&mut self, tables: impl Iterator<Item = &'a TableNames>) {
        let kept: BTreeSet<Total> = tables.map(Total::of_table).collect();
        self.0.retain(|total, _| total.table.is_none() || kept.contains(total));
    }

    pub(crate) fn into_sums(self) -> BTreeMap<Total, Sums> {
        self.0
    }
}

impl Total {
    /// A table without names is the server's.
    fn of(subject: &Subject, names: Option<&TableNames>) -> Total {
        match subject {
            Subject::Server => Total::default(),
            Subject::Account { account, region } => {
                Total { place: Some((Arc::clone(account), Arc::clone(region))), table: None }
            }
            Subject::Table(_) => names.map(Total::of_table).unwrap_or_default(),
        }
    }

    fn of_table(names: &TableNames) -> Total {
        let place = Some((Arc::clone(&names.account), Arc::clone(&names.region)));
        Total { place, table: Some(Arc::clone(&names.table)) }
    }
}

impl Sums {
    fn add(&mut self, minute: &Minute, names: Option<&TableNames>) {
        let name = |index: &u16| names.and_then(|names| names.indexes.get(index)).cloned();
        for (index, capacity) in &minute.capacity {
            self.capacity.entry(name(index)).or_default().add(capacity);
        }
        for (throttle, count) in minute.operations.iter().flat_map(|operation| &operation.throttles) {
            *self.capacity.entry(name(&throttle.index)).or_default().events_mut(throttle) += count;
        }
        for operation in &minute.operations {
            self.operations.entry(operation.name).or_default().add(operation);
        }
        for (name, build) in minute.builds.iter().filter_map(|(index, build)| Some((name(index)?, build))) {
            self.builds.entry(name).or_default().add(build);
        }
        for (reason, count) in &minute.refused {
            *self.refused.entry(reason).or_default() += count;
        }
        self.condition_failures += minute.condition_failures;
        self.transaction_conflicts += minute.transaction_conflicts;
        self.user_errors += minute.user_errors;
        self.expired_items += minute.expired_items;
    }
}

impl CapacitySums {
    fn add(&mut self, capacity: &minute::Capacity) {
        self.read += capacity.read.sum;
        self.write += capacity.write.sum;
    }

    fn events_mut(&mut self, throttle: &Throttle) -> &mut u64 {
        match (throttle.direction, throttle.is_enforced) {
            (Direction::Read, true) => &mut self.read_throttle_events,
            (Direction::Write, true) => &mut self.write_throttle_events,
            (Direction::Read, false) => &mut self.observed_read_throttle_events,
            (Direction::Write, false) => &mut self.observed_write_throttle_events,
        }
    }
}

impl BuildSums {
    fn add(&mut self, build: &minute::Build) {
        self.percent = self.percent.max(build.percent.maximum);
        self.write += build.write.sum;
    }
}

impl OperationSums {
    fn add(&mut self, operation: &minute::Operation) {
        self.done += operation.latency.samples;
        self.micros += operation.latency.sum;
        self.returned_items += operation.returned_items.sum;
        self.item_bytes += operation.item_bytes.sum;
        self.add_latencies(&operation.latencies);
        for (error, fault, count) in &operation.errors {
            self.errors.entry(error).or_insert((*fault, 0)).1 += count;
        }
    }

    fn add_latencies(&mut self, latencies: &Histogram) {
        for (within, bound) in self.within.iter_mut().zip(LATENCY_BOUNDS_MICROS) {
            *within += latencies.below(bound);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(tables: std::ops::Range<u32>) -> Subjects {
        let minute = || {
            let mut minute = Minute::default();
            let operation = minute.operation_mut("GetItem");
            for micros in [63, 64, 1_000, 1_000_000] {
                operation.latency.add(micros as f64);
                operation.latencies.add(micros);
            }
            minute
        };
        tables.map(|table| (Subject::Table(table), minute())).collect()
    }

    fn names(table: u32) -> TableNames {
        let text = |text: &str| Arc::from(text);
        let table = Arc::from(table.to_string());
        TableNames { account: text("a"), region: text("r"), table, indexes: BTreeMap::new() }
    }

    #[test]
    fn minutes_add_up_under_the_names_of_their_tables() {
        let (mut totals, names) = (Totals::default(), names(7));
        totals.add(&part(0..2), |_| Some(&names));
        let operation = &totals.0[&Total::of_table(&names)].operations["GetItem"];
        assert_eq!((operation.done, operation.micros), (8, 2.0 * 1_001_127.0));
        assert_eq!(operation.within, [2, 4, 4, 4, 6, 6, 6, 6, 6, 8, 8]);
    }

    #[test]
    fn subjects_are_bounded() {
        let (mut totals, all) = (Totals::default(), (0..5_010).map(names).collect::<Vec<_>>());
        totals.add(&part(0..5_010), |table| all.get(table as usize));
        assert_eq!(totals.0.len(), SUBJECTS_MAX + 1);
        assert_eq!(totals.0[&Total::default()].operations["GetItem"].done, 40);
        totals.retain_tables([&all[3]].into_iter());
        assert_eq!(totals.0.len(), 2);
    }
}
