//! What is kept of exports: a document for each, for ninety days, one for the token it was ordered with, for eight
//! hours, and until it is done its task and its files.
//!
//! The id of a document counts the time down, so that lists, which go by ids, begin with the newest.

use crate::describe::seconds;
use crate::newest_first::{document_id, token_hash};
use engine::{ExportedSince, Scope, Totals};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use store::documents::{ChangeError, Documents, Transaction};
use store::lease::Lease;
use store::records::{RecordError, RecordKey, RecordScope};
use store::{Store, Watch};

const SERVICE: &str = "dynamodb";
const EXPORT: &str = "export";
const TASK: &str = "export-task";
const TOKEN: &str = "export-token";
const FILE: &str = "export-file";
const FORMAT: u32 = 1;

/// Exports of an account and region that are under way at most.
pub const RUNNING_MAX: usize = 300;
/// How long an export is described.
const KEPT_MICROS: u64 = 90 * 24 * 3_600 * 1_000_000;
/// How long a token stands for the export it was sent with.
const TOKEN_MICROS: u64 = 8 * 3_600 * 1_000_000;
/// Documents that are read in one go.
const LISTED_MAX: usize = 100;

/// An export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// `<14 digits of milliseconds>-<8 hexadecimal digits>`
    pub id: String,
    /// Its table, which may be gone.
    pub table: ExportedTable,
    /// What makes the same request again this one.
    pub client_token: String,
    /// Where it goes.
    pub bucket: String,
    /// Whose the bucket is said to be.
    pub bucket_owner: Option<String>,
    /// What its keys begin with.
    pub prefix: Option<String>,
    /// How its objects are encrypted.
    pub sse_algorithm: String,
    /// What its lines are.
    pub format: Format,
    /// What is exported.
    pub what: What,
    /// Whether the request named its type.
    pub shows_type: bool,
    /// When it was ordered, in microseconds since the Unix epoch.
    pub start_micros: u64,
    /// How it ended.
    pub end: Option<Ended>,
}

/// The table of an export, as it was when that was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedTable {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// What tells it from others of the name.
    pub uuid: String,
}

/// What lines of an export are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// JSON with a type at each value.
    DynamoDbJson,
    /// Text of Ion.
    Ion,
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// The table at a time, in microseconds since the Unix epoch.
    Full {
        /// The time.
        time_micros: u64,
    },
    /// What has changed in it.
    Incremental {
        /// Since then.
        from_micros: u64,
        /// Before then.
        to_micros: u64,
        /// What is told of each item.
        view: View,
    },
}

/// What an incremental export tells of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// What it is at the end.
    New,
    /// That, and what it was before.
    NewAndOld,
}

/// How an export ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// With what.
    pub outcome: Outcome,
}

/// What came of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// All of it is in the bucket.
    Completed {
        /// Its items.
        items: u64,
        /// Their DynamoDB size.
        size_bytes: u64,
    },
    /// It is not.
    Failed {
        /// Why, for programs.
        code: String,
        /// Why.
        message: String,
    },
}

/// How far an export is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What the caller may not do, if anything.
    pub denial: Option<String>,
    /// What is next.
    pub(super) stage: Stage,
}

/// What is next of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// To begin.
    New,
    /// To write the file of this number, with what the copy has behind the key.
    Files { number: u32, after: Option<Vec<u8>>, totals: Totals },
    /// To write the manifests, which tell this.
    Manifests { number: u32, ended: Ended },
    /// To delete what is not needed any more, and to tell this end.
    Ending { number: u32, ended: Ended },
}

/// A file that is in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileOfExport {
    pub(super) key: String,
    pub(super) items: u64,
    /// The MD5 in hexadecimal.
    pub(super) etag: String,
}

/// For which request a token stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    table_name: String,
    id: String,
    print: String,
    since_micros: u64,
}

/// What came of ordering an export.
#[derive(Debug, Clone, PartialEq)]
pub enum Added {
    /// It begins.
    New,
    /// The request was sent before, and this came of it.
    Known(Box<Export>),
    /// Another one was sent with the token.
    Conflict,
    /// There is no room for another one.
    Full,
}

impl Task {
    /// That of an export that begins.
    pub fn new(denial: Option<String>) -> Task {
        Task { denial, stage: Stage::New }
    }
}

impl Export {
    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("{}/export/{}", self.table.arn, self.id)
    }

    /// Account and region of its table.
    pub fn scope(&self) -> Scope {
        Scope { account: self.table.account.as_str().into(), region: self.table.region.as_str().into() }
    }

    /// What the engine's copy for it is of.
    pub fn since(&self) -> ExportedSince {
        match self.what {
            What::Full { time_micros } => ExportedSince::Time(time_micros),
            What::Incremental { from_micros, to_micros, .. } => {
                ExportedSince::Changes { from_micros, to_micros }
            }
        }
    }

    fn is_kept(&self, now_micros: u64) -> bool {
        now_micros < self.start_micros.saturating_add(KEPT_MICROS)
    }

    /// Where lists have it.
    pub fn place(&self) -> String {
        document_id(&self.table.name, &self.id)
    }
}

