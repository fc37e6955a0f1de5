//! What a server does for exports: a task for each that is under way, a few at a time. Where servers share a store, a
//! lease says which of them goes on with an export; a file that it was writing when it ended is written again.

use super::data_file::{DataFile, PutError, put};
use super::document::{
    Ended, Export, ExportedTable, Exports, FileOfExport, Outcome, Stage, Task, View, What,
};
use super::line::{self, Lines};
use super::{layout, manifest};
use engine::{Backup, BackupError, BackupStatus, Engine, Totals};
use s3::Objects;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use stdx::clock::sleep_until;
use store::StoreError;
use store::documents::ChangeError;
use store::lease::{Asked, Lease, Leases};
use store::records::{RecordError, RecordKey};
use tokio::task::{Id, JoinSet};

/// Exports that this server works on at a time.
const AT_ONCE_MAX: usize = 4;
/// Tasks that are looked at: those of all accounts that may be under way on a server with many.
const TASKS_MAX: usize = 10_000;
/// Bytes of lines after which a file ends: some seconds of work, so that a lease is kept and little is done twice.
const FILE_BYTES: usize = 32 << 20;
/// Bytes of the copy that are read at once.
const LOT_BYTES: usize = 1 << 20;
/// What an incremental export costs at least.
const INCREMENTAL_BYTES_MIN: u64 = 10_000_000;
/// How often documents that are too old are looked for.
const SWEEP_MICROS: u64 = 3_600 * 1_000_000;
/// The first pause after a failure, and the longest.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Does what exports are made of, on one server.
#[derive(Clone)]
pub struct Exporter {
    engine: Engine,
    exports: Exports,
    objects: Objects,
    leases: Leases,
    clock: Arc<dyn Clock>,
}

/// What a step came to.
enum Step {
    /// There is more to do.
    More,
    /// The engine is still making the copy.
    Waits,
    /// Another server does it, at least until then.
    HeldUntil(u64),
    /// All is done.
    Done,
}

/// Why a step was not made. It is tried again.
enum Trouble {
    /// Another server has taken over.
    LeaseLost,
    /// The store or the bucket cannot be used now.
    Failed(String),
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

/// An export that is being worked on.
struct Work<'a> {
    key: &'a RecordKey,
    export: Export,
    task: Task,
    lease: &'a Lease,
}

impl Exporter {
    /// From the tables of an engine into the buckets on the same store; the owner of leases is a number that no other
    /// server has.
    pub fn new(engine: Engine, objects: Objects, clock: Arc<dyn Clock>, owner: u64) -> Exporter {
        let leases = Leases::of(engine.shared_store(), Arc::clone(&clock), owner);
        let exports = Exports::of(engine.shared_store());
        Exporter { engine, exports, objects, leases, clock }
    }

