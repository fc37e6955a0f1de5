//! What is kept of transfers: a document for each, for ninety days, one for the token it was ordered with, for eight
//! hours, and until it is done its task and its files.
//!
//! The id of a document counts the time down, so that lists, which go by ids, begin with the newest.

use super::id::{document_id, token_hash};
use super::page::Place;
use super::{Order, Task, Transfer};
use engine::Scope;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use store::documents::{ChangeError, Documents, Transaction};
use store::lease::Lease;
use store::records::{RecordError, RecordKey, RecordScope};
use store::{Store, Watch};

const SERVICE: &str = "dynamodb";
const FORMAT: u32 = 1;

/// How long a transfer is described.
const KEPT_MICROS: u64 = 90 * 24 * 3_600 * 1_000_000;
/// How long a token stands for the transfer it was sent with.
const TOKEN_MICROS: u64 = 8 * 3_600 * 1_000_000;
/// Documents that are read in one go.
const LISTED_MAX: usize = 100;

/// For which request a token stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    table_name: String,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    print: Option<String>,
    since_micros: u64,
}

/// What came of ordering a transfer.
#[derive(Debug, Clone, PartialEq)]
pub enum Added<T> {
    /// It begins.
    New,
    /// The request was sent before, and this came of it.
    Known(Box<T>),
    /// Another request was sent with the token.
    Conflict,
    /// There is no room for another one.
    Full,
}

/// The documents of a kind of transfer.
pub struct Transfers<T> {
    documents: Documents,
    of: PhantomData<fn() -> T>,
}

impl<T: Transfer> Transfers<T> {
    /// The transfers that a store knows.
    pub fn of(store: Arc<dyn Store>) -> Self {
        Transfers { documents: Documents::of(store, FORMAT), of: PhantomData }
    }

    /// A transfer by the name of its table and its id.
    ///
    /// # Errors
    /// When the store fails, or the document is damaged or newer.
    pub async fn get(
        &self,
        scope: &Scope,
        table_name: &str,
        id: &str,
        now_micros: u64,
    ) -> Result<Option<T>, RecordError> {
        let key = key(T::KINDS.transfer, scope, &document_id(table_name, id));
        let found: Option<T> = self.documents.get(&key).await?;
        Ok(found.filter(|transfer| is_kept(transfer, now_micros)))
    }

    /// The newest transfers behind a place, at most so many, that are wanted, and the token of what follows.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub async fn page(
        &self,
        scope: &Scope,
        after: Option<&Place>,
        limit: usize,
        now_micros: u64,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Result<(Vec<T>, Option<String>), RecordError> {
        let mut after = after.map(|place| key(T::KINDS.transfer, scope, place.document_id()));
        let mut page = Vec::new();
        while page.len() <= limit {
            let of_kind = in_region(T::KINDS.transfer, scope);
            let found = self.documents.list::<T>(of_kind, after.as_ref(), LISTED_MAX).await?;
            let Some((last, oldest)) = found.last() else { break };
            let is_end = found.len() < LISTED_MAX || !is_kept(oldest, now_micros);
            after = Some(last.clone());
            let found = found.into_iter().map(|(_, transfer)| transfer);
            page.extend(found.filter(|transfer| is_kept(transfer, now_micros) && is_wanted(transfer)));
            if is_end {
                break;
            }
        }
        let is_last = page.len() <= limit;
        page.truncate(limit);
        let next = page.last().filter(|_| !is_last).map(|last| Place::of(last).token());
        Ok((page, next))
    }