/// What two requests have in common that are the same: all that was asked for.
pub fn token_print(export: &Export, asked_time: Option<f64>, asked_until: Option<f64>) -> String {
    let What::Incremental { from_micros, view, .. } = export.what else {
        return print_of(export, &format!("full {asked_time:?}"));
    };
    print_of(export, &format!("from {:?} to {asked_until:?} view {view:?}", seconds(from_micros)))
}

fn print_of(export: &Export, what: &str) -> String {
    let Export { table, bucket, bucket_owner, prefix, sse_algorithm, format, .. } = export;
    let told = format!(
        "{}\n{bucket:?}\n{bucket_owner:?}\n{prefix:?}\n{sse_algorithm:?}\n{format:?}\n{what}",
        table.arn
    );
    stdx::hex::encode(&Sha256::digest(told.as_bytes()))
}

/// The documents of exports.
#[derive(Debug, Clone)]
pub struct Exports {
    documents: Documents,
}

impl Exports {
    /// The exports that a store knows.
    pub fn of(store: Arc<dyn Store>) -> Exports {
        Exports { documents: Documents::of(store, FORMAT) }
    }

    /// An export by the name of its table and its id.
    ///
    /// # Errors
    /// When the store fails, or the document is damaged or newer.
    pub async fn get(
        &self,
        scope: &Scope,
        table_name: &str,
        id: &str,
        now_micros: u64,
    ) -> Result<Option<Export>, RecordError> {
        let found: Option<Export> = self.documents.get(&key(EXPORT, scope, table_name, id)).await?;
        Ok(found.filter(|export| export.is_kept(now_micros)))
    }