    /// Works on all exports that are ordered.
    pub async fn run(self) {
        let watch = self.exports.watch_tasks();
        let mut tasks = JoinSet::new();
        let mut running: HashMap<Id, RecordKey> = HashMap::new();
        let mut sweep_at = 0;
        loop {
            let seen = watch.version();
            if let Err(error) = self.look(&mut tasks, &mut running, &mut sweep_at).await {
                tracing::warn!("exports cannot be looked for: {error}");
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
            self.exports.sweep(now).await?;
            *sweep_at = now + SWEEP_MICROS;
        }
        for key in self.exports.tasks(TASKS_MAX).await? {
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

    /// Works on an export until it has ended.
    async fn serve(self, key: RecordKey) {
        let copies = self.engine.watch_backups();
        let mut pause = PAUSE_MIN;
        loop {
            let seen = copies.version();
            match self.turn(&key).await {
                Ok(Step::Done) => return,
                Ok(Step::More) => pause = PAUSE_MIN,
                Ok(Step::Waits) => copies.changed(seen).await,
                Ok(Step::HeldUntil(until)) => {
                    let (now, longest) = (self.clock.now_micros(), PAUSE_MAX.as_micros() as u64);
                    sleep_until(self.clock.as_ref(), until.clamp(now + 10_000, now + longest)).await;
                }
                Err(Trouble::LeaseLost) => tokio::time::sleep(PAUSE_MIN).await,
                Err(Trouble::Failed(why)) => {
                    tracing::warn!(export = key.id, "an export waits: {why}");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Under the lease: as many steps as there are.
    async fn turn(&self, key: &RecordKey) -> Result<Step, Trouble> {
        let name = format!("export/{}/{}/{}", key.account, key.region, key.id);
        let lease = match self.leases.take(&name).await? {
            Asked::Granted(lease) => lease,
            Asked::HeldUntil(until) => return Ok(Step::HeldUntil(until)),
        };
        let mut step = Ok(Step::More);
        while matches!(step, Ok(Step::More)) {
            step = match self.exports.task(key).await? {
                Some((export, task)) => self.step(&mut Work { key, export, task, lease: &lease }).await,
                None => Ok(Step::Done),
            };
        }
        self.leases.release(lease).await?;
        step
    }

    async fn step(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        match work.task.stage.clone() {
            Stage::New => self.begin(work).await,
            Stage::Files { number, after, totals } => self.next_file(work, number, after, totals).await,
            Stage::Manifests { number, ended } => self.put_manifests(work, number, ended).await,
            Stage::Ending { number, ended } => self.end(work, number, &ended).await,
        }
    }

    /// Has the engine make a copy, and tries whether the bucket takes objects.
    async fn begin(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        let export = &work.export;
        if let Some(denial) = work.task.denial.clone() {
            return self.fail(work, 0, "S3AccessDenied", &denial).await;
        }
        if export.bucket_owner.as_ref().is_some_and(|owner| *owner != export.table.account) {
            return self.fail(work, 0, "S3AccessDenied", "Access Denied").await;
        }
        if !self.begin_copy(export).await? {
            return self.fail(work, 0, "TableNotFound", "The table was deleted before it was exported").await;
        }
        let started =
            put(&self.objects, export, &layout::started_key(export), "binary/octet-stream", b"").await;
        if let Err(error) = started {
            return self.not_put(work, 0, error).await;
        }
        let stage = Stage::Files { number: 0, after: None, totals: Totals::default() };
        self.go_on(work, stage, None).await
    }

    /// Begins the copy, if it is not there. False: its table is gone.
    async fn begin_copy(&self, export: &Export) -> Result<bool, Trouble> {
        if self.copy(export).await?.is_some() {
            return Ok(true);
        }
        self.engine.refresh().await?;
        let ExportedTable { name, uuid, .. } = &export.table;
        let table = self.engine.find_table(&export.scope(), name).await?;
        let Some(table) = table.filter(|table| table.uuid == *uuid) else { return Ok(false) };
        match self.engine.create_export_copy(&table, &export.id, export.since()).await {
            Ok(_) => Ok(true),
            Err(BackupError::Store(error)) => Err(error.into()),
            Err(BackupError::NotFound | BackupError::Creating | BackupError::Restoring) => Ok(false),
        }
    }

    async fn copy(&self, export: &Export) -> Result<Option<Backup>, StoreError> {
        self.engine.export_copy(&export.scope(), &export.table.name, &export.id).await
    }

    /// Writes the next file. What it holds beyond what is in memory is in the bucket before anything knows of it.
    async fn next_file(
        &self,
        work: &mut Work<'_>,
        number: u32,
        after: Option<Vec<u8>>,
        totals: Totals,
    ) -> Result<Step, Trouble> {
        let Some(copy) = self.copy(&work.export).await? else {
            return self.fail(work, number, "InternalServerError", "The copy of the table is gone").await;
        };
        if copy.status == BackupStatus::Creating {
            return Ok(Step::Waits);
        }
        let key = layout::file_key(&work.export, number);
        let written = match self.write_file(&work.export, &copy, &key, after).await? {
            Ok(written) => written,
            Err(error) => return self.not_put(work, number, error).await,
        };
        let file = FileOfExport { key, items: written.totals.items, etag: written.etag };
        let (totals, number) = (totals.and(written.totals), number + 1);
        let stage = match written.last {
            Some(last) => Stage::Files { number, after: Some(last), totals },
            None if totals == copy.totals => {
                let outcome =
                    Outcome::Completed { items: totals.items, size_bytes: billed(&work.export, totals) };
                let ended = Ended { at_micros: self.clock.now_micros(), outcome };
                Stage::Manifests { number, ended }
            }
            None => {
                let text = "Items of the copy of the table are missing";
                return self.fail(work, number, "InternalServerError", text).await;
            }
        };
        self.go_on(work, stage, Some((number - 1, &file))).await
    }

    /// Writes what the copy has behind a key into a file, as much as one takes.
    async fn write_file(
        &self,
        export: &Export,
        copy: &Backup,
        key: &str,
        after: Option<Vec<u8>>,
    ) -> Result<Result<WrittenFile, PutError>, Trouble> {
        let lines = Lines { format: export.format, view: view(export) };
        let mut file = match DataFile::begin(&self.objects, export, key).await {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        let (mut last, mut bytes, mut totals) = (after, 0, Totals::default());
        while bytes < FILE_BYTES {
            let mut out = Vec::with_capacity(2 * LOT_BYTES);
            let visit = |copied: engine::Copied<'_>| line::write(&mut out, lines, copied);
            let lot = self.engine.read_copy(copy, last.as_deref(), LOT_BYTES, visit).await?;
            (last, totals, bytes) = (lot.last, totals.and(lot.totals), bytes + out.len());
            if last.is_none() {
                break;
            }
            file = match file.write(out).await {
                Ok(file) => file,
                Err(error) => return Ok(Err(error)),
            };
        }
        Ok(file.finish().await.map(|stored| WrittenFile { last, totals, etag: stored.etag }))
    }

    async fn put_manifests(&self, work: &mut Work<'_>, number: u32, ended: Ended) -> Result<Step, Trouble> {
        let mut files = Vec::new();
        for number in 0..number {
            if let Some(file) = self.exports.file(work.key, number).await? {
                files.extend(manifest::file_line(&file));
            }
        }
        let [files_key, files_md5_key] = layout::manifest_files_keys(&work.export);
        let summary = manifest::summary(&work.export, &ended);
        let (key, md5_key) =
            (layout::manifest_summary_key(&work.export), layout::manifest_summary_md5_key(&work.export));
        for (key, md5_key, bytes) in [(files_key, files_md5_key, files), (key, md5_key, summary)] {
            if let Err(error) = self.put_manifest(&work.export, &key, &md5_key, &bytes).await {
                return self.not_put(work, number, error).await;
            }
        }
        self.go_on(work, Stage::Ending { number, ended }, None).await
    }

    async fn put_manifest(
        &self,
        export: &Export,
        key: &str,
        md5_key: &str,
        bytes: &[u8],
    ) -> Result<(), PutError> {
        let stored = put(&self.objects, export, key, "application/json", bytes).await?;
        let md5 = manifest::md5_of_etag(&stored.etag);
        put(&self.objects, export, md5_key, "text/plain", md5.as_bytes()).await.map(|_| ())
    }

    /// Deletes the copy and what was kept of the files, and tells the end.
    async fn end(&self, work: &mut Work<'_>, number: u32, ended: &Ended) -> Result<Step, Trouble> {
        if let Some(copy) = self.copy(&work.export).await? {
            match self.engine.delete_backup(&copy).await {
                Ok(_) | Err(BackupError::NotFound) => {}
                Err(BackupError::Creating | BackupError::Restoring) => return Ok(Step::Waits),
                Err(BackupError::Store(error)) => return Err(error.into()),
            }
        }
        for number in 0..number {
            self.exports.forget_file(work.key, number).await?;
        }
        self.exports.end((work.lease, self.clock.now_micros()), work.key, ended).await?;
        let Export { id, table, .. } = &work.export;
        match &ended.outcome {
            Outcome::Completed { items, .. } => {
                tracing::info!(table = table.name, id, items, "a table is exported")
            }
            Outcome::Failed { code, message } => {
                tracing::warn!(table = table.name, id, code, "a table was not exported: {message}");
            }
        }
        Ok(Step::Done)
    }

    async fn not_put(&self, work: &mut Work<'_>, number: u32, error: PutError) -> Result<Step, Trouble> {
        match error {
            PutError::Failed(why) => Err(Trouble::Failed(why)),
            PutError::Refused(error) => {
                let code = format!("S3{}", error.code.rest_xml().code);
                self.fail(work, number, &code, &error.message.unwrap_or_default()).await
            }
        }
    }

    async fn fail(
        &self,
        work: &mut Work<'_>,
        number: u32,
        code: &str,
        message: &str,
    ) -> Result<Step, Trouble> {
        let outcome = Outcome::Failed { code: code.to_owned(), message: message.to_owned() };
        let ended = Ended { at_micros: self.clock.now_micros(), outcome };
        self.go_on(work, Stage::Ending { number, ended }, None).await
    }

    async fn go_on(
        &self,
        work: &mut Work<'_>,
        stage: Stage,
        file: Option<(u32, &FileOfExport)>,
    ) -> Result<Step, Trouble> {
        work.task.stage = stage;
        let under = (work.lease, self.clock.now_micros());
        self.exports.advance(under, work.key, &work.task, file).await?;
        Ok(Step::More)
    }
}

/// A file that is in the bucket.
struct WrittenFile {
    /// Behind which key of the copy the next one begins; `None` where there is none.
    last: Option<Vec<u8>>,
    totals: Totals,
    etag: String,
}

fn view(export: &Export) -> View {
    match export.what {
        What::Full { .. } => View::New,
        What::Incremental { view, .. } => view,
    }
}

fn billed(export: &Export, totals: Totals) -> u64 {
    match export.what {
        What::Full { .. } => totals.size_bytes,
        What::Incremental { .. } => totals.size_bytes.max(INCREMENTAL_BYTES_MIN),
    }
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exporter").field("engine", &self.engine).finish_non_exhaustive()
    }
}
