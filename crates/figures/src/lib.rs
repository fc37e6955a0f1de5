//! What requests cost and how they ended: per table, index and operation, by the minute.
//!
//! # Layout
//!
//! A request notes what it does in its [`Tally`]; [`Tally::finish`] records it once, in the [`shard`] that the
//! request's thread was assigned. A shard that enters a new minute hands the last one to the [`history`], which keeps
//! a bounded window. [`Figures::series`] and [`Figures::points`] read both, under the names that CloudWatch has for
//! them ([`Metric`]). [`Figures::totals`] has what was counted since the server started.
//!
//! Tables that ask for it have their keys ranked too ([`hot_keys`]).
//!
//! Recording takes no lock that threads contend for, and allocates only for what a minute sees for the first time.
//! It depends on neither HTTP nor operations; a table is a number and names.

mod figures;
mod histogram;
mod history;
pub mod hot_keys;
mod metric;
mod minute;
mod series;
mod shard;
mod statistic;
mod tally;
mod totals;

pub use figures::Figures;
pub use histogram::Histogram;
pub use metric::Metric;
pub use minute::{Facet, Fault, Throttle};
pub use series::{Point, SeriesId};
pub use shard::LATE_MINUTES_MAX;
pub use statistic::Statistic;
pub use tally::{Outcome, Tally};
pub use totals::{BuildSums, CapacitySums, LATENCY_BOUNDS_MICROS, OperationSums, Sums, Total};

use std::collections::BTreeMap;
use std::sync::Arc;

/// The names of a table, as dimensions show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames {
    /// The account that owns the table.
    pub account: Arc<str>,
    /// The region the table is in.
    pub region: Arc<str>,
    /// The name of the table.
    pub table: Arc<str>,
    /// The names of its global indexes by their numbers. 0 is the table itself and has no entry.
    pub indexes: BTreeMap<u16, Arc<str>>,
}

const MICROS_PER_MINUTE: u64 = 60_000_000;

/// The minute of a time: minutes since the Unix epoch.
pub fn minute_of(micros: u64) -> u64 {
    micros / MICROS_PER_MINUTE
}
