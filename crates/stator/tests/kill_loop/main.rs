//! Kills the server with SIGKILL repeatedly under load, and checks the data after each start.

#![expect(clippy::disallowed_methods, reason = "a test of a real process takes real time")]
#![expect(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod backups;
mod bulk_puts;
mod expiry;
mod exports;
mod imports;
mod indexes;
mod kinesis;
mod ledger;
mod objects;
mod peers;
mod replicas;
mod server;
mod streams;
mod strong;
mod triggers;
mod world;
