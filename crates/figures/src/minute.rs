//! What one minute saw of one subject.

use crate::histogram::Histogram;
use crate::metric::Metric;
use crate::statistic::Statistic;
use capacity::{Direction, Reasons};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The subject of figures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// The server: refusals before an operation is known, and what exceeds the limit on series.
    Server,
    /// A table, by the number that is never reused.
    Table(u32),
    /// An account in a region: requests that name no table, and its user errors.
    Account { account: Arc<str>, region: Arc<str> },
}

/// All subjects of a minute.
pub(crate) type Subjects = BTreeMap<Subject, Minute>;

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request was wrong.
    User,
    /// The server failed.
    System,
    /// There was too much of it.
    Throttled,
    /// A condition of the request did not hold, which is no user error.
    ConditionFailed,
}

/// The figures of a subject.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Minute {
    /// By number of the index; 0 is the table.
    pub(crate) capacity: Vec<(u16, Capacity)>,
    pub(crate) operations: Vec<Operation>,
    /// By number of the index that is being built.
    pub(crate) builds: Vec<(u16, Build)>,
    /// What has a dimension that few metrics have.
    pub(crate) facets: Vec<(Metric, Facet, Statistic)>,
    pub(crate) condition_failures: u64,
    pub(crate) transaction_conflicts: u64,
    pub(crate) user_errors: u64,
    /// Items that time to live has deleted.
    pub(crate) expired_items: u64,
    /// Requests that were refused before their operation was known, by reason.
    pub(crate) refused: Vec<(&'static str, u64)>,
}

/// What a table or an index was charged.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Capacity {
    pub(crate) read: Statistic,
    pub(crate) write: Statistic,
}

/// What happened to a request, or to a member of a batch, that found limits reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// Number of the index; 0 is the table.
    pub index: u16,
    /// Whether it was to read or to write.
    pub direction: Direction,
    /// Which limits were reached.
    pub reasons: Reasons,
    /// Whether it was refused for them; else it was served all the same.
    pub is_enforced: bool,
    /// Whether the index is being built.
    pub is_build: bool,
}

/// A dimension that few metrics have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// `StreamLabel`, of GetRecords.
    Stream(Arc<str>),
    /// `DelegatedOperation`: changes that are handed over to Kinesis.
    ChangeDataCapture,
    /// `ReceivingRegion`: changes that are brought to a replica there.
    ReceivingRegion(Arc<str>),
}

/// The building of an index.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Build {
    /// How many of a hundred items it had.
    pub(crate) percent: Statistic,
    pub(crate) write: Statistic,
}

/// Requests of one operation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// Of those that succeeded, in microseconds.
    pub(crate) latency: Statistic,
    pub(crate) latencies: Histogram,
    /// Items that Query and Scan returned.
    pub(crate) returned_items: Statistic,
    /// Bytes of items that were read or written.
    pub(crate) item_bytes: Statistic,
    /// By the name of the error.
    pub(crate) errors: Vec<(&'static str, Fault, u64)>,
    /// How often limits were found reached.
    pub(crate) throttles: Vec<(Throttle, u64)>,
}

impl Minute {
    /// The figures of an index.
    pub(crate) fn capacity_mut(&mut self, index: u16) -> &mut Capacity {
        let found = self.capacity.iter().position(|(known, _)| *known == index);
        let place = found.unwrap_or_else(|| push(&mut self.capacity, (index, Capacity::default())));
        &mut self.capacity[place].1
    }

    /// The figures of an index that is being built.
    pub(crate) fn build_mut(&mut self, index: u16) -> &mut Build {
        let found = self.builds.iter().position(|(known, _)| *known == index);
        let place = found.unwrap_or_else(|| push(&mut self.builds, (index, Build::default())));
        &mut self.builds[place].1
    }

    /// The figures of a dimension.
    pub(crate) fn facet_mut(&mut self, metric: Metric, facet: &Facet) -> &mut Statistic {
        let found = self.facets.iter().position(|(known, own, _)| *known == metric && own == facet);
        let new = || (metric, facet.clone(), Statistic::default());
        let place = found.unwrap_or_else(|| push(&mut self.facets, new()));
        &mut self.facets[place].2
    }

