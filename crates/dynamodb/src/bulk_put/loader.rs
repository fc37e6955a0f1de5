//! What a server does for bulk operations. An object is read again from its beginning by who goes on with it, and what
//! was done of it is skipped.

use super::document::{BulkPut, Counts, Ended, Outcome, Progress, Report, Stage};
use super::layout;
use super::pace::Pace;
use super::report::{self, Lines};
use crate::errors::write_error;
use crate::input::{BATCH_RECORDS_MAX, Batch, ObjectReader, Place, refusal, stopped_at};
use crate::transfer::manifest::WrittenFile;
use crate::transfer::{
    self, Bucket, Carrier, DataFile, Extent, Failure, Step, Tasks, Transfer, Trouble, refused,
};
use engine::meter::write_units;
use engine::{Action, Engine, IndexKind, Refusal, Table, Write, WriteError, Written};
use s3::Objects;
use std::sync::Arc;
use stdx::Clock;

/// Objects of an operation at most.
pub const OBJECTS_MAX: usize = 50_000;
/// Records after which it is kept how far an operation is, and bytes of reports.
const KEPT_EACH: u64 = 2_000;
const REPORT_BYTES_MAX: usize = 1 << 20;
/// What no key of an object of an operation has behind its folder.
const BEHIND: &str = "\u{10ffff}";
/// How long an operation may wait for its pace without keeping its lease.
const WAIT_MICROS: u64 = 4_000_000;

/// Does what bulk operations are made of, on one server.
#[derive(Clone)]
pub struct BulkLoader {
    engine: Engine,
    objects: Objects,
    tasks: Tasks<BulkPut>,
}

type Work<'a> = transfer::Work<'a, BulkPut>;

/// An operation that reads objects.
struct Load {
    progress: Progress,
    lines: Vec<Lines>,
    pace: Pace,
    /// Records that were read since it was kept how far the operation is.
    not_kept: u64,
    /// How many records that are read next may have been put before, by who did not come to keep that.
    may_be_done: u64,
}

impl Carrier for BulkLoader {
    type Of = BulkPut;

    fn tasks(&self) -> &Tasks<BulkPut> {
        &self.tasks
    }

    async fn step(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        match work.task.stage.clone() {
            Stage::New => self.begin(work).await,
            Stage::Reading(progress) => Box::pin(self.load(work, progress)).await,
            Stage::Manifests(ended) => self.put_manifests(work, ended).await,
            Stage::Ending(ended) => end(work, &ended).await,
        }
    }

    fn refuse(&self, work: &Work<'_>, failure: Failure) -> Stage {
        let progress = work.task.stage.progress();
        let outcome = Outcome::Failed(stopped_at(failure, progress.place.as_ref()));
        Stage::Ending(self.ended(work, outcome))
    }
}

impl BulkLoader {
    /// Into the tables of an engine from the buckets on the same store; the owner of leases is a number that no other
    /// server has.
    pub fn new(engine: Engine, objects: Objects, clock: Arc<dyn Clock>, owner: u64) -> BulkLoader {
        let tasks = Tasks::of(engine.shared_store(), clock, owner);
        BulkLoader { engine, objects, tasks }
    }

    /// Works on all bulk operations that are ordered.
    pub async fn run(self) {
        transfer::run(self).await;
    }

    /// Looks for the buckets, and how much there is to read.
    async fn begin(&self, work: &mut Work<'_>) -> Result<Step, Trouble> {
        work.check_rights()?;
        let bulk = &work.transfer;
        let (input, output) = (self.input(work), self.output(work));
        input.check().await?;
        output.put(&layout::of(bulk).started(), "binary/octet-stream", b"").await?;
        let total_bytes = Some(total_bytes(&input, bulk.input.prefix.as_deref()).await?);
        work.go_on(Stage::Reading(Progress { total_bytes, ..Progress::default() })).await
    }

    /// Reads objects until there are no more, or the operation is cancelled.
    async fn load(&self, work: &mut Work<'_>, progress: Progress) -> Result<Step, Trouble> {
        let pace = Pace::of(work.transfer.units_per_second, self.tasks.now_micros());
        let lines = Lines::of(&work.transfer);
        let may_be_done = if work.is_resumed { KEPT_EACH + BATCH_RECORDS_MAX } else { 0 };
        let mut load = Load { progress, lines, pace, not_kept: 0, may_be_done };
        let outcome = loop {
            if work.transfer.is_cancelled {
                break Outcome::Cancelled;
            }
            let bulk = &work.transfer;
            let (input, place) = (self.input(work), load.progress.place.clone());
            let Some(place) = Place::next(place, &input, bulk.input.prefix.as_deref()).await? else {
                break Outcome::Completed;
            };
            let own = layout::of(bulk).key("");
            if place.key.starts_with(&own) {
                load.progress.place = Some(Place { key: own + BEHIND, records: 0, is_done: true });
                continue;
            }
            let object = input.open(&place.key).await?;
            load.progress.place = Some(place);
            Box::pin(self.load_object(work, &mut load, object)).await?;
        };
        self.keep(work, &mut load).await?;
        let ended = self.ended(work, outcome);
        work.go_on(Stage::Manifests(ended)).await
    }

