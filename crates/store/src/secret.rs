//! Secrets that all servers on one store share, and that survive them: keys of what clients carry from one call to
//! another, such as shard iterators. A row each, created on first use.
//!
//! ```text
//! key:  6 | name
//! row:  format u8 = 1 | 32 random bytes
//! ```

use crate::change_row::{RowChange, change_row};
use crate::contract::{Consistency, Store, StoreError};
use stdx::Random;

const KEY_KIND: u8 = 6;
const FORMAT: u8 = 1;
const BYTES: usize = Random::SECRET_BYTES;

/// The secret of a name.
///
/// # Errors
/// When the store fails, or the row is damaged or of a newer version.
pub async fn secret(store: &dyn Store, name: &str) -> Result<[u8; BYTES], StoreError> {
    let key = [&[KEY_KIND], name.as_bytes()].concat();
    let mut found = None;
    let visit = &mut |row: Option<&[u8]>| found = row.map(read);
    store.get(&key, Consistency::Strong, visit).await?;
    match found {
        Some(secret) => secret,
        None => make(store, &key).await,
    }
}

/// Another server may be first: then the secret is that one's.
async fn make(store: &dyn Store, key: &[u8]) -> Result<[u8; BYTES], StoreError> {
    let row = [&[FORMAT], &Random::secret()[..]].concat();
    let mut secret = Err(unreadable());
    change_row(store, key, |old| {
        secret = read(old.unwrap_or(&row));
        if old.is_none() { RowChange::Put(row.clone()) } else { RowChange::Keep }
    })
    .await?;
    secret
}

fn read(row: &[u8]) -> Result<[u8; BYTES], StoreError> {
    let secret = row.split_first().filter(|(format, _)| **format == FORMAT).ok_or_else(unreadable)?.1;
    secret.try_into().map_err(|_| unreadable())
}

fn unreadable() -> StoreError {
    StoreError::Corrupt("a secret is damaged, or written by a newer version".to_owned())
}
