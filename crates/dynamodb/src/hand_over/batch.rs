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

/// What one commit hands over.
#[derive(Debug)]
pub(super) struct Batch {
    /// The records.
    pub(super) records: Vec<NewRecord>,
    /// Behind the last record of the feed that is done with it.
    pub(super) read: FeedCursor,
    /// Whether the feed may have more.
    pub(super) has_more: bool,
    bytes: usize,
}

impl Batch {
    /// Reads behind a cursor.
    pub(super) async fn read(
        engine: &Engine,
        table: &Table,
        precision: Option<TimePrecision>,
        after: FeedCursor,
    ) -> Result<Batch, StoreError> {
        let mut batch = Batch { records: Vec::new(), read: after, has_more: false, bytes: 0 };
        let mut fault = Ok(());
        let mut visited = 0;
        let mut visit = |found: FeedRecord<'_>| {
            visited += 1;
            match converted(table, found, precision) {
                Ok(Some(record)) if !batch.has_room_for(&record) => batch.has_more = true,
                Ok(record) => batch.take(found.cursor(), record),
                Err(error) => fault = Err(error),
            }
            if batch.has_more || fault.is_err() { Visit::Stop } else { Visit::Continue }
        };
        engine.store().tail(table.feed_id(), after, RECORDS_MAX, &mut visit).await?;
        fault?;
        batch.has_more |= visited == RECORDS_MAX;
        Ok(batch)
    }

    fn has_room_for(&self, record: &NewRecord) -> bool {
        self.records.is_empty() || self.bytes + record.data.len() <= BYTES_MAX
    }

    fn take(&mut self, place: FeedCursor, record: Option<NewRecord>) {
        self.bytes += record.as_ref().map_or(0, |record| record.data.len());
        self.records.extend(record);
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
