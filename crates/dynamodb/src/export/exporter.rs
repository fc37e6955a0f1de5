//! What a server does for exports: it has the engine make a copy, and writes that into files. A file that was being
//! written when a server ended is written again.

use super::document::{Ended, Export, ExportedTable, Outcome, Stage, What};
use super::filter::Filter;
use super::line::{self, Lines};
use super::{View, layout, manifest};
use crate::transfer::manifest::{WrittenFile, listed};
use crate::transfer::{self, Bucket, Carrier, DataFile, Failure, Step, Tasks, Transfer, Trouble, refused};
use engine::{Backup, BackupError, BackupStatus, Engine, Totals};
use s3::Objects;
use std::sync::Arc;
use stdx::Clock;
use store::StoreError;

/// Bytes of lines after which a file ends: some seconds of work, so that a lease is kept and little is done twice.
const FILE_BYTES: usize = 32 << 20;
/// Bytes of the copy that are read at once.
const LOT_BYTES: usize = 1 << 20;
/// What an incremental export costs at least.
const INCREMENTAL_BYTES_MIN: u64 = 10_000_000;

/// Does what exports are made of, on one server.
#[derive(Clone)]
pub struct Exporter {
    engine: Engine,
    objects: Objects,
    tasks: Tasks<Export>,
}

type Work<'a> = transfer::Work<'a, Export>;

impl Carrier for Exporter {
    type Of = Export;

    fn tasks(&self) -> &Tasks<Export> {
        &self.tasks
    }

    async fn step(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        match work.task.stage.clone() {
            Stage::New => self.begin(work).await,
            Stage::Files { number, after, totals, taken } => {
                self.next_file(work, number, after, totals, taken).await
            }
            Stage::Manifests { number, ended } => self.put_manifests(work, number, ended).await,
            Stage::Ending { number, ended } => self.end(work, number, &ended).await,
        }
    }

    fn refuse(&self, work: &Work<'_>, failure: Failure) -> Stage {
        let number = match work.task.stage {
            Stage::New => 0,
            Stage::Files { number, .. } | Stage::Manifests { number, .. } | Stage::Ending { number, .. } => {
                number
            }
        };
        let outcome = Outcome::Failed(failure);
        Stage::Ending { number, ended: Ended { at_micros: self.tasks.now_micros(), outcome } }
    }
}

impl Exporter {
    /// From the tables of an engine into the buckets on the same store; the owner of leases is a number that no other
    /// server has.
    pub fn new(engine: Engine, objects: Objects, clock: Arc<dyn Clock>, owner: u64) -> Exporter {
        let tasks = Tasks::of(engine.shared_store(), clock, owner);
        Exporter { engine, objects, tasks }
    }

    /// Works on all exports that are ordered.
    pub async fn run(self) {
        transfer::run(self).await;
    }

    /// Has the engine make a copy, and tries whether the bucket takes objects.
    async fn begin(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        work.check_rights()?;
        let export = &work.transfer;
        if !self.begin_copy(export).await? {
            return Err(refused("TableNotFound", "The table was deleted before it was exported"));
        }
        self.bucket(work).put(&layout::of(export).started(), "binary/octet-stream", b"").await?;
        work.go_on(Stage::Files { number: 0, after: None, totals: Totals::default(), taken: 0 }).await
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
        taken: u64,
    ) -> Result<Step, Trouble> {
        let copies = self.engine.watch_backups();
        let seen = copies.version();
        let Some(copy) = self.copy(&work.transfer).await? else {
            return Err(refused("InternalServerError", "The copy of the table is gone"));
        };
        if copy.status == BackupStatus::Creating {
            return Ok(Step::Waits(copies, seen));
        }
        let key = layout::file_key(&work.transfer, number);
        let written = self.write_file(work, &copy, &key, after).await?;
        let file = WrittenFile { key, items: written.items, etag: written.etag };
        let (totals, taken) = (totals.and(written.totals), taken + written.items);
        work.task.stage = match written.last {
            Some(last) => Stage::Files { number: number + 1, after: Some(last), totals, taken },
            None if totals == copy.totals => {
                let size_bytes = billed(&work.transfer, totals);
                let items = if work.transfer.filter.is_some() { taken } else { totals.items };
                let outcome = Outcome::Completed { items, size_bytes };
                let ended = Ended { at_micros: self.tasks.now_micros(), outcome };
                Stage::Manifests { number: number + 1, ended }
            }
            None => {
                return Err(refused("InternalServerError", "Items of the copy of the table are missing"));
            }
        };
        work.keep(&[(number, file)]).await
    }

