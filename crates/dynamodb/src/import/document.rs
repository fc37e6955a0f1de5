//! What is kept of imports: a document for each, for ninety days, one for the token it was ordered with, and until it
//! is done its task. The id of a document counts the time down, so that lists, which go by ids, begin with the newest.

use crate::newest_first::{document_id, token_hash};
use engine::Scope;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::Arc;
use store::documents::{ChangeError, Documents, Transaction};
use store::lease::Lease;
use store::records::{RecordError, RecordKey, RecordScope};
use store::{Store, Watch};

const SERVICE: &str = "dynamodb";
const IMPORT: &str = "import";
const TASK: &str = "import-task";
const TOKEN: &str = "import-token";
const FORMAT: u32 = 1;

/// Imports of an account and region that are under way at most.
pub const RUNNING_MAX: usize = 50;
/// How long an import is described.
const KEPT_MICROS: u64 = 90 * 24 * 3_600 * 1_000_000;
/// How long a token stands for the import it was sent with.
const TOKEN_MICROS: u64 = 8 * 3_600 * 1_000_000;
/// Documents that are read in one go.
const LISTED_MAX: usize = 100;

/// An import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// `<14 digits of milliseconds>-<8 hexadecimal digits>`
    pub id: String,
    /// Account of the table.
    pub account: String,
    /// Region of the table.
    pub region: String,
    /// Name of the table.
    pub table_name: String,
    /// What the table has as its id.
    pub table_uuid: String,
    /// What makes the same request again this one.
    pub client_token: String,
    /// Where it comes from.
    pub bucket: String,
    /// Whose the bucket is said to be.
    pub bucket_owner: Option<String>,
    /// What the keys of the objects begin with.
    pub prefix: Option<String>,
    /// What records are.
    pub format: Format,
    /// How records of CSV are to be read, where the request says it.
    pub csv: Option<CsvOptions>,
    /// How objects are packed.
    pub compression: Compression,
    /// TableCreationParameters, as JSON.
    pub parameters: String,
    /// When it was ordered, in microseconds since the Unix epoch.
    pub start_micros: u64,
    /// How it ended.
    pub end: Option<Ended>,
}

/// What records of an import are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Records of CSV.
    Csv,
    /// Lines of JSON with a type at each value.
    DynamoDbJson,
    /// Lines of Ion text.
    Ion,
}

/// How objects are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compression {
    /// Not at all.
    None,
    /// By gzip.
    Gzip,
    /// By Zstandard.
    Zstd,
}

/// How records of CSV are read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CsvOptions {
    /// What is between fields; a comma where it is not given.
    pub delimiter: Option<String>,
    /// The names of columns, where they are not in the first record of each object.
    pub header_list: Option<Vec<String>>,
}

impl CsvOptions {
    /// What is between fields.
    pub fn delimiter(&self) -> u8 {
        self.delimiter.as_ref().and_then(|text| text.bytes().next()).unwrap_or(b',')
    }
}

/// How an import ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// What was read and written.
    pub counts: Counts,
    /// Why it failed, where it did.
    pub failure: Option<Failure>,
}

/// What was read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Items that were put.
    pub imported: u64,
    /// Records that were not.
    pub errors: u64,
    /// Bytes that they were read from, unpacked.
    pub bytes: u64,
}

/// Why an import failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What the caller may not do, if anything.
    pub denial: Option<String>,
    /// What is next.
    pub(super) stage: Stage,
}

/// What is next of an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// To create the table.
    New,
    /// To read objects.
    Reading { place: Option<Place>, counts: Counts },
    /// To make the table active, if there is one of this import, and to tell this end.
    Ending { ended: Ended },
}

/// How far the objects are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) key: String,
    /// Records of it that are done.
    pub(super) records: u64,
    /// Whether it has no more.
    pub(super) is_done: bool,
}

/// For which request a token stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    table_name: String,
    id: String,
    since_micros: u64,
}

/// What came of ordering an import.
#[derive(Debug, Clone, PartialEq)]
pub enum Added {
    /// It begins.
    New,
    /// A request was sent before with the token, and this came of it.
    Known(Box<Import>),
    /// A request for another table was sent with the token.
    Conflict,
    /// There is no room for another one.
    Full,
}

