//! Rows of JSON behind a version, read and changed in one commit.

use crate::errors;
use model::ApiError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{
    Consistency, Decision, Locking, Mutation, OldRows, Outcome, Plan, RowWrite, Store, StoreError, resolved,
};

const FORMAT: u8 = 1;
const TRIES_MAX: usize = 16;

/// Reads a row.
pub(crate) fn parse<T: DeserializeOwned>(row: &[u8]) -> Result<T, ApiError> {
    let json = row.strip_prefix(&[FORMAT]).ok_or_else(errors::damaged)?;
    serde_json::from_slice(json).map_err(|_| errors::damaged())
}

/// The row of a value.
pub(crate) fn row<T: Serialize>(value: &T) -> Vec<u8> {
    let mut row = vec![FORMAT];
    serde_json::to_writer(&mut row, value).expect("what is kept has texts as keys of its maps");
    row
}

/// A row that is put.
pub(crate) fn put<T: Serialize>(key: &[u8], value: &T) -> RowWrite {
    RowWrite { key: key.to_vec(), row: Some(row(value)) }
}

/// A row that is deleted.
pub(crate) fn delete(key: &[u8]) -> RowWrite {
    RowWrite { key: key.to_vec(), row: None }
}

/// The value of a key, if there is one.
pub(crate) async fn get<T: DeserializeOwned>(store: &dyn Store, key: &[u8]) -> Result<Option<T>, ApiError> {
    let mut found = None;
    let visit = &mut |row: Option<&[u8]>| found = row.map(<[u8]>::to_vec);
    store.get(key, Consistency::Strong, visit).await.map_err(|error| errors::store(&error))?;
    found.map(|row| parse(&row)).transpose()
}

/// The value that a mutation has found for one of its keys.
pub(crate) fn old<T: DeserializeOwned>(old: &OldRows<'_>, index: usize) -> Result<Option<T>, ApiError> {
    old.get(index).map(parse).transpose()
}

/// Changes rows in one commit: `decide` sees those of `keys` and says what to write, or refuses. It may be called
/// again, also when what it has written before is there already.
pub(crate) async fn change<R: Send>(
    store: &dyn Store,
    keys: &[&[u8]],
    decide: impl FnMut(&OldRows<'_>) -> Result<(Vec<RowWrite>, R), ApiError> + Send,
) -> Result<R, ApiError> {
    decided(store, keys, decide).await?
}

/// The same with refusals by themselves: then nothing was written. After an error of the store that is not known.
pub(crate) async fn decided<R: Send>(
    store: &dyn Store,
    keys: &[&[u8]],
    mut decide: impl FnMut(&OldRows<'_>) -> Result<(Vec<RowWrite>, R), ApiError> + Send,
) -> Result<Result<R, ApiError>, ApiError> {
    for _ in 0..TRIES_MAX {
        let mut decided = None;
        let decide = &mut |old: &OldRows<'_>| match decide(old) {
            Ok((rows, result)) => {
                decided = Some(Ok(result));
                match rows.is_empty() {
                    true => Decision::Refuse,
                    false => Decision::Commit(Plan { rows, ..Plan::default() }),
                }
            }
            Err(error) => {
                decided = Some(Err(error));
                Decision::Refuse
            }
        };
        let mutation = Mutation { keys, fences: &[], locking: Locking::Single, decide };
        let outcome = store.mutate(mutation).await.map_err(|error| errors::store(&error))?;
        match resolved(store, outcome).await {
            Outcome::Committed(_) | Outcome::Refused => {
                return decided.ok_or_else(|| errors::store(&unavailable()));
            }
            Outcome::Fenced => {}
            _ => return Err(errors::store(&unavailable())),
        }
    }
    Err(errors::store(&unavailable()))
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("nothing was changed".to_owned())
}
