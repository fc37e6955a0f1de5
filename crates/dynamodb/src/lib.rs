//! DynamoDB's operations: shapes and messages. No socket, no JSON, no row keys.
//!
//! Reading order: [`ops`] (the table of operations, a file for each), [`checks`] (rules that several have),
//! [`legacy`] (the parameters before expressions), `partiql` (statements), [`capacity`] (consumed units),
//! [`describe`] and `table_settings` (a table as shapes describe it, and back), [`errors`] (every text), [`service`].
//!
//! **Where a rule is judged.** `check` goes through the stages of members and of values, which only look at the
//! request, and then through expressions and legacy parameters; what it parsed is the plan. `run` begins with the
//! lookup of the table. What the request alone shows to be wrong and DynamoDB reports later (unused names of a page,
//! expressions of a transaction) is a `Result` in the plan. The order of refusals is that of the two one after the
//! other, and each operation's header lists it.

mod access;
pub mod auto_scaling;
pub mod backup_arn;
mod backup_description;
mod bulk_put;
pub mod capacity;
pub mod checks;
mod continuous_backups;
pub mod contributor_insights;
pub mod describe;
mod encryption;
mod encryption_key;
pub mod errors;
mod export;
pub mod faults;
mod global_table;
mod hand_over;
mod import;
mod input;
mod kinesis_destination;
pub mod legacy;
pub mod legacy_global_table;
pub mod levels;
pub mod ops;
mod partiql;
mod peering;
mod replica_auto_scaling;
mod replica_overrides;
mod replication;
pub mod reservations;
pub mod resource_policies;
mod restore;
pub mod sequence_number;
pub mod service;
mod shard_iterator;
pub mod stream_arn;
pub mod stream_record;
mod stream_status;
mod table_change;
mod table_settings;
mod table_tasks;
mod tag_change;
mod transfer;
mod transfers;
mod warm_throughput;

pub use access::stream as access_to_stream;
pub use encryption::DataKeys;
pub use hand_over::HandOver;
pub use peering::PeerHost;
pub use replication::{Parts as ReplicationParts, Replication};
pub use service::DynamoDb;
pub use transfers::TransferWork;