    /// Reads an object, or what is left of it, unless the operation is cancelled meanwhile.
    async fn load_object(
        &self,
        work: &mut Work<'_>,
        load: &mut Load,
        object: s3::Download,
    ) -> Result<(), Trouble> {
        let table = self.table(&work.transfer).await?;
        let skipped = load.progress.place.as_ref().map_or(0, |place| place.records);
        let mut object = ObjectReader::begin(object, work.transfer.input(), &table, skipped);
        while let Some(batch) = object.next().await? {
            self.put(&work.transfer, &table, load, batch).await?;
            let is_large = load.lines.iter().any(|lines| lines.bytes() >= REPORT_BYTES_MAX);
            if load.not_kept >= KEPT_EACH || is_large {
                self.keep(work, load).await?;
            }
            self.keep_pace(work, load).await?;
            if work.transfer.is_cancelled {
                break;
            }
        }
        Ok(())
    }

    /// The table of an operation, while it is there.
    async fn table(&self, bulk: &BulkPut) -> Result<Arc<Table>, Trouble> {
        let found = self.engine.find_table(&bulk.scope(), &bulk.table_name).await?;
        found.filter(|table| table.uuid == bulk.table_uuid).ok_or_else(table_gone)
    }

    /// Puts a batch, and counts and reports what came of it.
    async fn put(&self, bulk: &BulkPut, table: &Table, load: &mut Load, batch: Batch) -> Result<(), Trouble> {
        let Batch { writes, places, errors, records, bytes, is_end, .. } = batch;
        let written = self.engine.write_each(&writes).await;
        for ((record, (_, write)), written) in places.into_iter().zip(&writes).zip(written) {
            match written {
                Ok(written) => load.put(table, &written),
                Err(error) => match refusal(error, table_gone)? {
                    Refusal::ConditionFailed { old, .. } => {
                        load.condition_failed(bulk, record, write, old.as_ref());
                    }
                    refusal => {
                        let error = write_error(WriteError::Refused(refusal)).message.unwrap_or_default();
                        load.failed(bulk, record, &error);
                    }
                },
            }
        }
        for (record, error) in errors {
            load.failed(bulk, record, &error);
        }
        load.progress.counts.bytes += bytes;
        if let Some(place) = &mut load.progress.place {
            (place.records, place.is_done) = (records, is_end);
        }
        Ok(())
    }

    /// Puts the reports into the bucket, and keeps that and how far the operation is.
    async fn keep(&self, work: &mut Work<'_>, load: &mut Load) -> Result<(), Trouble> {
        let output = self.output(work);
        let mut files = Vec::new();
        for lines in load.lines.iter_mut().filter(|lines| lines.count > 0) {
            let (kind, number) = (lines.kind, load.progress.files);
            let key = layout::report_key(&work.transfer, kind, number);
            let (items, text) = lines.take();
            let stored = DataFile::begin(&output, &key).await?.write(text).await?.finish().await?;
            files.push((number, Report { kind, file: WrittenFile { key, items, etag: stored.etag } }));
            load.progress.files += 1;
        }
        work.task.stage = Stage::Reading(load.progress.clone());
        work.keep(&files).await?;
        load.not_kept = 0;
        work.refresh().await
    }

    /// Waits until more may be written; long waits keep the lease, and end where the operation is cancelled.
    async fn keep_pace(&self, work: &mut Work<'_>, load: &mut Load) -> Result<(), Trouble> {
        loop {
            let now = self.tasks.now_micros();
            let due = load.pace.due_micros(now);
            if due == now || work.transfer.is_cancelled {
                return Ok(());
            }
            self.tasks.sleep_until(due.min(now + WAIT_MICROS)).await;
            self.keep(work, load).await?;
        }
    }

    async fn put_manifests(&self, work: &mut Work<'_>, ended: Ended) -> Result<Step, Trouble> {
        let bulk = &work.transfer;
        let (output, folder) = (self.output(work), layout::of(bulk));
        let reports = work.files(ended.progress.files).await?;
        output.put_manifest(&folder.manifest_files(), &layout::reports(&reports)).await?;
        output.put_manifest(&folder.manifest_summary(), &layout::summary(bulk, &ended)).await?;
        work.go_on(Stage::Ending(ended)).await
    }

