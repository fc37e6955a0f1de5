//! What a server does for imports: a task for each that is under way, a few at a time. Where servers share a store, a
//! lease says which of them goes on. An object is read again from its beginning by who goes on with it, and what was
//! put is put once more: the same items under the same keys.

use super::document::{Counts, Ended, Failure, Import, Imports, Place, Stage, Task};
use super::records::{self, Batch};
use super::source::{Source, SourceFailure};
use super::table;
use crate::errors::write_error;
use engine::{AlterError, CreateError, Engine, Table, WriteError};
use logs::{Event, Logs};
use model::ApiError;
use pipeline::Caller;
use s3::{Listed, Objects};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use stdx::clock::sleep_until;
use store::StoreError;
use store::documents::ChangeError;
use store::lease::{Asked, Lease, Leases};
use store::records::{RecordError, RecordKey};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

/// The service that reads objects: its client was asked before.
const READS: &str = "dynamodb";
/// Imports that this server works on at a time.
const AT_ONCE_MAX: usize = 4;
/// Tasks that are looked at.
const TASKS_MAX: usize = 10_000;
/// Batches that are read ahead of what is being put.
const BATCHES_AHEAD: usize = 4;
/// Records after which it is kept how far an import is.
const KEPT_EACH: u64 = 10_000;
/// How often documents that are too old are looked for.
const SWEEP_MICROS: u64 = 3_600 * 1_000_000;
/// The first pause after a failure, and the longest.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Does what imports are made of, on one server.
#[derive(Clone)]
pub struct Importer {
    engine: Engine,
    imports: Imports,
    objects: Objects,
    logs: Logs,
    leases: Leases,
    clock: Arc<dyn Clock>,
}

/// What a step came to.
enum Step {
    /// There is more to do.
    More,
    /// Another server does it, at least until then.
    HeldUntil(u64),
    /// All is done.
    Done,
}

/// Why a step was not made.
enum Trouble {
    /// Another server has taken over.
    LeaseLost,
    /// The store or the bucket cannot be used now: it is tried again.
    Failed(String),
    /// The bucket refuses, or the table cannot be there: the import ends.
    Refused(Failure),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Failed(error.to_string())
    }
}

impl From<RecordError> for Trouble {
    fn from(error: RecordError) -> Self {
        Trouble::Failed(error.to_string())
    }
}

impl From<ChangeError> for Trouble {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::LeaseLost => Trouble::LeaseLost,
            ChangeError::Record(error) => error.into(),
        }
    }
}

/// Of S3 and the logs.
impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        let spelling = error.code.rest_xml();
        let message = error.message.unwrap_or_default();
        match spelling.status < 500 || spelling.status == 501 {
            true => refused(&format!("S3{}", spelling.code), &message),
            false => Trouble::Failed(format!("{}: {message}", spelling.code)),
        }
    }
}

fn refused(code: &str, message: &str) -> Trouble {
    Trouble::Refused(Failure { code: code.to_owned(), message: message.to_owned() })
}

/// An import that is being worked on.
struct Work<'a> {
    key: &'a RecordKey,
    import: Import,
    task: Task,
    lease: &'a Lease,
}

impl Importer {
    /// Into the tables of an engine from the buckets on the same store; the owner of leases is a number that no other
    /// server has.
    pub fn new(engine: Engine, objects: Objects, logs: Logs, clock: Arc<dyn Clock>, owner: u64) -> Importer {
        let leases = Leases::of(engine.shared_store(), Arc::clone(&clock), owner);
        let imports = Imports::of(engine.shared_store());
        Importer { engine, imports, objects, logs, leases, clock }
    }

    /// Works on all imports that are ordered.
    pub async fn run(self) {
        let watch = self.imports.watch_tasks();
        let mut tasks = JoinSet::new();
        let mut running: HashMap<Id, RecordKey> = HashMap::new();
        let mut sweep_at = 0;
        loop {
            let seen = watch.version();
            if let Err(error) = self.look(&mut tasks, &mut running, &mut sweep_at).await {
                tracing::warn!("imports cannot be looked for: {error}");
                tokio::time::sleep(PAUSE_MIN).await;
                continue;
            }
            tokio::select! {
                () = watch.changed(seen) => {}
                () = sleep_until(self.clock.as_ref(), sweep_at) => {}
                Some(ended) = tasks.join_next_with_id(), if !tasks.is_empty() => {
                    let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                    running.remove(&id);
                }
            }
        }
    }

