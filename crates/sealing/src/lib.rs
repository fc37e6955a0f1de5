//! Sealing: rows, feed records and documents encrypted and authenticated between whoever uses a store and the store.
//!
//! [`SealedStore`] is a store over a store. Its [`Keyring`] says which values are sealed, and with which [`Keys`];
//! everything else passes through as it is. Nothing above it sees a sealed value, nothing below it an open one: log,
//! sorted files and caches of the store hold ciphertexts.
//!
//! A sealed value is bound to its place (the key of its row or document, the feed of its record), so one that was moved
//! to another place does not open. Not hidden are keys of rows and documents, lengths, counters, and when what was
//! written; an older value of the same place is not told from a newer one.
//!
//! This crate knows neither tables nor who keeps keys. [`store_key`] is the keyring that seals a whole store; [`file`]
//! seals what is kept beside one, in files.

mod data_key;
pub mod file;
mod keyring;
mod keys;
mod sealed_store;
pub mod store_key;
mod value;

pub use data_key::{DataKey, KEY_BYTES};
pub use keyring::{Keyring, LentKeys, Subject};
pub use keys::Keys;
pub use sealed_store::SealedStore;
pub use value::FORMAT;