    /// Orders a transfer, unless one was ordered with its token before: the same request is one for a table of the same
    /// name, with the same print.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub async fn add(
        &self,
        transfer: &T,
        task: &Task<T::Stage>,
        print: Option<String>,
    ) -> Result<Added<T>, RecordError> {
        let Order { table_name, id, client_token, start_micros, .. } = transfer.order();
        let (scope, document) = (transfer.scope(), document_id(table_name, id));
        let token = key(T::KINDS.token, &scope, &token_hash(client_token));
        let keys = [key(T::KINDS.transfer, &scope, &document), key(T::KINDS.task, &scope, &document), token];
        let new =
            Token { table_name: table_name.to_owned(), id: id.to_owned(), print, since_micros: start_micros };
        let add = |documents: &mut Transaction<'_>, running: &[IgnoredAny]| {
            let known: Option<Token> = documents.get(2);
            let known = known.filter(|known| known.stands(start_micros) && known.id != id);
            if known.is_some() || running.len() >= T::RUNNING_MAX {
                return Err(known);
            }
            documents.put(0, transfer);
            documents.put(1, task);
            documents.put(2, &new);
            Ok(())
        };
        let tasks = in_region(T::KINDS.task, &scope);
        let known = match self.documents.transact_over(tasks, &keys, add).await? {
            Ok(()) => return Ok(Added::New),
            Err(None) => return Ok(Added::Full),
            Err(Some(known)) => known,
        };
        if known.table_name != new.table_name || known.print != new.print {
            return Ok(Added::Conflict);
        }
        let found = self.get(&scope, &known.table_name, &known.id, start_micros).await?;
        Ok(found.map_or(Added::Conflict, |found| Added::Known(Box::new(found))))
    }

    /// Tells when a transfer was ordered or has advanced, by any server.
    pub(super) fn watch_tasks(&self) -> Watch {
        self.documents.watch(of_kind(T::KINDS.task))
    }

    /// The keys of the first tasks.
    pub(super) async fn tasks(&self, limit: usize) -> Result<Vec<RecordKey>, RecordError> {
        let found = self.documents.list_each::<Task<T::Stage>>(of_kind(T::KINDS.task), None, limit).await?;
        Ok(found.into_iter().map(|(key, _)| key).collect())
    }

    /// How far a transfer is; `None` where it is done.
    ///
    /// # Errors
    /// When the store fails, or the document is damaged or newer.
    pub async fn progress(&self, transfer: &T) -> Result<Option<Task<T::Stage>>, RecordError> {
        let Order { table_name, id, .. } = transfer.order();
        self.documents.get(&key(T::KINDS.task, &transfer.scope(), &document_id(table_name, id))).await
    }

    /// Changes a transfer that has not ended; what it is then, if there is one.
    ///
    /// # Errors
    /// When the store fails, or the document is damaged or newer.
    pub async fn change(
        &self,
        transfer: &T,
        change: impl Fn(&mut T) + Send,
    ) -> Result<Option<T>, RecordError> {
        let Order { table_name, id, .. } = transfer.order();
        let key = key(T::KINDS.transfer, &transfer.scope(), &document_id(table_name, id));
        let changed = move |documents: &mut Transaction<'_>| {
            let mut found: Option<T> = documents.get(0);
            if let Some(transfer) = found.as_mut().filter(|transfer| transfer.ended().is_none()) {
                change(transfer);
                documents.put(0, transfer);
            }
            Ok::<_, Infallible>(found)
        };
        let Ok(found) = self.documents.transact(std::slice::from_ref(&key), changed).await?;
        Ok(found)
    }

    /// A task with its transfer; `None` where it is done.
    pub(super) async fn task(&self, key: &RecordKey) -> Result<Option<(T, Task<T::Stage>)>, RecordError> {
        let Some(task) = self.documents.get(key).await? else { return Ok(None) };
        let transfer = self.documents.get(&transfer_key::<T>(key)).await?;
        Ok(transfer.map(|transfer| (transfer, task)))
    }

    /// Keeps how far a task is, and files that are in the bucket.
    pub(super) async fn advance(
        &self,
        (lease, now_micros): (&Lease, u64),
        key: &RecordKey,
        task: &Task<T::Stage>,
        files: &[(u32, T::File)],
    ) -> Result<(), ChangeError> {
        let file_keys = files.iter().map(|(number, _)| file_key::<T>(key, *number));
        let keys: Vec<RecordKey> = std::iter::once(key.clone()).chain(file_keys).collect();
        let put = |documents: &mut Transaction<'_>| {
            documents.put(0, task);
            for (at, (_, file)) in files.iter().enumerate() {
                documents.put(1 + at, file);
            }
            Ok::<_, Infallible>(())
        };
        let Ok(()) = self.documents.transact_under(lease, now_micros, &keys, put).await?;
        Ok(())
    }

    /// A file that is in the bucket.
    pub(super) async fn file(&self, task: &RecordKey, number: u32) -> Result<Option<T::File>, RecordError> {
        self.documents.get(&file_key::<T>(task, number)).await
    }

    /// Forgets a file that was told of.
    pub(super) async fn forget_file(&self, task: &RecordKey, number: u32) -> Result<(), RecordError> {
        self.delete(&file_key::<T>(task, number)).await
    }

    /// Ends a task and tells how.
    pub(super) async fn end(
        &self,
        (lease, now_micros): (&Lease, u64),
        key: &RecordKey,
        ended: &T::Ended,
    ) -> Result<(), ChangeError> {
        let keys = [key.clone(), transfer_key::<T>(key)];
        let end = |documents: &mut Transaction<'_>| {
            if let Some(transfer) = documents.get::<T>(1) {
                documents.put(1, &transfer.with_end(ended.clone()));
            }
            documents.delete(0);
            Ok::<_, Infallible>(())
        };
        let Ok(()) = self.documents.transact_under(lease, now_micros, &keys, end).await?;
        Ok(())
    }

    /// Forgets transfers and tokens that are too old.
    pub(super) async fn sweep(&self, now_micros: u64) -> Result<(), RecordError> {
        let is_old = |transfer: &T| transfer.ended().is_some() && !is_kept(transfer, now_micros);
        self.sweep_kind(T::KINDS.transfer, is_old).await?;
        self.sweep_kind(T::KINDS.token, |token: &Token| !token.stands(now_micros)).await
    }

    async fn sweep_kind<D: DeserializeOwned + Send>(
        &self,
        kind: &str,
        is_old: impl Fn(&D) -> bool,
    ) -> Result<(), RecordError> {
        let mut after = None;
        loop {
            let found = self.documents.list_each::<D>(of_kind(kind), after.as_ref(), LISTED_MAX).await?;
            let Some((last, _)) = found.last() else { return Ok(()) };
            after = Some(last.clone());
            for (key, document) in found {
                if document.is_ok_and(|document| is_old(&document)) {
                    self.delete(&key).await?;
                }
            }
        }
    }

    async fn delete(&self, key: &RecordKey) -> Result<(), RecordError> {
        let delete = |documents: &mut Transaction<'_>| {
            documents.delete(0);
            Ok::<_, Infallible>(())
        };
        let Ok(()) = self.documents.transact(std::slice::from_ref(key), delete).await?;
        Ok(())
    }
}

