//! Who unwraps data keys. The engine knows no KMS.

use crate::table::{Scope, Sealing};
use sealing::DataKey;
use std::fmt;
use stdx::future::Boxed;
use store::StoreError;

/// Unwraps the data keys of tables.
pub trait KeyService: Send + Sync + fmt::Debug {
    /// Rises whenever a key may have become usable, or may be no more. Costs a few atomic loads.
    fn version(&self) -> u64;

    /// Unwraps a data key of a table.
    fn unwrap<'a>(
        &'a self,
        scope: &'a Scope,
        table_name: &'a str,
        sealing: &'a Sealing,
        wrapped: &'a str,
    ) -> Unwrapping<'a>;

    /// Another permission to use the key of a table: for a copy, which may outlive the table. `None` where none is
    /// needed.
    fn share<'a>(&'a self, scope: &'a Scope, table_name: &'a str, sealing: &'a Sealing) -> Sharing<'a> {
        _ = (scope, table_name, sealing);
        Box::pin(std::future::ready(Ok(None)))
    }

    /// The table or the copy is gone, with all that its data keys have sealed.
    fn release<'a>(&'a self, scope: &'a Scope, sealing: &'a Sealing) -> Releasing<'a> {
        _ = (scope, sealing);
        Box::pin(std::future::ready(()))
    }
}

/// See [`KeyService::share`].
pub type Sharing<'a> = Boxed<'a, Result<Option<String>, UnwrapError>>;

/// See [`KeyService::release`].
pub type Releasing<'a> = Boxed<'a, ()>;

/// See [`KeyService::unwrap`].
pub type Unwrapping<'a> = Boxed<'a, Result<DataKey, UnwrapError>>;

/// Why a data key was not unwrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnwrapError {
    /// The key that wraps it cannot be used: the text that requests of the table are answered with.
    Refused(String),
    /// The store failed.
    Store(StoreError),
}

/// No keys: for engines without KMS.
#[derive(Debug)]
pub struct NoKeys;

impl KeyService for NoKeys {
    fn version(&self) -> u64 {
        0
    }

    fn unwrap<'a>(&'a self, _: &'a Scope, _: &'a str, _: &'a Sealing, _: &'a str) -> Unwrapping<'a> {
        let refused = UnwrapError::Refused("there is no service of keys".to_owned());
        Box::pin(std::future::ready(Err(refused)))
    }
}
