//! Reading the records of a lane: those of its keys in a shard of a DynamoDB stream, past the mapping's filters.

use crate::dynamodb_event;
use crate::lane::{Page, Record, Wanted};
use crate::mappings::LaneId;
use crate::pattern::Pattern;
use crate::place::Place;
use dynamodb::sequence_number;
use engine::Engine;
use engine::stream::{ReadFrom, ShardReadError, Stream, StreamRecord};
use std::sync::Arc;
use store::{FeedCursor, Position, StoreError};

/// Reads the records of one lane.
pub(crate) struct Reader {
    pub(crate) engine: Engine,
    pub(crate) stream: Arc<Stream>,
    pub(crate) stream_arn: String,
    pub(crate) lane: LaneId,
    pub(crate) patterns: Arc<[Pattern]>,
}

impl Reader {
    /// Records behind a place, perhaps none. A shard that is gone has been read to its end, and records that have
    /// become too old are passed over.
    pub(crate) async fn read(&self, wanted: Wanted) -> Result<Page, StoreError> {
        let newest = place(FeedCursor::behind(self.engine.store().durable().position));
        let from = ReadFrom { after: cursor(wanted.after), skips_trimmed: true };
        let mut page = Page { read_to: wanted.after, ..Page::default() };
        let mut bytes = 0;
        let take = &mut |stream: &Stream, record: StreamRecord<'_>| {
            self.take(&mut page, &mut bytes, wanted, stream, record)
        };
        match self.engine.read_shard(&self.stream, &self.lane.shard, from, take).await {
            Ok(read) => match read.next {
                Some(next) => page.read_to = page.read_to.max(place(next.after)),
                None => page.is_end = true,
            },
            Err(ShardReadError::NotFound) => page.is_end = true,
            Err(ShardReadError::Trimmed) => {} // a record became too old on the way: the next reading passes over it
            Err(ShardReadError::Store(error)) => return Err(error),
        }
        page.is_caught_up = page.is_end || page.read_to >= newest;
        Ok(page)
    }

    /// Resolves when there is something behind a place, of this lane or another.
    pub(crate) async fn changed(&self, after: Place) {
        self.engine.stream_changed(&self.stream, cursor(after)).await;
    }

    /// False: the page is full, and the record begins the next one.
    fn take(
        &self,
        page: &mut Page,
        bytes: &mut usize,
        wanted: Wanted,
        stream: &Stream,
        record: StreamRecord<'_>,
    ) -> bool {
        if page.records.len() == wanted.records_max {
            return false;
        }
        if !self.is_of_lane(&record) {
            return true;
        }
        let mut json = Vec::with_capacity(512);
        dynamodb_event::write(stream, &self.stream_arn, record, &mut json);
        if self.wants(&json) {
            *bytes += json.len() + 1;
            if *bytes > wanted.bytes_max && !page.records.is_empty() {
                return false;
            }
            page.records.push(Record {
                place: place(record.place),
                sequence_number: sequence_number::of_record(record.place),
                arrived_micros: record.time_micros,
                json,
            });
        }
        page.seen += 1;
        page.read_to = place(record.place);
        true
    }

    /// Records of an item are in one lane.
    fn is_of_lane(&self, record: &StreamRecord<'_>) -> bool {
        self.lane.of == 1 || crc32fast::hash(record.change.key.as_bytes()) % self.lane.of == self.lane.lane
    }

    fn wants(&self, json: &[u8]) -> bool {
        if self.patterns.is_empty() {
            return true;
        }
        let record = serde_json::from_slice(json).expect("what was just written is JSON");
        self.patterns.iter().any(|pattern| pattern.matches(&record))
    }
}

fn place(cursor: FeedCursor) -> Place {
    Place { position: cursor.position.0, index: cursor.index }
}

fn cursor(place: Place) -> FeedCursor {
    FeedCursor { position: Position(place.position), index: place.index }
}

/// The place behind everything that has been written so far.
pub fn newest(engine: &Engine) -> Place {
    place(FeedCursor::behind(engine.store().durable().position))
}