impl Token {
    fn stands(&self, now_micros: u64) -> bool {
        now_micros < self.since_micros.saturating_add(TOKEN_MICROS)
    }
}

fn is_kept<T: Transfer>(transfer: &T, now_micros: u64) -> bool {
    now_micros < transfer.order().start_micros.saturating_add(KEPT_MICROS)
}

fn of_kind(kind: &str) -> RecordScope<'_> {
    RecordScope::Kind { service: SERVICE, kind }
}

fn in_region<'a>(kind: &'a str, scope: &'a Scope) -> RecordScope<'a> {
    RecordScope::Region { service: SERVICE, kind, account: &scope.account, region: &scope.region }
}

fn key(kind: &str, scope: &Scope, id: &str) -> RecordKey {
    RecordKey::new(SERVICE, kind, &scope.account, &scope.region, id)
}

fn transfer_key<T: Transfer>(task: &RecordKey) -> RecordKey {
    RecordKey { kind: T::KINDS.transfer.to_owned(), ..task.clone() }
}

fn file_key<T: Transfer>(task: &RecordKey, number: u32) -> RecordKey {
    let id = format!("{}/{number:010}", task.id);
    RecordKey { kind: T::KINDS.file.to_owned(), id, ..task.clone() }
}

impl<T> Clone for Transfers<T> {
    fn clone(&self) -> Self {
        Transfers { documents: self.documents.clone(), of: PhantomData }
    }
}

impl<T> fmt::Debug for Transfers<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transfers").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk: what another version has written is read.
    #[test]
    fn the_format_is_fixed() {
        for text in
            [include_str!("fixtures/token-1.json"), include_str!("fixtures/token-without-print-1.json")]
        {
            let token: Token = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&token).unwrap(), text.trim());
        }
    }
}
