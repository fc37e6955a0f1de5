//! Documents of a service: typed JSON in rows, read and changed in one commit, watched.
//!
//! A document's row has the version of its format in it, as the records of the catalog have. Every change is a mutation
//! with the documents' rows as its keys: what a change was decided on is what it replaces, whichever server makes it.
//! A change also deletes a record of the same key, which is never there: watches notice that.
//!
//! ```text
//! key:  8 | service 00 00 | kind 00 00 | account 00 00 | region 00 00 | id 00 00     (00 inside a part is 00 01)
//! row:  {"version":N,"document":{…}}
//! ```
//!
//! What the documents mean is their services' business. A document is read and written whole, so it is for settings
//! and states; points, events and records have rows of their own. What knows the type of a document is only a shell
//! around a boxed future: that is compiled once, not for each type in each crate.

mod census;
mod transaction;

pub use transaction::Transaction;

use crate::change_row::TRIES_MAX;
use crate::contract::{
    Consistency, Decision, Direction, KeyRange, Locking, Mutation, OldRows, Outcome, RangeRead, Store,
    StoreError, Visit, Watch, resolved,
};
use crate::lease::Lease;
use crate::memory::after_prefix;
use crate::records::{RecordError, RecordKey, RecordScope, listed_key, parse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;
use stdx::future::Boxed;

const KEY_KIND: u8 = 8;

/// The documents of one service, in formats up to the newest that this program writes.
#[derive(Clone)]
pub struct Documents {
    store: Arc<dyn Store>,
    format: u32,
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// A document could not be read or written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The lease of the work is no longer held: another server does it now.
    #[error("another server does this now")]
    LeaseLost,
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        ChangeError::Record(error.into())
    }
}

impl Documents {
    /// Documents on a store. Those of a newer format than this are refused; older ones are read with serde's defaults.
    pub fn of(store: Arc<dyn Store>, format: u32) -> Documents {
        Documents { store, format }
    }

    /// The store below.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// A document, if there is one.
    ///
    /// # Errors
    /// When the store fails, or the document is damaged or newer.
    pub async fn get<T: DeserializeOwned>(&self, key: &RecordKey) -> Result<Option<T>, RecordError> {
        let row = self.row(key).await?;
        row.map(|row| parse(key, self.format, &row)).transpose()
    }

