//! The next records of a table's feed, as records of a stream.

use super::record::record;
use engine::feed::{Boundary, ChangeRecord};
use engine::table::TimePrecision;
use engine::{Engine, Table};
use kinesis::NewRecord;
use store::{FeedCursor, FeedRecord, StoreError, Visit};

/// Records of one commit.
const RECORDS_MAX: usize = 500;
/// Their bytes; one record may be larger.
const BYTES_MAX: usize = 4 << 20;
/// What a unit of change data capture covers of a record.
const UNIT_BYTES: usize = 1_024;

/// What one commit hands over.
#[derive(Debug)]
pub(super) struct Batch {
    /// The records.
    pub(super) records: Vec<NewRecord>,
    /// Behind the last record of the feed that is done with it.
    pub(super) read: FeedCursor,
    /// Whether the feed may have more.
    pub(super) has_more: bool,
    /// Units of change data capture.
    pub(super) units: u64,
    /// When the oldest of the records was written.
    pub(super) oldest_micros: Option<u64>,
    /// How many more were read that have to wait, because the shard of the first of them takes nothing now.
    pub(super) throttled: usize,
    bytes: usize,
}

impl Batch {
    /// Reads behind a cursor, as far as the stream takes the records.
    pub(super) async fn read(
        engine: &Engine,
        table: &Table,
        precision: Option<TimePrecision>,
        after: FeedCursor,
        mut takes: impl FnMut(&NewRecord) -> bool + Send,
    ) -> Result<Batch, StoreError> {
        let mut batch = Batch {
            records: Vec::new(),
            read: after,
            has_more: false,
            units: 0,
            oldest_micros: None,
            throttled: 0,
            bytes: 0,
        };
        let mut fault = Ok(());
        let mut visited = 0;
        let mut visit = |found: FeedRecord<'_>| {
            visited += 1;
            match converted(table, found, precision) {
                Ok(Some(record)) if !batch.has_room_for(&record) => batch.has_more = true,
                Ok(record) if batch.throttled > 0 => batch.throttled += usize::from(record.is_some()),
                Ok(Some(record)) if !takes(&record) => batch.throttled = 1,
                Ok(record) => batch.take(found.cursor(), found.stamp.time_micros, record),
                Err(error) => fault = Err(error),
            }
            if batch.has_more || fault.is_err() { Visit::Stop } else { Visit::Continue }
        };
        engine.store().tail(table.feed_id(), after, RECORDS_MAX, &mut visit).await?;
        fault?;
        batch.has_more |= visited == RECORDS_MAX || batch.throttled > 0;
        Ok(batch)
    }

    fn has_room_for(&self, record: &NewRecord) -> bool {
        self.records.is_empty() || self.bytes + record.data.len() <= BYTES_MAX
    }

    fn take(&mut self, place: FeedCursor, at_micros: u64, record: Option<NewRecord>) {
        if let Some(record) = record {
            self.bytes += record.data.len();
            self.units += record.data.len().div_ceil(UNIT_BYTES) as u64;
            self.oldest_micros.get_or_insert(at_micros);
            self.records.push(record);
        }
        self.read = place;
    }
}

/// `None` for what is no change, or was recorded before there was a destination: then an image is missing.
fn converted(
    table: &Table,
    found: FeedRecord<'_>,
    precision: Option<TimePrecision>,
) -> Result<Option<NewRecord>, StoreError> {
    if Boundary::read(found.bytes)?.is_some() {
        return Ok(None);
    }
    let change = ChangeRecord::read(found.bytes)?;
    let is_whole = change.existed == change.old.is_some() && change.exists == change.new.is_some();
    Ok(is_whole.then(|| record(table, &change, found.cursor(), found.stamp.time_micros, precision)))
}
