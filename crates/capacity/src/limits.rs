//! What a table is allowed: how its billing mode, orders and maxima look to the buckets.

use crate::Account;
use std::sync::Arc;

/// Units a second that a new on-demand table serves, reads.
pub const ON_DEMAND_READ_UNITS: u64 = 12_000;
/// The same for writes.
pub const ON_DEMAND_WRITE_UNITS: u64 = 4_000;
/// For how many seconds provisioned capacity that was not used is kept.
pub const BURST_SECONDS: u64 = 300;
/// Decreases of provisioned capacity in a day of UTC that need no waiting.
pub const FREE_DECREASES: u32 = 4;
/// Seconds that each further decrease of the day has to wait behind the last.
pub const DECREASE_INTERVAL_SECONDS: u64 = 3_600;

/// The limits of a table and its global indexes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Rises with every change of the table.
    pub version: u64,
    /// Since when unused capacity is kept.
    pub created_micros: u64,
    /// The table's account.
    pub account: Arc<Account>,
    /// How many servers share the limits.
    pub servers: u64,
    /// The table.
    pub table: Throughput,
    /// Its global indexes, by number.
    pub indexes: Vec<(u16, Throughput)>,
}

/// Units a second of a table or an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Throughput {
    /// As ordered; what is not used is kept for five minutes.
    Provisioned {
        /// ReadCapacityUnits
        read: u64,
        /// WriteCapacityUnits
        write: u64,
    },
    /// As traffic grows.
    OnDemand {
        /// Read units of WarmThroughput.
        warm_read: u64,
        /// Write units of WarmThroughput.
        warm_write: u64,
        /// MaxReadRequestUnits
        max_read: Option<u64>,
        /// MaxWriteRequestUnits
        max_write: Option<u64>,
    },
}