impl Task {
    /// That of an import that begins.
    pub fn new(denial: Option<String>) -> Task {
        Task { denial, stage: Stage::New }
    }
}

impl Import {
    /// The ARN of its table.
    pub fn table_arn(&self) -> String {
        format!("arn:aws:dynamodb:{}:{}:table/{}", self.region, self.account, self.table_name)
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("{}/import/{}", self.table_arn(), self.id)
    }

    /// Account and region of its table.
    pub fn scope(&self) -> Scope {
        Scope { account: self.account.as_str().into(), region: self.region.as_str().into() }
    }

    /// Where lists have it.
    pub fn place(&self) -> String {
        document_id(&self.table_name, &self.id)
    }

    fn is_kept(&self, now_micros: u64) -> bool {
        now_micros < self.start_micros.saturating_add(KEPT_MICROS)
    }
}

/// The documents of imports.
#[derive(Debug, Clone)]
pub struct Imports {
    documents: Documents,
}

impl Imports {
    /// The imports that a store knows.
    pub fn of(store: Arc<dyn Store>) -> Imports {
        Imports { documents: Documents::of(store, FORMAT) }
    }

    /// An import by the name of its table and its id.
    ///
    /// # Errors
    /// When the store fails, or the document is damaged or newer.
    pub async fn get(
        &self,
        scope: &Scope,
        table_name: &str,
        id: &str,
        now_micros: u64,
    ) -> Result<Option<Import>, RecordError> {
        let found: Option<Import> = self.documents.get(&key(IMPORT, scope, table_name, id)).await?;
        Ok(found.filter(|import| import.is_kept(now_micros)))
    }

