//! What a table is allowed: how its billing mode, orders and maxima look to the buckets.

use crate::Account;
use std::sync::Arc;

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
