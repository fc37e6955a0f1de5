//! Secrets that all servers on one store share, and that survive them: keys of what clients carry from one call to
//! another, such as shard iterators. A row each, made by whoever needs it first.
//!
//! ```text
//! format u8 = 1 | 32 random bytes
//! ```

use crate::change_row::change_row;
use crate::engine::Engine;
use crate::keys::secret_key;
use crate::row::RowFault;
use stdx::Random;
use store::{Consistency, StoreError};

const FORMAT: u8 = 1;
const BYTES: usize = Random::SECRET_BYTES;

impl Engine {
    /// The secret of a name.
    pub async fn secret(&self, name: &str) -> Result<[u8; BYTES], StoreError> {
        let key = secret_key(name);
        let mut found = None;
        let visit = &mut |row: Option<&[u8]>| found = row.map(read);
        self.store().get(&key, Consistency::Strong, visit).await?;
        match found {
            Some(secret) => Ok(secret?),
            None => self.make_secret(&key).await,
        }
    }

    /// Another server may be first: then the secret is that one's.
    async fn make_secret(&self, key: &[u8]) -> Result<[u8; BYTES], StoreError> {
        let row = [&[FORMAT], &Random::secret()[..]].concat();
        let mut secret = Err(RowFault::Short);
        change_row(self.store(), key, |old| {
            secret = read(old.unwrap_or(&row));
            old.is_none().then(|| row.clone())
        })
        .await?;
        Ok(secret?)
    }
}

fn read(row: &[u8]) -> Result<[u8; BYTES], RowFault> {
    let (format, secret) = row.split_first().ok_or(RowFault::Short)?;
    if *format != FORMAT {
        return Err(RowFault::Newer { format: *format, flags: 0 });
    }
    secret.try_into().map_err(|_| RowFault::Short)
}
