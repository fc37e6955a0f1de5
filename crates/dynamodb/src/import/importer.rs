//! What a server does for imports. An object is read again from its beginning by who goes on with it, and what was put
//! is put once more: the same items under the same keys.

use super::document::{Counts, Ended, Import, Stage};
use super::{quota, table};
use crate::checks::capacity_quota;
use crate::errors::write_error;
use crate::input::{Batch, ObjectReader, Place, refusal, stopped_at};
use crate::transfer::manifest::{Json, pointer};
use crate::transfer::{self, Bucket, Carrier, Failure, Step, Tasks, Transfer, Trouble, refused};
use engine::{AlterError, CreateError, Engine, Table, WriteError};
use logs::{Event, Logs};
use s3::Objects;
use std::sync::Arc;
use stdx::Clock;
use store::StoreError;

/// Records after which it is kept how far an import is.
const KEPT_EACH: u64 = 10_000;

/// Does what imports are made of, on one server.
#[derive(Clone)]
pub struct Importer {
    engine: Engine,
    objects: Objects,
    logs: Logs,
    tasks: Tasks<Import>,
}

type Work<'a> = transfer::Work<'a, Import>;

impl Carrier for Importer {
    type Of = Import;

    fn tasks(&self) -> &Tasks<Import> {
        &self.tasks
    }

    async fn step(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        match work.task.stage.clone() {
            Stage::New => self.begin(work).await,
            Stage::Reading { place, counts } => self.read(work, place, counts).await,
            Stage::Ending { ended } => self.end(work, &ended).await,
        }
    }

    fn refuse(&self, work: &Work<'_>, failure: Failure) -> Stage {
        self.ending(work, Some(failure))
    }
}

impl Importer {
    /// Into the tables of an engine from the buckets on the same store; the owner of leases is a number that no other
    /// server has.
    pub fn new(engine: Engine, objects: Objects, logs: Logs, clock: Arc<dyn Clock>, owner: u64) -> Importer {
        let tasks = Tasks::of(engine.shared_store(), clock, owner);
        Importer { engine, objects, logs, tasks }
    }

    /// Works on all imports that are ordered.
    pub async fn run(self) {
        transfer::run(self).await;
    }

