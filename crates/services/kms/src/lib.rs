//! KMS: symmetric keys that never leave the server, and what is encrypted under them. Key material is kept sealed under
//! a root key; states, rotation and deletion are functions of a key's document and the clock.
//!
//! A ciphertext names its key and the material of it, so that it opens without being told, also after rotations. The
//! encryption context is authenticated with it.
//!
//! Reading order: [`root_key`], [`key`] and [`keys`] (keys in the store), [`ciphertext`], [`ops`] (the table of
//! operations, a file for each), [`errors`], [`service`], [`authorize`] (who may use a key).

mod alias;
pub mod authorize;
mod ciphertext;
mod context;
pub mod errors;
mod grant;
pub mod key;
mod key_ref;
pub mod keys;
pub mod ops;
mod page;
pub mod root_key;
pub mod service;
mod use_by_services;

pub use authorize::{Asked, ByGrant};
pub use ciphertext::Ciphertext;
pub use context::EncryptionContext;
pub use grant::Terms;
pub use key::Key;
pub use key_ref::KeyRef;
pub use keys::{KeyWatch, Keys, Managed};
pub use root_key::{RootKey, RootKeyError};
pub use service::Kms;