    /// Writes what the copy has behind a key into a file, as much as one takes.
    async fn write_file(
        &self,
        work: &Work<'_>,
        copy: &Backup,
        key: &str,
        after: Option<Vec<u8>>,
    ) -> Result<Lot, Trouble> {
        let export = &work.transfer;
        let lines = Lines { format: export.format, view: view(export) };
        let mut file = DataFile::begin(&self.bucket(work), key).await?;
        let filter = filter_of(export)?;
        let (mut last, mut bytes, mut totals, mut items) = (after, 0, Totals::default(), 0);
        while bytes < FILE_BYTES {
            let mut out = Vec::with_capacity(2 * LOT_BYTES);
            let visit = |copied: engine::Copied<'_>| match &filter {
                None => {
                    items += 1;
                    line::write(&mut out, lines, copied);
                }
                Some(filter) => {
                    if let Some(taken) = filter.take(copied) {
                        items += 1;
                        line::write(&mut out, lines, taken.copied());
                    }
                }
            };
            let lot = self.engine.read_copy(copy, last.as_deref(), LOT_BYTES, visit).await?;
            // What a filter leaves out takes its time as well.
            bytes += out.len().max(lot.totals.size_bytes as usize);
            (last, totals) = (lot.last, totals.and(lot.totals));
            if last.is_none() {
                break;
            }
            file = file.write(out).await?;
        }
        Ok(Lot { last, totals, items, etag: file.finish().await?.etag })
    }

    async fn put_manifests(&self, work: &mut Work<'_>, number: u32, ended: Ended) -> Result<Step, Trouble> {
        let files = work.files(number).await?;
        let (bucket, folder) = (self.bucket(work), layout::of(&work.transfer));
        let files: Vec<u8> = files.iter().flat_map(|file| listed(file).line()).collect();
        bucket.put_manifest(&folder.manifest_files(), &files).await?;
        let summary = manifest::summary(&work.transfer, &ended);
        bucket.put_manifest(&folder.manifest_summary(), &summary).await?;
        work.go_on(Stage::Ending { number, ended }).await
    }

    fn bucket<'a>(&'a self, work: &'a Work<'_>) -> Bucket<'a> {
        let bucket = Bucket::of(&self.objects, &work.transfer, &work.transfer.bucket);
        if work.transfer.is_by_kms() { bucket.putting_under(&work.task.kms_keys) } else { bucket }
    }

    /// Deletes the copy and what was kept of the files, and tells the end.
    async fn end(&self, work: &mut Work<'_>, number: u32, ended: &Ended) -> Result<Step, Trouble> {
        let copies = self.engine.watch_backups();
        let seen = copies.version();
        if let Some(copy) = self.copy(&work.transfer).await? {
            match self.engine.delete_backup(&copy).await {
                Ok(_) | Err(BackupError::NotFound) => {}
                Err(BackupError::Creating | BackupError::Restoring) => return Ok(Step::Waits(copies, seen)),
                Err(BackupError::Store(error)) => return Err(error.into()),
            }
        }
        let step = work.end(number, ended).await?;
        let Export { id, table, .. } = &work.transfer;
        match &ended.outcome {
            Outcome::Completed { items, .. } => {
                tracing::info!(table = table.name, id, items, "a table is exported")
            }
            Outcome::Failed(Failure { code, message }) => {
                tracing::warn!(table = table.name, id, code, "a table was not exported: {message}");
            }
        }
        Ok(step)
    }
}

/// What was written into a file.
struct Lot {
    /// Behind which key of the copy the next one begins; `None` where there is none.
    last: Option<Vec<u8>>,
    /// What was read.
    totals: Totals,
    /// How many items and changes are in the file.
    items: u64,
    etag: String,
}

/// The filter of an export, where it has one.
fn filter_of(export: &Export) -> Result<Option<Filter>, Trouble> {
    let Some(kept) = &export.filter else { return Ok(None) };
    let filter = Filter::kept(kept);
    filter.map(Some).ok_or_else(|| Trouble::Failed("its filter cannot be read".to_owned()))
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
