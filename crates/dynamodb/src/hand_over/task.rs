//! What one destination's task does: hands over what there is, and waits for more.

use super::batch::Batch;
use super::{Destination, HandOver};
use crate::capacity;
use crate::kinesis_destination;
use engine::feed::{Consumer, ConsumerKind};
use engine::table::{DestinationState, KinesisDestination};
use engine::{AlterError, Table};
use figures::Metric;
use kinesis::{AppendError, Beside, NewRecord, StreamRef};
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::sleep_until;
use store::lease::{Asked, Lease};
use store::{FeedCursor, OldRows, Plan, Position, StoreError};

/// How long records wait whose shard takes nothing now: it takes more the whole time.
const SHARD_PAUSE_MICROS: u64 = 100_000;
/// The first pause after a failure, and the longest.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// How a round ended.
enum Round {
    /// All is handed over up to here.
    UpTo { table: Arc<Table>, read: FeedCursor },
    /// Another server hands over, at least until then.
    HeldUntil(u64),
    /// The destination is gone.
    Gone,
}

/// Why a round was aborted. All of it is tried again.
enum Trouble {
    /// The table was changed, or the lease lost: look again at once.
    Outdated,
    /// The stream is not there.
    NoStream,
    /// A shard of the stream takes nothing before this time.
    Throttled { until_micros: u64 },
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Store(error)
    }
}

/// A destination as one round finds it.
struct Found {
    table: Arc<Table>,
    consumer: Consumer,
    settings: KinesisDestination,
}

impl Found {
    fn stream(&self) -> Result<StreamRef, Trouble> {
        StreamRef::parse(&self.settings.stream_arn).map_err(|_| Trouble::NoStream)
    }
}

