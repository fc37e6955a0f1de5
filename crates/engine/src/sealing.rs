//! Tables whose items, index entries and feeds are sealed: the keyring of the engine's store.
//!
//! The layer itself is `sealing::SealedStore`, below everything of the engine: no read or write has a path of its own.
//! Here is which rows are of which table, and where a table's keys come from.

mod key_service;
mod table_keys;

pub use key_service::{KeyService, NoKeys, Releasing, Sharing, UnwrapError, Unwrapping};
pub(crate) use table_keys::TableKeys;
