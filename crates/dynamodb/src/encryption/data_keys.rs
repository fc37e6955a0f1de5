//! Unwraps data keys for the engine, as long as KMS lets the service use the key that wraps them.

use super::grant::terms;
use super::{fault, grant, unwrapped};
use engine::table::Sealing;
use engine::{KeyService, Releasing, Scope, Sharing, UnwrapError, Unwrapping};
use kms::{KeyWatch, Keys};
use model::ApiError;
use sealing::{DataKey, KEY_BYTES};
use std::fmt;
use std::sync::Arc;
use stdx::{Clock, Random};
use store::StoreError;

/// See the module.
pub struct DataKeys {
    keys: Keys,
    watch: KeyWatch,
    clock: Arc<dyn Clock>,
    random: Random,
}

impl DataKeys {
    /// With these keys of KMS, whose changes by any server are noticed from now on.
    pub fn new(keys: Keys, clock: Arc<dyn Clock>, random: Random) -> DataKeys {
        let watch = keys.watch();
        DataKeys { keys, watch, clock, random }
    }

    fn refused(&self, error: ApiError) -> UnwrapError {
        match error.code.status() {
            500.. => {
                UnwrapError::Store(StoreError::Unavailable(error.message.unwrap_or_default().into_owned()))
            }
            _ => UnwrapError::Refused(fault::text(&error, &self.random.uuid())),
        }
    }

    async fn unwrapped(
        &self,
        scope: &Scope,
        table_name: &str,
        sealing: &Sealing,
        wrapped: &str,
    ) -> Result<DataKey, UnwrapError> {
        let now = self.clock.now_micros();
        let opened = unwrapped(&self.keys, (scope, table_name), sealing, wrapped, now).await;
        let opened = opened.map_err(|error| self.refused(error))?;
        let bytes: Option<&[u8; KEY_BYTES]> = opened.as_slice().try_into().ok();
        let damaged = || StoreError::Corrupt(format!("a data key of table {table_name} is damaged"));
        bytes.map(DataKey::new).ok_or_else(|| UnwrapError::Store(damaged()))
    }
}

impl KeyService for DataKeys {
    fn version(&self) -> u64 {
        self.watch.version()
    }

    fn unwrap<'a>(
        &'a self,
        scope: &'a Scope,
        table_name: &'a str,
        sealing: &'a Sealing,
        wrapped: &'a str,
    ) -> Unwrapping<'a> {
        Box::pin(self.unwrapped(scope, table_name, sealing, wrapped))
    }

    fn share<'a>(&'a self, scope: &'a Scope, table_name: &'a str, sealing: &'a Sealing) -> Sharing<'a> {
        Box::pin(async move {
            if sealing.grant_id.is_none() {
                return Ok(None);
            }
            let now = self.clock.now_micros();
            let key =
                self.keys.of_id(scope, &sealing.key_id, now).await.map_err(|error| self.refused(error))?;
            let granted = self.keys.grant_to_service(&key, terms(scope, table_name), now).await;
            granted.map(Some).map_err(|error| self.refused(error))
        })
    }

    fn release<'a>(&'a self, scope: &'a Scope, sealing: &'a Sealing) -> Releasing<'a> {
        Box::pin(async move {
            grant::give_back(&self.keys, scope, sealing).await;
        })
    }
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKeys")
    }
}