    fn ended(&self, work: &Work<'_>, outcome: Outcome) -> Ended {
        Ended { at_micros: self.tasks.now_micros(), outcome, progress: work.task.stage.progress() }
    }

    fn input<'a>(&'a self, work: &'a Work<'_>) -> Bucket<'a> {
        let (bulk, (_, keys)) = (&work.transfer, keys(work));
        Bucket::of(&self.objects, bulk, &bulk.input.bucket).opening_with(keys)
    }

    fn output<'a>(&'a self, work: &'a Work<'_>) -> Bucket<'a> {
        let (bulk, (key, _)) = (&work.transfer, keys(work));
        let bucket = Bucket::of(&self.objects, bulk, &bulk.output.bucket);
        if bulk.is_by_kms() { bucket.putting_under(key) } else { bucket }
    }
}

/// The key of KMS that reports are put under, and those that objects are read with.
fn keys<'a>(work: &'a Work<'_>) -> (&'a [String], &'a [String]) {
    let keys = &work.task.kms_keys[..];
    keys.split_at(usize::from(work.transfer.is_by_kms()).min(keys.len()))
}

impl Load {
    fn read(&mut self) -> &mut Counts {
        self.not_kept += 1;
        self.may_be_done = self.may_be_done.saturating_sub(1);
        self.progress.counts.processed += 1;
        &mut self.progress.counts
    }

    fn put(&mut self, table: &Table, written: &Written) {
        let units = write_units(written.old_size_bytes, written.new_size_bytes) as u64;
        self.read().table_units += units;
        self.pace.add(units);
        for cost in written.index_costs.iter().filter(|cost| cost.units > 0) {
            let Some(index) = table.indexes.get(cost.index) else { continue };
            let counts = &mut self.progress.counts;
            let units = match index.kind {
                IndexKind::Local => &mut counts.local_index_units,
                IndexKind::Global => &mut counts.global_index_units,
            };
            *units.entry(index.name.clone()).or_default() += cost.units;
            self.pace.add(cost.units);
        }
    }

    fn failed(&mut self, bulk: &BulkPut, record: u64, error: &str) {
        self.read().failed += 1;
        let key = self.key();
        self.tell(super::ReportKind::Error, || report::error(bulk, &key, record, error));
    }

    /// Of what may have been put before, a condition that fails on the very item held then.
    fn condition_failed(
        &mut self,
        bulk: &BulkPut,
        record: u64,
        write: &Write,
        existing: Option<&types::Item>,
    ) {
        let Action::Put(item) = write.action() else { return };
        let is_done = self.may_be_done > 0 && existing == Some(item);
        self.read().conditions_failed += u64::from(!is_done);
        if !is_done {
            let key = self.key();
            let line = || report::condition_failure(bulk, &key, record, item, existing);
            self.tell(super::ReportKind::ConditionCheckFailure, line);
        }
    }

    fn tell(&mut self, kind: super::ReportKind, line: impl FnOnce() -> transfer::manifest::Json) {
        if let Some(lines) = self.lines.iter_mut().find(|lines| lines.kind == kind) {
            lines.add(line());
        }
    }

    /// The object that is being read.
    fn key(&self) -> String {
        self.progress.place.as_ref().map(|place| place.key.clone()).unwrap_or_default()
    }
}

/// The size of all objects with a prefix.
async fn total_bytes(input: &Bucket<'_>, prefix: Option<&str>) -> Result<u64, Trouble> {
    let judge = |extent: Extent| match extent.objects > OBJECTS_MAX {
        true => {
            let text = format!("The input has more than {OBJECTS_MAX} objects");
            Err(refused("InputObjectLimitExceeded", &text))
        }
        false => Ok(()),
    };
    Ok(transfer::extent(input, prefix, judge).await?.bytes)
}

/// Tells the end.
async fn end(work: &Work<'_>, ended: &Ended) -> Result<Step, Trouble> {
    let step = work.end(ended.progress.files, ended).await?;
    let BulkPut { id, table_name: table, .. } = &work.transfer;
    let Counts { processed, failed, .. } = ended.progress.counts;
    match &ended.outcome {
        Outcome::Completed => tracing::info!(table, id, processed, failed, "a bulk operation has ended"),
        Outcome::Cancelled => tracing::info!(table, id, processed, failed, "a bulk operation was cancelled"),
        Outcome::Failed(Failure { code, message }) => {
            tracing::warn!(table, id, processed, failed, code, "a bulk operation has failed: {message}");
        }
    }
    Ok(step)
}

fn table_gone() -> Trouble {
    refused("TableNotFound", "The table was deleted while items were put into it")
}

impl std::fmt::Debug for BulkLoader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BulkLoader").field("engine", &self.engine).finish_non_exhaustive()
    }
}
