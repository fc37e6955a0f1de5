//! Bytes and order, nothing of DynamoDB: what a store must do for the engine above it.
//!
//! [`contract`] is the interface, [`memory`] the implementation that keeps nothing (also the oracle of the tests and
//! the `--memory` server), `store-embedded` the durable one, `store-postgres` the one that servers share. All pass
//! `store-suite`. What servers share on any store is built on the contract: [`documents`] of services, [`lease`]s of
//! work, [`secret`]s.

pub mod change_row;
pub mod contract;
pub mod documents;
pub mod lease;
pub mod lock_table;
pub mod memory;
pub mod records;
pub mod secret;
pub mod slow;
pub mod wait;

pub use contract::*;
pub use lock_table::LockTable;
pub use memory::MemoryStore;
pub use slow::SlowStore;