    /// Begins what is not worked on yet, and forgets what is too old.
    async fn look(
        &self,
        tasks: &mut JoinSet<()>,
        running: &mut HashMap<Id, RecordKey>,
        sweep_at: &mut u64,
    ) -> Result<(), RecordError> {
        let now = self.clock.now_micros();
        if now >= *sweep_at {
            self.imports.sweep(now).await?;
            *sweep_at = now + SWEEP_MICROS;
        }
        for key in self.imports.tasks(TASKS_MAX).await? {
            if running.len() >= AT_ONCE_MAX {
                break;
            }
            if !running.values().any(|known| *known == key) {
                let task = tasks.spawn(self.clone().serve(key.clone()));
                running.insert(task.id(), key);
            }
        }
        Ok(())
    }

    /// Works on an import until it has ended.
    async fn serve(self, key: RecordKey) {
        let mut pause = PAUSE_MIN;
        loop {
            match self.turn(&key).await {
                Ok(Step::Done) => return,
                Ok(Step::More) => pause = PAUSE_MIN,
                Ok(Step::HeldUntil(until)) => {
                    let (now, longest) = (self.clock.now_micros(), PAUSE_MAX.as_micros() as u64);
                    sleep_until(self.clock.as_ref(), until.clamp(now + 10_000, now + longest)).await;
                }
                Err(Trouble::LeaseLost) => tokio::time::sleep(PAUSE_MIN).await,
                Err(Trouble::Failed(why)) => {
                    tracing::warn!(import = key.id, "an import waits: {why}");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                Err(Trouble::Refused(failure)) => {
                    tracing::warn!(import = key.id, "an import waits: {}", failure.message);
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// Under the lease: as many steps as there are.
    async fn turn(&self, key: &RecordKey) -> Result<Step, Trouble> {
        let name = format!("import/{}/{}/{}", key.account, key.region, key.id);
        let lease = match self.leases.take(&name).await? {
            Asked::Granted(lease) => lease,
            Asked::HeldUntil(until) => return Ok(Step::HeldUntil(until)),
        };
        let mut step = Ok(Step::More);
        while matches!(step, Ok(Step::More)) {
            let Some((import, task)) = self.imports.task(key).await? else {
                step = Ok(Step::Done);
                break;
            };
            let mut work = Work { key, import, task, lease: &lease };
            step = match self.step(&mut work).await {
                Err(Trouble::Refused(failure)) => self.end_with(&mut work, Some(failure)).await,
                step => step,
            };
        }
        self.leases.release(lease).await?;
        step
    }

    async fn step(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        match work.task.stage.clone() {
            Stage::New => self.begin(work).await,
            Stage::Reading { place, counts } => self.read(work, place, counts).await,
            Stage::Ending { ended } => self.end(work, &ended).await,
        }
    }

    /// Looks for the bucket, and creates the table.
    async fn begin(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        let import = &work.import;
        if let Some(denial) = &work.task.denial {
            return Err(refused("S3AccessDenied", denial));
        }
        if import.bucket_owner.as_ref().is_some_and(|owner| *owner != import.account) {
            return Err(refused("S3AccessDenied", "Access Denied"));
        }
        self.objects.check_bucket(&reader(import), &import.bucket).await?;
        self.engine.refresh().await?;
        if self.table(import).await?.is_none() {
            let new = table::new_table(import, self.clock.now_micros());
            let new = new.ok_or_else(|| Trouble::Failed("its parameters cannot be read".to_owned()))?;
            match self.engine.create_table(new).await {
                Ok(_) => {}
                // A commit may be asked for again: the table that is there then is this import's.
                Err(CreateError::Exists) => {
                    if self.table(import).await?.is_none() {
                        let text = format!("Table already exists: {}", import.table_name);
                        return Err(refused("TableAlreadyExists", &text));
                    }
                }
                Err(CreateError::TooManyTables) => {
                    return Err(refused("LimitExceeded", "There are too many tables"));
                }
                Err(CreateError::Store(error)) => return Err(error.into()),
            }
        }
        work.task.stage = Stage::Reading { place: None, counts: Counts::default() };
        self.keep(work).await
    }

    /// The table of an import, while it is there.
    async fn table(&self, import: &Import) -> Result<Option<Arc<Table>>, StoreError> {
        let found = self.engine.find_table(&import.scope(), &import.table_name).await?;
        Ok(found.filter(|table| table.uuid == import.table_uuid))
    }

    /// Reads an object, or what is left of it.
    async fn read(&self, work: &mut Work<'_>, place: Option<Place>, counts: Counts) -> Result<Step, Trouble> {
        let Some(table) = self.table(&work.import).await? else {
            return Err(refused("TableNotFound", "The table was deleted while it was imported"));
        };
        let place = match place {
            Some(place) if !place.is_done => place,
            place => match self.next_object(&work.import, place.as_ref()).await? {
                Some(listed) => Place { key: listed.key, records: 0, is_done: false },
                None => return self.end_with(work, None).await,
            },
        };
        work.task.stage = Stage::Reading { place: Some(place.clone()), counts };
        let download = self.objects.get(&reader(&work.import), &work.import.bucket, &place.key, None).await?;
        let (source, mut download) = Source::of(download);
        let (batches, taken) = mpsc::channel(BATCHES_AHEAD);
        let (import, of_table, skipped) = (work.import.clone(), Arc::clone(&table), place.records);
        let failure = source.failure();
        let reading = tokio::task::spawn_blocking(move || {
            records::read(&import, &of_table, source, skipped, |batch| batches.blocking_send(batch).is_ok());
        });
        let putting = self.put_all(work, taken, &failure);
        let (put, ()) = tokio::join!(putting, download.pump());
        let step = put?;
        match reading.await {
            Ok(()) => Ok(step),
            Err(error) => Err(Trouble::Failed(format!("an object was not read: {error}"))),
        }
    }

    /// Puts batches until there are no more, and keeps now and then how far that is.
    async fn put_all(
        &self,
        work: &mut Work<'_>,
        mut taken: mpsc::Receiver<Batch>,
        failure: &SourceFailure,
    ) -> Result<Step, Trouble> {
        let mut not_kept = 0;
        while let Some(batch) = taken.recv().await {
            if let Some(error) = failure.take() {
                return Err(error.into()); // what the batch says of the rest of the object is not true
            }
            let is_end = batch.is_end;
            not_kept += batch.places.len() as u64;
            self.put(work, batch).await?;
            if is_end || not_kept >= KEPT_EACH {
                not_kept = 0;
                self.keep(work).await?;
            }
        }
        Ok(Step::More)
    }

    async fn next_object(&self, import: &Import, after: Option<&Place>) -> Result<Option<Listed>, ApiError> {
        let (prefix, after) = (import.prefix.as_deref().unwrap_or_default(), after.map(|place| &*place.key));
        let found = self.objects.list(&reader(import), &import.bucket, prefix, after, 1).await?;
        Ok(found.into_iter().next())
    }

    /// Puts a batch, counts what came of it, and logs what is wrong.
    async fn put(&self, work: &mut Work<'_>, batch: Batch) -> Result<(), Trouble> {
        let Stage::Reading { place: Some(place), counts } = &mut work.task.stage else { return Ok(()) };
        let mut errors = batch.errors;
        let written = self.engine.write_each(&batch.writes).await;
        for (at, written) in batch.places.into_iter().zip(written) {
            match written {
                Ok(_) => counts.imported += 1,
                Err(WriteError::Refused(refusal)) => {
                    let error = write_error(WriteError::Refused(refusal));
                    errors.push((at, error.message.unwrap_or_default().into_owned()));
                }
                Err(WriteError::TableNotFound) => {
                    return Err(refused("TableNotFound", "The table was deleted while it was imported"));
                }
                Err(WriteError::Store(error)) => return Err(error.into()),
                Err(
                    WriteError::TransactionConflict
                    | WriteError::ReplicatedWriteConflict
                    | WriteError::Unknown,
                ) => {
                    return Err(Trouble::Failed("an item was not put".to_owned()));
                }
            }
        }
        counts.errors += errors.len() as u64;
        counts.bytes += batch.bytes;
        (place.records, place.is_done) = (batch.records, batch.is_end);
        let key = place.key.clone();
        self.log(&work.import, &key, errors).await
    }

    async fn log(&self, import: &Import, key: &str, errors: Vec<(u64, String)>) -> Result<(), Trouble> {
        if errors.is_empty() {
            return Ok(());
        }
        let at_millis = self.clock.now_micros() / 1_000;
        let event =
            |(at, error): (u64, String)| Event { at_millis, message: error_line(import, key, at, &error) };
        let events = errors.into_iter().map(event).collect();
        let region = logs::group::Region::of(&import.account, &import.region);
        let stream = format!("{}/error", import.id);
        let appended = self.logs.append(&region, super::LOG_GROUP, &stream, events).await;
        appended.map_err(|error| Trouble::Failed(format!("an error was not logged: {:?}", error.message)))
    }

    async fn end_with(&self, work: &mut Work<'_>, failure: Option<Failure>) -> Result<Step, Trouble> {
        let (counts, place) = match &work.task.stage {
            Stage::Reading { counts, place } => (*counts, place.clone()),
            Stage::New | Stage::Ending { .. } => (Counts::default(), None),
        };
        let failure = match failure {
            None if counts.errors > 0 => Some(Failure {
                code: "ItemValidationError".to_owned(),
                message: "Some of the items failed validation checks and were not imported. Please check CloudWatch \
                          error logs for more details."
                    .to_owned(),
            }),
            failure => failure.map(|failure| stopped_at(failure, place.as_ref())),
        };
        let ended = Ended { at_micros: self.clock.now_micros(), counts, failure };
        work.task.stage = Stage::Ending { ended };
        self.keep(work).await
    }

    /// Makes the table active, and tells the end.
    async fn end(&self, work: &mut Work<'_>, ended: &Ended) -> Result<Step, Trouble> {
        let import = &work.import;
        self.engine.refresh().await?; // another server may have changed the table
        if let Some(table) = self.table(import).await?.filter(|table| table.settings.restore.is_some()) {
            match self.engine.alter_table(&table, |table: &mut Table| table.settings.restore = None).await {
                Ok(_) | Err(AlterError::NotFound) => {}
                Err(AlterError::Changed) => return Ok(Step::More),
                Err(AlterError::Store(error)) => return Err(error.into()),
            }
        }
        self.imports.end((work.lease, self.clock.now_micros()), work.key, ended).await?;
        let Counts { imported, errors, .. } = ended.counts;
        let (table, id) = (&import.table_name, &import.id);
        match &ended.failure {
            None => tracing::info!(table, id, imported, "a table is imported"),
            Some(Failure { code, message }) => {
                tracing::warn!(
                    table,
                    id,
                    imported,
                    errors,
                    code,
                    "a table was not imported whole: {message}"
                );
            }
        }
        Ok(Step::Done)
    }

    async fn keep(&self, work: &Work<'_>) -> Result<Step, Trouble> {
        self.imports.advance((work.lease, self.clock.now_micros()), work.key, &work.task).await?;
        Ok(Step::More)
    }
}

fn reader(import: &Import) -> Caller {
    Caller::of_service(READS, &import.account, &import.region)
}

/// The failure, and how far the objects were read.
fn stopped_at(failure: Failure, place: Option<&Place>) -> Failure {
    let Some(Place { key, records, .. }) = place else { return failure };
    let message = format!("{} (stopped behind record {records} of {key})", failure.message);
    Failure { message, ..failure }
}

/// What the log has of an error.
fn error_line(import: &Import, key: &str, at: u64, error: &str) -> String {
    let quoted = |text: &str| {
        let mut out = Vec::new();
        wire::json::write_string(&mut out, text);
        String::from_utf8_lossy(&out).into_owned()
    };
    format!(
        "{{\"itemS3Pointer\":{{\"bucket\":{},\"key\":{},\"itemIndex\":{at}}},\"importArn\":{},\"errorMessages\":[{}]}}",
        quoted(&import.bucket),
        quoted(key),
        quoted(&import.arn()),
        quoted(error)
    )
}

impl std::fmt::Debug for Importer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Importer").field("engine", &self.engine).finish_non_exhaustive()
    }
}
