//! What a table may read and write now: token buckets of accounts, tables, global indexes and ranges of key hashes.
//!
//! # Layout
//!
//! A [`Bucket`] is one atomic number. A [`Meter`] puts credits of several threads before a bucket that all requests of
//! a table share; [`Ranges`] have a bucket for each range of key hashes, and split hot ones. A [`Side`] is a table or a
//! global index: its meters and ranges. [`TableBuckets`] hang on the descriptor of a table and outlive its changes.
//!
//! # Guarantees
//!
//! A request is admitted while every bucket it draws from holds anything, and is charged what it cost, so a bucket may
//! go into debt. No request is refused that an exact bucket would admit; credits make a bucket hold at most one
//! second's capacity more than an exact one. No lock is taken by every request: one is taken once for many units, and
//! by changes of a table.
//!
//! Several servers over one store each have a [`Share`] of every limit, by what they are asked for. What a side holds
//! can be taken along ([`Held`]), so that neither a restart nor another server makes anything of nothing.
//!
//! Pure: the time is handed in, and nothing is known of requests, operations, texts or stores. A clock that is set
//! back costs a bucket at most what it holds and as much debt.

mod account;
mod bucket;
mod growth;
mod limits;
mod meter;
mod ranges;
mod reasons;
mod share;
mod side;
mod table;
pub mod tracking;
mod units;

pub use account::Account;
pub use bucket::{Bucket, Rate};
pub use limits::{
    BURST_SECONDS, DECREASE_INTERVAL_SECONDS, FREE_DECREASES, Limits, ON_DEMAND_READ_UNITS,
    ON_DEMAND_WRITE_UNITS, SideLimits, Throughput,
};
pub use meter::Meter;
pub use ranges::Ranges;
pub use reasons::{Reason, Reasons};
pub use share::Share;
pub use side::{Ask, Began, Held, HeldLane, Side};
pub use table::{TableBuckets, View};
pub use units::{Direction, HalfUnits};