    /// The newest imports behind a place, at most so many, that are wanted.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub async fn page(
        &self,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
        now_micros: u64,
        is_wanted: impl Fn(&Import) -> bool,
    ) -> Result<Vec<Import>, RecordError> {
        let of_place = |place: &str| RecordKey::new(SERVICE, IMPORT, &scope.account, &scope.region, place);
        let mut after = after.map(of_place);
        let mut page = Vec::new();
        while page.len() < limit {
            let scope = in_region(IMPORT, scope);
            let found = self.documents.list::<Import>(scope, after.as_ref(), LISTED_MAX).await?;
            let Some((last, oldest)) = found.last() else { break };
            let is_end = found.len() < LISTED_MAX || !oldest.is_kept(now_micros);
            after = Some(last.clone());
            let wanted = found.into_iter().map(|(_, import)| import);
            page.extend(wanted.filter(|import| import.is_kept(now_micros) && is_wanted(import)));
            if is_end {
                break;
            }
        }
        page.truncate(limit);
        Ok(page)
    }

    /// How many imports of an account and region are under way; more than the most is not counted.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub async fn running(&self, scope: &Scope) -> Result<usize, RecordError> {
        let found = self.documents.list::<Task>(in_region(TASK, scope), None, RUNNING_MAX).await?;
        Ok(found.len())
    }

    /// Orders an import, unless one was ordered with its token before.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub async fn add(&self, import: &Import, task: &Task, has_room: bool) -> Result<Added, RecordError> {
        let (scope, name, id) = (import.scope(), &import.table_name, &import.id);
        let hash = token_hash(&import.client_token);
        let token_key = RecordKey::new(SERVICE, TOKEN, &scope.account, &scope.region, &hash);
        let keys = [key(IMPORT, &scope, name, id), key(TASK, &scope, name, id), token_key];
        let new = Token { table_name: name.clone(), id: id.clone(), since_micros: import.start_micros };
        let add = |documents: &mut Transaction<'_>| {
            let known: Option<Token> = documents.get(2);
            let known = known.filter(|known| {
                import.start_micros < known.since_micros.saturating_add(TOKEN_MICROS) && known.id != *id
            });
            if known.is_some() || !has_room {
                return Err(known);
            }
            documents.put(0, import);
            documents.put(1, task);
            documents.put(2, &new);
            Ok(())
        };
        let known = match self.documents.transact(&keys, add).await? {
            Ok(()) => return Ok(Added::New),
            Err(None) => return Ok(Added::Full),
            Err(Some(known)) => known,
        };
        if known.table_name != *name {
            return Ok(Added::Conflict);
        }
        let found = self.get(&scope, &known.table_name, &known.id, import.start_micros).await?;
        Ok(found.map_or(Added::Conflict, |found| Added::Known(Box::new(found))))
    }

    /// Tells when an import was ordered or has advanced, by any server.
    pub(super) fn watch_tasks(&self) -> Watch {
        self.documents.watch(RecordScope::Kind { service: SERVICE, kind: TASK })
    }

    /// The keys of the first tasks.
    pub(super) async fn tasks(&self, limit: usize) -> Result<Vec<RecordKey>, RecordError> {
        let scope = RecordScope::Kind { service: SERVICE, kind: TASK };
        let found = self.documents.list_each::<Task>(scope, None, limit).await?;
        Ok(found.into_iter().map(|(key, _)| key).collect())
    }

    /// A task with its import; `None` where it is done.
    pub(super) async fn task(&self, key: &RecordKey) -> Result<Option<(Import, Task)>, RecordError> {
        let Some(task) = self.documents.get(key).await? else { return Ok(None) };
        let import = self.documents.get(&RecordKey { kind: IMPORT.to_owned(), ..key.clone() }).await?;
        Ok(import.map(|import| (import, task)))
    }

    /// Keeps how far a task is.
    pub(super) async fn advance(
        &self,
        (lease, now_micros): (&Lease, u64),
        key: &RecordKey,
        task: &Task,
    ) -> Result<(), ChangeError> {
        let put = |documents: &mut Transaction<'_>| {
            documents.put(0, task);
            Ok::<_, Infallible>(())
        };
        let keys = std::slice::from_ref(key);
        let Ok(()) = self.documents.transact_under(lease, now_micros, keys, put).await?;
        Ok(())
    }

    /// Ends a task and tells how.
    pub(super) async fn end(
        &self,
        (lease, now_micros): (&Lease, u64),
        key: &RecordKey,
        ended: &Ended,
    ) -> Result<(), ChangeError> {
        let keys = [key.clone(), RecordKey { kind: IMPORT.to_owned(), ..key.clone() }];
        let end = |documents: &mut Transaction<'_>| {
            if let Some(import) = documents.get::<Import>(1) {
                documents.put(1, &Import { end: Some(ended.clone()), ..import });
            }
            documents.delete(0);
            Ok::<_, Infallible>(())
        };
        let Ok(()) = self.documents.transact_under(lease, now_micros, &keys, end).await?;
        Ok(())
    }

    /// Forgets imports and tokens that are too old.
    pub(super) async fn sweep(&self, now_micros: u64) -> Result<(), RecordError> {
        self.sweep_kind(IMPORT, |import: &Import| import.end.is_some() && !import.is_kept(now_micros))
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
                    let delete = |documents: &mut Transaction<'_>| {
                        documents.delete(0);
                        Ok::<_, Infallible>(())
                    };
                    let Ok(()) = self.documents.transact(std::slice::from_ref(&key), delete).await?;
                }
            }
        }
    }
}

fn in_region<'a>(kind: &'a str, scope: &'a Scope) -> RecordScope<'a> {
    RecordScope::Region { service: SERVICE, kind, account: &scope.account, region: &scope.region }
}

fn key(kind: &str, scope: &Scope, table_name: &str, id: &str) -> RecordKey {
    RecordKey::new(SERVICE, kind, &scope.account, &scope.region, &document_id(table_name, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk: what another version has written is read.
    #[test]
    fn the_format_is_fixed() {
        let import = include_str!("fixtures/import-1.json");
        let read: Import = serde_json::from_str(import).unwrap();
        assert_eq!((read.format, read.compression), (Format::Csv, Compression::Zstd));
        assert_eq!(serde_json::to_string(&read).unwrap(), import.trim());
        let task = include_str!("fixtures/import-task-1.json");
        let read: Task = serde_json::from_str(task).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), task.trim());
    }
}
