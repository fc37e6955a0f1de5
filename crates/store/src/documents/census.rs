//! Changes that are decided on everything in a scope: on how many documents there are, or on none naming another.
//!
//! What a mutation reads is named before it is decided, and a scope cannot be named so. Beside it is therefore its
//! census, a number that each such change raises. The documents are listed behind a look at the number, and the change
//! commits only if it has stayed: so nothing was added by another such change, on whichever server, that this one has
//! not seen. Changes that take away, or that change what is not decided on, need not raise it.
//!
//! ```text
//! key:  8 | service 00 00 | "census" 00 00 | account 00 00 | region 00 00 | kind 00 00
//! row:  {"version":N,"document":number}
//! ```

use super::{Documents, Transaction};
use crate::contract::StoreError;
use crate::records::{RecordError, RecordKey, RecordScope};
use serde::de::DeserializeOwned;

const KIND: &str = "census";
/// How often others may be first. Each time one of them has made its change.
const TRIES_MAX: usize = 1_000;

impl Documents {
    /// Changes the documents of some keys, which must be distinct, by all that a scope has: as [`Documents::transact`],
    /// with `decide` getting the documents of the scope as well. It is called again, with what there is then, where
    /// another change by the same scope has come first.
    ///
    /// # Errors
    /// When the store fails, or one of the documents is damaged or newer.
    pub async fn transact_over<T: DeserializeOwned + Send + Sync, R: Send, E: Send>(
        &self,
        scope: RecordScope<'_>,
        keys: &[RecordKey],
        mut decide: impl FnMut(&mut Transaction<'_>, &[T]) -> Result<R, E> + Send,
    ) -> Result<Result<R, E>, RecordError> {
        let own = [keys, &[census(scope)]].concat();
        let at = keys.len();
        for _ in 0..TRIES_MAX {
            let seen: Option<u64> = self.get(&own[at]).await?;
            let all: Vec<T> =
                self.list(scope, None, usize::MAX).await?.into_iter().map(|(_, one)| one).collect();
            let decided = self.transact(&own, |documents| {
                if documents.get::<u64>(at) != seen {
                    return Ok(None);
                }
                let result = decide(documents, &all)?;
                documents.put(at, &seen.unwrap_or_default().wrapping_add(1));
                Ok(Some(result))
            });
            match decided.await? {
                Ok(None) => {}
                Ok(Some(result)) => return Ok(Ok(result)),
                Err(refused) => return Ok(Err(refused)),
            }
        }
        Err(StoreError::Unavailable("others keep changing what this is decided on".to_owned()).into())
    }
}

/// The census of a scope.
fn census(scope: RecordScope<'_>) -> RecordKey {
    match scope {
        RecordScope::Kind { service, kind } => RecordKey::new(service, KIND, "", "", kind),
        RecordScope::Account { service, kind, account } => RecordKey::new(service, KIND, account, "", kind),
        RecordScope::Region { service, kind, account, region } => {
            RecordKey::new(service, KIND, account, region, kind)
        }
    }
}