impl HandOver {
    pub(super) async fn serve(self, destination: Destination) {
        let watch = self.engine.watch_tables();
        let mut pause = PAUSE_MIN;
        loop {
            let seen = watch.version();
            match self.round(&destination).await {
                Ok(Round::Gone) => return,
                Ok(Round::UpTo { table, read }) => {
                    pause = PAUSE_MIN;
                    tokio::select! {
                        () = self.engine.store().changed(table.feed_id(), read) => {}
                        () = watch.changed(seen) => {}
                    }
                }
                Ok(Round::HeldUntil(until)) => {
                    let now = self.clock.now_micros();
                    let pause = Duration::from_micros(until.saturating_sub(now));
                    let pause = pause.clamp(Duration::from_millis(10), PAUSE_MAX);
                    sleep_until(self.clock.as_ref(), now + pause.as_micros() as u64).await;
                }
                Err(Trouble::Outdated) => {}
                Err(Trouble::Throttled { until_micros }) => {
                    sleep_until(self.clock.as_ref(), until_micros).await;
                }
                Err(trouble) => {
                    trouble.log(&destination);
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Hands over all there is, under a lease. A destination that is being disabled ends with it.
    async fn round(&self, destination: &Destination) -> Result<Round, Trouble> {
        self.engine.refresh().await?;
        let Some(found) = self.find(destination) else { return Ok(Round::Gone) };
        let read = self.read_up_to(&found).await?;
        let is_ending = found.settings.state == DestinationState::Disabling;
        if !is_ending && !self.has_behind(&found.table, read).await? {
            return Ok(Round::UpTo { table: found.table, read });
        }
        let name = format!("kinesis/{:010}/{}", destination.table_id, destination.stream_arn);
        let lease = match self.leases.take(&name).await? {
            Asked::Granted(lease) => lease,
            Asked::HeldUntil(until) => return Ok(Round::HeldUntil(until)),
        };
        let handed = self.hand_over(&found, &lease).await;
        let is_done = matches!(handed, Ok(_) | Err(Trouble::NoStream)); // a stream that is gone is not waited for
        let ended = if is_ending && is_done { self.end(&found).await } else { Ok(()) };
        self.leases.release(lease).await?;
        ended?;
        Ok(Round::UpTo { read: handed?, table: found.table })
    }

    fn find(&self, destination: &Destination) -> Option<Found> {
        let Destination { scope, table_name, table_id, stream_arn } = destination;
        let table = self.engine.table(scope, table_name).filter(|table| table.id == *table_id)?;
        let is_it =
            |consumer: &&Consumer| consumer.kind == ConsumerKind::Kinesis && consumer.id == *stream_arn;
        let consumer = table.consumers.iter().find(is_it)?.clone();
        let settings = table.settings.kinesis.iter().find(|one| one.stream_arn == *stream_arn)?.clone();
        Some(Found { table, consumer, settings })
    }

    /// Behind which record to go on. What was there before the destination is not for it.
    async fn read_up_to(&self, found: &Found) -> Result<FeedCursor, StoreError> {
        let since = FeedCursor::behind(Position(found.settings.since_position));
        Ok(self.engine.acknowledged(&found.table, &found.consumer).await?.max(since))
    }

    async fn has_behind(&self, table: &Table, read: FeedCursor) -> Result<bool, StoreError> {
        let mut has = false;
        let visit = &mut |_: store::FeedRecord<'_>| {
            has = true;
            store::Visit::Stop
        };
        self.engine.store().tail(table.feed_id(), read, 1, visit).await?;
        Ok(has)
    }

    async fn hand_over(&self, found: &Found, lease: &Lease) -> Result<FeedCursor, Trouble> {
        let mut read = self.read_up_to(found).await?; // again: another server may have been here before the lease
        loop {
            let now = self.clock.now_micros();
            let batch = self.batch(found, read, now).await?;
            if batch.read > read {
                self.commit(found, lease, &batch).await?;
                read = batch.read;
            }
            if batch.throttled > 0 {
                let metric = Metric::ThrottledPutRecordCount;
                self.count_waiting(&found.table, metric, batch.throttled);
                return Err(Trouble::Throttled { until_micros: now + SHARD_PAUSE_MICROS });
            }
            if !batch.has_more {
                return Ok(read);
            }
        }
    }

    /// The next records that the stream takes now. One that is not there refuses the commit.
    async fn batch(&self, found: &Found, read: FeedCursor, now_micros: u64) -> Result<Batch, Trouble> {
        let (scope, stream) = (&found.table.scope, found.stream()?);
        let stream = self.streams.find(scope, &stream.name).await?;
        let is_taken = |stream, record: &NewRecord| self.streams.takes(stream, record, now_micros);
        let takes = |record: &NewRecord| stream.as_ref().is_none_or(|stream| is_taken(stream, record));
        let (table, precision) = (&found.table, found.settings.precision);
        Ok(Batch::read(&self.engine, table, precision, read, takes).await?)
    }

    /// The records, and that they are handed over, in one commit.
    async fn commit(&self, found: &Found, lease: &Lease, batch: &Batch) -> Result<(), Trouble> {
        let stream = found.stream()?;
        let acknowledgement = found.table.acknowledgement(&found.consumer, batch.read);
        let now = self.clock.now_micros();
        let plan = &mut |old: &OldRows<'_>| {
            let renewed = lease.check(old.0.first().copied().flatten(), now)?;
            let records = vec![acknowledgement.clone()];
            Some(Plan { rows: renewed.into_iter().collect(), records, ..Plan::default() })
        };
        let beside =
            Beside { keys: lease.key().into_iter().collect(), fences: vec![found.table.fence()], plan };
        let appended =
            self.streams.append_beside(&found.table.scope, &stream.name, &batch.records, beside).await;
        let appended = appended.map(|_| ()).map_err(|error| match error {
            AppendError::Outdated => Trouble::Outdated,
            AppendError::NotFound => Trouble::NoStream,
            AppendError::Refused(never) => match never {},
            AppendError::Store(error) => Trouble::Store(error),
        });
        self.count(&found.table, batch, &appended, now);
        appended
    }

    fn count(&self, table: &Table, batch: &Batch, appended: &Result<(), Trouble>, now_micros: u64) {
        let Some(oldest) = batch.oldest_micros else { return };
        let names = || capacity::names(table);
        match appended {
            Ok(()) => {
                let age_millis = now_micros.saturating_sub(oldest) as f64 / 1_000.0;
                self.figures.handed_over(table.id, table.schema_version, names, (batch.units, age_millis));
            }
            // Read anew at once.
            Err(Trouble::Outdated) => {}
            Err(_) => {
                self.count_waiting(table, Metric::FailedToReplicateRecordCount, batch.records.len());
            }
        }
    }

    fn count_waiting(&self, table: &Table, metric: Metric, records: usize) {
        let names = || capacity::names(table);
        self.figures.not_handed_over(table.id, table.schema_version, names, metric, records);
    }

    /// Nothing is recorded for the destination any more, and all that was is handed over.
    async fn end(&self, found: &Found) -> Result<(), Trouble> {
        let (arn, now) = (&found.settings.stream_arn, self.clock.now_micros());
        let end = |table: &mut Table| kinesis_destination::end(table, arn, now);
        match self.engine.alter_table(&found.table, end).await {
            Ok(_) | Err(AlterError::NotFound) => Ok(()),
            Err(AlterError::Changed) => Err(Trouble::Outdated),
            Err(AlterError::Store(error)) => Err(Trouble::Store(error)),
        }
    }
}

impl Trouble {
    fn log(&self, destination: &Destination) {
        let Destination { table_name, stream_arn, .. } = destination;
        match self {
            Trouble::Outdated | Trouble::Throttled { .. } => {}
            Trouble::NoStream => tracing::warn!("{table_name}: {stream_arn} is not there: its records wait"),
            Trouble::Store(error) => {
                tracing::warn!("{table_name}: nothing is handed over to {stream_arn}: {error}")
            }
        }
    }
}
