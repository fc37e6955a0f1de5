//! What a table is allowed: how its billing mode, orders and maxima look to the buckets.

use crate::{Account, Began, Share};
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
    /// The table's account.
    pub account: Arc<Account>,
    /// The table.
    pub table: SideLimits,
    /// Its global indexes, by number.
    pub indexes: Vec<(u16, SideLimits)>,
}

/// The limits of a table or an index.
#[derive(Debug, Clone, Copy)]
pub struct SideLimits {
    /// What all servers together may serve.
    pub throughput: Throughput,
    /// What of it is this server's.
    pub share: Share,
    /// What its buckets hold, if there are none yet.
    pub began: Began,
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
