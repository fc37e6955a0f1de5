//! DAX's data plane: what the clients of DAX speak, over the operations of DynamoDB.
//!
//! Reading order: [`codec`] (the bytes of the protocol), `connection` (a client, from its preamble to its end),
//! `session` (who it is), `ops` (the methods, a file each), `attribute_lists` (names of attributes under numbers that
//! never change), `cache` (answers that are given again), `audit` (what is told of requests), [`listener`].
//!
//! A method is an operation of DynamoDB in another notation: it goes through `pipeline::perform` with the caller of
//! the connection, so what is refused, allowed, consumed and counted is what a request over HTTP meets.

mod attribute_lists;
mod audit;
mod cache;
pub mod cluster;
pub mod codec;
mod connection;
mod dax;
mod endpoints;
mod errors;
mod lazy_id;
pub mod listener;
mod memory;
mod ops;
mod session;

pub use attribute_lists::{AttributeLists, ListError, Names};
pub use cache::{CacheMode, CacheSettings, Ttl};
pub use dax::{Dax, Parts, Usage};
pub use listener::{Limits, Listener};