    /// Looks for the bucket, and creates the table.
    async fn begin(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        work.check_rights()?;
        let import = &work.transfer;
        let bucket = Bucket::of(&self.objects, import, &import.bucket);
        bucket.check().await?;
        quota::check(import, &bucket).await?;
        self.engine.refresh().await?;
        if self.table(import).await?.is_none() {
            let new = table::new_table(import, self.tasks.now_micros());
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
                Err(CreateError::NoRoom(no_room)) => {
                    let error = capacity_quota::no_room(&no_room);
                    return Err(refused("LimitExceeded", &error.message.unwrap_or_default()));
                }
                Err(CreateError::Store(error)) => return Err(error.into()),
            }
        }
        work.go_on(Stage::Reading { place: None, counts: Counts::default() }).await
    }

    /// The table of an import, while it is there.
    async fn table(&self, import: &Import) -> Result<Option<Arc<Table>>, StoreError> {
        let found = self.engine.find_table(&import.scope(), &import.table_name).await?;
        Ok(found.filter(|table| table.uuid == import.table_uuid))
    }

    /// Reads an object, or what is left of it.
    async fn read(&self, work: &mut Work<'_>, place: Option<Place>, counts: Counts) -> Result<Step, Trouble> {
        let table = self.table(&work.transfer).await?.ok_or_else(table_gone)?;
        let kms_keys = work.task.kms_keys.clone();
        let (import, objects) = (work.transfer.clone(), self.objects.clone());
        let bucket = Bucket::of(&objects, &import, &import.bucket).opening_with(&kms_keys);
        let Some(place) = Place::next(place, &bucket, work.transfer.prefix.as_deref()).await? else {
            let ending = self.ending(work, None);
            return work.go_on(ending).await;
        };
        work.task.stage = Stage::Reading { place: Some(place.clone()), counts };
        let download = bucket.open(&place.key).await?;
        let mut object = ObjectReader::begin(download, work.transfer.input(), &table, place.records);
        let mut not_kept = 0;
        while let Some(batch) = object.next().await? {
            let is_end = batch.is_end;
            not_kept += batch.places.len() as u64;
            self.put(work, batch).await?;
            if is_end || not_kept >= KEPT_EACH {
                not_kept = 0;
                work.keep(&[]).await?;
            }
        }
        Ok(Step::More)
    }

    /// Puts a batch, counts what came of it, and logs what is wrong.
    async fn put(&self, work: &mut Work<'_>, batch: Batch) -> Result<(), Trouble> {
        let Stage::Reading { place: Some(place), counts } = &mut work.task.stage else { return Ok(()) };
        let mut errors = batch.errors;
        let written = self.engine.write_each(&batch.writes).await;
        for (at, written) in batch.places.into_iter().zip(written) {
            match written {
                Ok(_) => counts.imported += 1,
                Err(error) => {
                    let error = write_error(WriteError::Refused(refusal(error, table_gone)?));
                    errors.push((at, error.message.unwrap_or_default().into_owned()));
                }
            }
        }
        counts.errors += errors.len() as u64;
        counts.bytes += batch.bytes;
        (place.records, place.is_done) = (batch.records, batch.is_end);
        let key = place.key.clone();
        self.log(&work.transfer, &key, errors).await
    }

    async fn log(&self, import: &Import, key: &str, errors: Vec<(u64, String)>) -> Result<(), Trouble> {
        if errors.is_empty() {
            return Ok(());
        }
        let at_millis = self.tasks.now_micros() / 1_000;
        let event =
            |(at, error): (u64, String)| Event { at_millis, message: error_line(import, key, at, &error) };
        let events = errors.into_iter().map(event).collect();
        let region = logs::group::Region::of(&import.account, &import.region);
        let stream = format!("{}/error", import.id);
        match self.logs.append(&region, super::LOG_GROUP, &stream, events).await {
            Ok(()) => Ok(()),
            // What the log does not take is counted all the same; trying again would not help.
            Err(error) if error.code.rest_xml().status < 500 => {
                let (id, code) = (&import.id, error.code.name());
                tracing::warn!(id, code, "errors of an import were not logged: {:?}", error.message);
                Ok(())
            }
            Err(error) => Err(Trouble::Failed(format!("an error was not logged: {:?}", error.message))),
        }
    }

    /// What is next of an import that ends, with a failure of its own or that of its items.
    fn ending(&self, work: &Work<'_>, failure: Option<Failure>) -> Stage {
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
        Stage::Ending { ended: Ended { at_micros: self.tasks.now_micros(), counts, failure } }
    }

    /// Makes the table active, and tells the end.
    async fn end(&self, work: &mut Work<'_>, ended: &Ended) -> Result<Step, Trouble> {
        let import = &work.transfer;
        self.engine.refresh().await?; // another server may have changed the table
        if let Some(table) = self.table(import).await?.filter(|table| table.settings.restore.is_some()) {
            match self.engine.alter_table(&table, |table: &mut Table| table.settings.restore = None).await {
                Ok(_) | Err(AlterError::NotFound) => {}
                Err(AlterError::Changed) => return Ok(Step::More),
                Err(AlterError::Store(error)) => return Err(error.into()),
            }
        }
        let step = work.end(0, ended).await?;
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
        Ok(step)
    }
}

fn table_gone() -> Trouble {
    refused("TableNotFound", "The table was deleted while it was imported")
}

/// What the log has of an error.
fn error_line(import: &Import, key: &str, at: u64, error: &str) -> String {
    let mut line = Json::begin();
    line.raw("itemS3Pointer", |out| out.extend(pointer(&import.bucket, key, at)));
    line.text("importArn", &import.arn()).texts("errorMessages", &[error]);
    String::from_utf8_lossy(&line.end()).into_owned()
}

impl std::fmt::Debug for Importer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Importer").field("engine", &self.engine).finish_non_exhaustive()
    }
}