    /// The newest exports behind a place, at most so many, that are wanted.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub async fn page(
        &self,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
        now_micros: u64,
        is_wanted: impl Fn(&Export) -> bool,
    ) -> Result<Vec<Export>, RecordError> {
        let of_place = |place: &str| RecordKey::new(SERVICE, EXPORT, &scope.account, &scope.region, place);
        let mut after = after.map(of_place);
        let mut page = Vec::new();
        while page.len() < limit {
            let found =
                self.documents.list::<Export>(in_region(EXPORT, scope), after.as_ref(), LISTED_MAX).await?;
            let Some((last, oldest)) = found.last() else { break };
            let is_end = found.len() < LISTED_MAX || !oldest.is_kept(now_micros);
            after = Some(last.clone());
            let wanted = found.into_iter().map(|(_, export)| export);
            page.extend(wanted.filter(|export| export.is_kept(now_micros) && is_wanted(export)));
            if is_end {
                break;
            }
        }
        page.truncate(limit);
        Ok(page)
    }

    /// How many exports of an account and region are under way; more than the most is not counted.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub async fn running(&self, scope: &Scope) -> Result<usize, RecordError> {
        let found = self.documents.list::<Task>(in_region(TASK, scope), None, RUNNING_MAX).await?;
        Ok(found.len())
    }

    /// Orders an export, unless one was ordered with its token before.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub async fn add(
        &self,
        export: &Export,
        task: &Task,
        print: &str,
        has_room: bool,
    ) -> Result<Added, RecordError> {
        let (scope, name, id) = (export.scope(), &export.table.name, &export.id);
        let hash = token_hash(&export.client_token);
        let token_key = RecordKey::new(SERVICE, TOKEN, &scope.account, &scope.region, &hash);
        let keys = [key(EXPORT, &scope, name, id), key(TASK, &scope, name, id), token_key];
        let new = Token {
            table_name: name.clone(),
            id: id.clone(),
            print: print.to_owned(),
            since_micros: export.start_micros,
        };
        let add = |documents: &mut Transaction<'_>| {
            let known: Option<Token> = documents.get(2);
            let known = known.filter(|known| {
                export.start_micros < known.since_micros.saturating_add(TOKEN_MICROS) && known.id != *id
            });
            if known.is_some() || !has_room {
                return Err(known);
            }
            documents.put(0, export);
            documents.put(1, task);
            documents.put(2, &new);
            Ok(())
        };
        let known = match self.documents.transact(&keys, add).await? {
            Ok(()) => return Ok(Added::New),
            Err(None) => return Ok(Added::Full),
            Err(Some(known)) => known,
        };
        if known.print != new.print {
            return Ok(Added::Conflict);
        }
        let found = self.get(&scope, &known.table_name, &known.id, export.start_micros).await?;
        Ok(found.map_or(Added::Conflict, |found| Added::Known(Box::new(found))))
    }

    /// Tells when an export was ordered or has advanced, by any server.
    pub(super) fn watch_tasks(&self) -> Watch {
        self.documents.watch(RecordScope::Kind { service: SERVICE, kind: TASK })
    }

    /// The keys of the first tasks.
    pub(super) async fn tasks(&self, limit: usize) -> Result<Vec<RecordKey>, RecordError> {
        let scope = RecordScope::Kind { service: SERVICE, kind: TASK };
        let found = self.documents.list_each::<Task>(scope, None, limit).await?;
        Ok(found.into_iter().map(|(key, _)| key).collect())
    }

    /// A task with its export; `None` where it is done.
    pub(super) async fn task(&self, key: &RecordKey) -> Result<Option<(Export, Task)>, RecordError> {
        let Some(task) = self.documents.get(key).await? else { return Ok(None) };
        let export = self.documents.get(&RecordKey { kind: EXPORT.to_owned(), ..key.clone() }).await?;
        Ok(export.map(|export| (export, task)))
    }

    /// Keeps how far a task is, and a file that is in the bucket.
    pub(super) async fn advance(
        &self,
        (lease, now_micros): (&Lease, u64),
        key: &RecordKey,
        task: &Task,
        file: Option<(u32, &FileOfExport)>,
    ) -> Result<(), ChangeError> {
        let file_key = file.map(|(number, _)| file_key(key, number));
        let keys: Vec<RecordKey> = std::iter::once(key.clone()).chain(file_key).collect();
        let put = |documents: &mut Transaction<'_>| {
            documents.put(0, task);
            if let Some((_, file)) = file {
                documents.put(1, file);
            }
            Ok::<_, std::convert::Infallible>(())
        };
        let Ok(()) = self.documents.transact_under(lease, now_micros, &keys, put).await?;
        Ok(())
    }

    /// A file that is in the bucket.
    pub(super) async fn file(
        &self,
        task: &RecordKey,
        number: u32,
    ) -> Result<Option<FileOfExport>, RecordError> {
        self.documents.get(&file_key(task, number)).await
    }

    /// Forgets a file that was told of.
    pub(super) async fn forget_file(&self, task: &RecordKey, number: u32) -> Result<(), RecordError> {
        self.delete(&file_key(task, number)).await
    }

    /// Ends a task and tells how.
    pub(super) async fn end(
        &self,
        (lease, now_micros): (&Lease, u64),
        key: &RecordKey,
        ended: &Ended,
    ) -> Result<(), ChangeError> {
        let keys = [key.clone(), RecordKey { kind: EXPORT.to_owned(), ..key.clone() }];
        let end = |documents: &mut Transaction<'_>| {
            if let Some(export) = documents.get::<Export>(1) {
                documents.put(1, &Export { end: Some(ended.clone()), ..export });
            }
            documents.delete(0);
            Ok::<_, std::convert::Infallible>(())
        };
        let Ok(()) = self.documents.transact_under(lease, now_micros, &keys, end).await?;
        Ok(())
    }

    /// Forgets exports and tokens that are too old.
    pub(super) async fn sweep(&self, now_micros: u64) -> Result<(), RecordError> {
        self.sweep_kind(EXPORT, |export: &Export| export.end.is_some() && !export.is_kept(now_micros))
            .await?;
        let is_old = |token: &Token| token.since_micros.saturating_add(TOKEN_MICROS) <= now_micros;
        self.sweep_kind(TOKEN, is_old).await
    }

    async fn sweep_kind<T: serde::de::DeserializeOwned + Send>(
        &self,
        kind: &str,
        is_old: impl Fn(&T) -> bool,
    ) -> Result<(), RecordError> {
        let mut after = None;
        loop {
            let scope = RecordScope::Kind { service: SERVICE, kind };
            let found = self.documents.list_each::<T>(scope, after.as_ref(), LISTED_MAX).await?;
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
            Ok::<_, std::convert::Infallible>(())
        };
        let Ok(()) = self.documents.transact(std::slice::from_ref(key), delete).await?;
        Ok(())
    }
}

fn in_region<'a>(kind: &'a str, scope: &'a Scope) -> RecordScope<'a> {
    RecordScope::Region { service: SERVICE, kind, account: &scope.account, region: &scope.region }
}

fn key(kind: &str, scope: &Scope, table_name: &str, id: &str) -> RecordKey {
    RecordKey::new(SERVICE, kind, &scope.account, &scope.region, &document_id(table_name, id))
}

fn file_key(task: &RecordKey, number: u32) -> RecordKey {
    RecordKey { kind: FILE.to_owned(), id: format!("{}/{number:010}", task.id), ..task.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk: what another version has written is read.
    #[test]
    fn the_format_is_fixed() {
        let export = include_str!("fixtures/export-1.json");
        let export: Export = serde_json::from_str(export).unwrap();
        assert_eq!(export.what, What::Incremental { from_micros: 1, to_micros: 2, view: View::NewAndOld });
        assert_eq!(serde_json::to_string(&export).unwrap(), include_str!("fixtures/export-1.json").trim());
        let task = include_str!("fixtures/export-task-1.json");
        let read: Task = serde_json::from_str(task).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), task.trim());
    }
}
