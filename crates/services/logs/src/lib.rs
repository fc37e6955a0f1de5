//! CloudWatch Logs, the part that people use: groups, streams, events, retention, tags. Functions write what they print
//! there, and `stator logs` reads it.
//!
//! Reading order: [`group`] and [`events`] (what is kept), [`logs`] (what the operations stand on, and what other parts
//! of the server append to), [`filter`] (patterns), [`ops`] (the table of operations, a file for each).

pub mod errors;
mod events;
pub mod filter;
pub mod group;
mod keys;
pub mod logs;
mod merge;
pub mod ops;
mod retention;
pub mod service;
mod writer;

pub use logs::{Event, Logs};
pub use service::CloudWatchLogs;
pub use writer::{Batch, Writer};