    fn row<'a>(&'a self, key: &'a RecordKey) -> Boxed<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let mut row = None;
            let visit = &mut |found: Option<&[u8]>| row = found.map(<[u8]>::to_vec);
            self.store.get(&row_key(key), Consistency::Strong, visit).await?;
            Ok(row)
        })
    }

    /// Documents of a scope in the order of their keys, behind `after` if it is given, at most `limit`.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub async fn list<T: DeserializeOwned + Send>(
        &self,
        scope: RecordScope<'_>,
        after: Option<&RecordKey>,
        limit: usize,
    ) -> Result<Vec<(RecordKey, T)>, RecordError> {
        let found = self.list_each(scope, after, limit).await?;
        found.into_iter().map(|(key, document)| Ok((key, document?))).collect()
    }

    /// The same, with the errors of documents that are damaged or newer in their places.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_each<T: DeserializeOwned + Send>(
        &self,
        scope: RecordScope<'_>,
        after: Option<&RecordKey>,
        limit: usize,
    ) -> Result<Vec<(RecordKey, Result<T, RecordError>)>, RecordError> {
        let mut found = Vec::new();
        let each = &mut |key: RecordKey, row: &[u8]| {
            let document = parse(&key, self.format, row);
            found.push((key, document));
        };
        self.each_row(scope, after, limit, each).await?;
        Ok(found)
    }

    /// Calls `each` with the rows of a scope, at most `limit`.
    fn each_row<'a>(
        &'a self,
        scope: RecordScope<'a>,
        after: Option<&'a RecordKey>,
        limit: usize,
        each: &'a mut (dyn FnMut(RecordKey, &[u8]) + Send),
    ) -> Boxed<'a, Result<(), RecordError>> {
        Box::pin(async move {
            let prefix = prefixed(&scope.prefix());
            let (after, end) = (after.map(row_key), after_prefix(&prefix));
            let start =
                after.as_ref().map_or(Bound::Included(&prefix[..]), |after| Bound::Excluded(&after[..]));
            let end = end.as_ref().map_or(Bound::Unbounded, |end| Bound::Excluded(&end[..]));
            let range = KeyRange { start, end };
            let mut count = 0;
            let mut fault = None;
            let visit = &mut |key: &[u8], row: &[u8]| {
                if count == limit {
                    return Visit::Stop;
                }
                match listed_key(&key[1..]) {
                    Ok(key) => each(key, row),
                    Err(error) => fault = Some(error),
                }
                count += 1;
                if fault.is_none() && count < limit { Visit::Continue } else { Visit::Stop }
            };
            let (direction, consistency) = (Direction::Forward, Consistency::Strong);
            self.store
                .range(RangeRead { range, direction, consistency, rows_expected: limit }, visit)
                .await?;
            fault.map_or(Ok(()), |error| Err(error.into()))
        })
    }

    /// Changes one document: `change` makes the new one (`None` deletes it) and a result, or refuses, and nothing is
    /// written. It may be called again.
    ///
    /// # Errors
    /// When the store fails, or the document is damaged or newer.
    pub async fn change<T, R, E>(
        &self,
        key: &RecordKey,
        mut change: impl FnMut(Option<T>) -> Result<(Option<T>, R), E> + Send,
    ) -> Result<Result<R, E>, RecordError>
    where
        T: Serialize + DeserializeOwned,
        R: Send,
        E: Send,
    {
        let decide = |documents: &mut Transaction<'_>| {
            let (new, result) = change(documents.get(0))?;
            match new {
                Some(new) => documents.put(0, &new),
                None => documents.delete(0),
            }
            Ok(result)
        };
        self.transact(std::slice::from_ref(key), decide).await
    }

    /// Reads the documents of some keys, which must be distinct, and changes any of them in one commit. `decide` may
    /// be called again; where it refuses, nothing is written.
    ///
    /// # Errors
    /// When the store fails, or one of the documents is damaged or newer.
    pub async fn transact<R: Send, E: Send>(
        &self,
        keys: &[RecordKey],
        decide: impl FnMut(&mut Transaction<'_>) -> Result<R, E> + Send,
    ) -> Result<Result<R, E>, RecordError> {
        match self.transact_under(&Lease::NotNeeded, 0, keys, decide).await {
            Ok(decided) => Ok(decided),
            Err(ChangeError::Record(error)) => Err(error),
            Err(ChangeError::LeaseLost) => unreachable!("no lease is asked for"),
        }
    }

    /// The same for work that is done under a lease, which is renewed in time; `now` in microseconds since the Unix
    /// epoch.
    ///
    /// # Errors
    /// Also when the lease is not held any more.
    pub async fn transact_under<R: Send, E: Send>(
        &self,
        lease: &Lease,
        now: u64,
        keys: &[RecordKey],
        mut decide: impl FnMut(&mut Transaction<'_>) -> Result<R, E> + Send,
    ) -> Result<Result<R, E>, ChangeError> {
        let mut decided = None;
        let judge = &mut |transaction: &mut Transaction<'_>| {
            let result = decide(transaction);
            let is_accepted = result.is_ok();
            decided = Some(result);
            is_accepted
        };
        self.commit(lease, now, keys, judge).await?;
        Ok(decided.expect("a change that has ended was decided on"))
    }

    /// Commits what `decide` makes of the documents where it accepts.
    fn commit<'a>(
        &'a self,
        lease: &'a Lease,
        now: u64,
        keys: &'a [RecordKey],
        decide: &'a mut (dyn FnMut(&mut Transaction<'_>) -> bool + Send),
    ) -> Boxed<'a, Result<(), ChangeError>> {
        Box::pin(async move {
            let rows: Vec<Vec<u8>> = keys.iter().map(row_key).collect();
            let row_keys: Vec<&[u8]> = rows.iter().map(Vec::as_slice).chain(lease.key()).collect();
            for _ in 0..TRIES_MAX {
                let mut ended = Err(ChangeError::LeaseLost);
                let decide = &mut |old: &OldRows<'_>| {
                    let Some(renewed) = lease.check(old.0.get(rows.len()).copied().flatten(), now) else {
                        ended = Err(ChangeError::LeaseLost);
                        return Decision::Refuse;
                    };
                    let mut transaction = Transaction::of(keys, &rows, old, self.format);
                    let is_accepted = decide(&mut transaction);
                    let decision = transaction.decision(is_accepted, renewed);
                    ended = decision.as_ref().map(drop).map_err(|fault| ChangeError::Record(fault.clone()));
                    decision.unwrap_or(Decision::Refuse)
                };
                let mutation = Mutation { keys: &row_keys, fences: &[], locking: Locking::Single, decide };
                match resolved(self.store.as_ref(), self.store.mutate(mutation).await?).await {
                    Outcome::Committed(_) | Outcome::Refused => return ended,
                    Outcome::Fenced => {}
                    outcome => {
                        return Err(
                            StoreError::Unavailable(format!("nothing was changed: {outcome:?}")).into()
                        );
                    }
                }
            }
            Err(StoreError::Unavailable("the store loses commits".to_owned()).into())
        })
    }

    /// Watches a scope's documents from now on, for changes by any server on the store.
    pub fn watch(&self, scope: RecordScope<'_>) -> Watch {
        self.store.watch(&prefixed(&scope.prefix()))
    }
}

impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Documents").field("format", &self.format).finish_non_exhaustive()
    }
}

fn prefixed(key: &[u8]) -> Vec<u8> {
    [&[KEY_KIND], key].concat()
}

fn row_key(key: &RecordKey) -> Vec<u8> {
    prefixed(&key.bytes())
}

#[cfg(test)]
mod tests;
