//! The storage contract over PostgreSQL 15 and later: one database that replicates, any number of servers over it.
//!
//! * **A mutation is one transaction of two round trips.** The first takes all locks, then the transaction id, then
//!   reads; `decide` runs here; the second writes the plan and commits. Nothing waits for a lock behind its id, so the
//!   order of ids is the order of an item's writes ([`isolation`]).
//! * **A position is (epoch, transaction id).** A feed is read up to the horizon of a snapshot: every transaction
//!   below it has ended. The epoch rises where ids may be given out twice: on another timeline, or in another
//!   cluster.
//! * **An outcome that was lost is settled** by the status of the transaction, or by what its session left in its
//!   commit.
//!
//! Keys and rows are the engine's bytes as they are; nothing here knows tables or items. One database: the keyspace is
//! not cut over several.

mod commit;
mod connector;
mod drop_range;
mod failure;
mod feeds;
pub mod filling;
mod flights;
mod hearing;
mod hosts;
mod isolation;
mod measures;
mod mutate;
mod newest;
mod notices;
mod open;
mod options;
mod pages;
mod pool;
mod postgres_store;
mod primary;
mod ranges;
mod reads;
mod replicas;
mod resolve;
mod schema;
mod session;
mod silence;
mod sql;
mod store_impl;
pub mod test_server;
mod tls;
mod tls_binding;
mod url;

pub use open::OpenError;
pub use options::Options;
pub use postgres_store::PostgresStore;