    /// The figures of an operation.
    pub(crate) fn operation_mut(&mut self, name: &'static str) -> &mut Operation {
        let found = self.operations.iter().position(|known| is_same(known.name, name));
        let place = found.unwrap_or_else(|| push(&mut self.operations, Operation::new(name)));
        &mut self.operations[place]
    }

    /// Counts requests that were refused before their operation was known.
    pub(crate) fn refuse(&mut self, reason: &'static str, count: u64) {
        let found = self.refused.iter().position(|(known, _)| is_same(known, reason));
        let place = found.unwrap_or_else(|| push(&mut self.refused, (reason, 0)));
        self.refused[place].1 += count;
    }

    /// Adds the figures of another part of the same minute.
    pub(crate) fn merge(&mut self, other: &Minute) {
        for (index, capacity) in &other.capacity {
            self.capacity_mut(*index).merge(capacity);
        }
        for operation in &other.operations {
            self.operation_mut(operation.name).merge(operation);
        }
        for (index, build) in &other.builds {
            self.build_mut(*index).merge(build);
        }
        for (metric, facet, statistic) in &other.facets {
            self.facet_mut(*metric, facet).merge(statistic);
        }
        for (reason, count) in &other.refused {
            self.refuse(reason, *count);
        }
        self.condition_failures += other.condition_failures;
        self.transaction_conflicts += other.transaction_conflicts;
        self.user_errors += other.user_errors;
        self.expired_items += other.expired_items;
    }

    /// How many series it holds, more or less: the measure of the memory it takes.
    pub(crate) fn cells(&self) -> usize {
        let throttles: usize = self.operations.iter().map(|operation| operation.throttles.len()).sum();
        1 + self.capacity.len() + self.operations.len() + self.builds.len() + self.facets.len() + throttles
    }
}

impl Capacity {
    fn merge(&mut self, other: &Capacity) {
        self.read.merge(&other.read);
        self.write.merge(&other.write);
    }
}

impl Build {
    pub(crate) fn add(&mut self, percent: f64, write_units: u64) {
        self.percent.add(percent);
        if write_units > 0 {
            self.write.add(write_units as f64);
        }
    }

    fn merge(&mut self, other: &Build) {
        self.percent.merge(&other.percent);
        self.write.merge(&other.write);
    }
}

impl Operation {
    fn new(name: &'static str) -> Self {
        Operation {
            name,
            latency: Statistic::default(),
            latencies: Histogram::default(),
            returned_items: Statistic::default(),
            item_bytes: Statistic::default(),
            errors: Vec::new(),
            throttles: Vec::new(),
        }
    }

    /// Counts requests that found limits reached.
    pub(crate) fn throttle(&mut self, throttle: Throttle, count: u64) {
        let found = self.throttles.iter().position(|(known, _)| *known == throttle);
        let place = found.unwrap_or_else(|| push(&mut self.throttles, (throttle, 0)));
        self.throttles[place].1 += count;
    }

    /// Counts refused requests.
    pub(crate) fn fail(&mut self, error: &'static str, fault: Fault, count: u64) {
        let found = self.errors.iter().position(|(known, ..)| is_same(known, error));
        let place = found.unwrap_or_else(|| push(&mut self.errors, (error, fault, 0)));
        self.errors[place].2 += count;
    }

    /// How many requests failed so.
    pub(crate) fn errors_of(&self, wanted: Fault) -> u64 {
        self.errors.iter().filter(|(_, fault, _)| *fault == wanted).map(|(.., count)| count).sum()
    }

    fn merge(&mut self, other: &Operation) {
        self.latency.merge(&other.latency);
        self.latencies.merge(&other.latencies);
        self.returned_items.merge(&other.returned_items);
        self.item_bytes.merge(&other.item_bytes);
        for (error, fault, count) in &other.errors {
            self.fail(error, *fault, *count);
        }
        for (throttle, count) in &other.throttles {
            self.throttle(*throttle, *count);
        }
    }
}

/// Where the value is from now on.
fn push<T>(list: &mut Vec<T>, value: T) -> usize {
    list.push(value);
    list.len() - 1
}

/// Names are parts of the program, so two that are the same are nearly always in one place.
fn is_same(a: &'static str, b: &'static str) -> bool {
    std::ptr::eq(a, b) || a == b
}
