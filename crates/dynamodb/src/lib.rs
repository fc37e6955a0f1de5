//! DynamoDB's operations: shapes and messages. No socket, no JSON, no row keys.
//!
//! Reading order: [`ops`] (the table of operations, a file for each), [`checks`] (rules that several have),
//! [`legacy`] (the parameters before expressions), [`capacity`] (what an answer tells of its price),
//! [`describe`] and `table_settings` (a table as shapes say it, and back), [`errors`] (every text), [`service`].
//!
//! **Where a rule is judged.** `check` goes through the stages of members and of values, which only look at the
//! request. Most plans are still the input itself, so `run` begins with the stages of expressions
//! and of legacy parameters, before it looks for the table; the order of refusals is that of the two one after the
//! other, and each operation's header lists it.

mod access;
pub mod capacity;
pub mod checks;
pub mod describe;
pub mod errors;
pub mod legacy;
pub mod ops;
pub mod service;
mod stream_label;
mod table_settings;

pub use service::DynamoDb;
