//! Reading the records of a lane: those of its keys in a shard, past the mapping's filters.

mod kinesis_shard;
mod page_filling;
mod table_shard;

use crate::lane::{Page, Wanted};
use crate::mapping::Mapping;
use crate::mappings::LaneId;
use crate::pattern::Pattern;
use crate::place::Place;
use crate::source::{Source, Sources};
use kinesis_shard::KinesisShard;
use std::sync::Arc;
use store::{FeedCursor, Position, StoreError};
use table_shard::TableShard;

/// Reads the records of one lane.
pub(crate) enum Reader {
    Table(TableShard),
    Kinesis(KinesisShard),
}

/// Why nothing was read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The stream is gone; it may come again under its name.
    SourceGone,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        ReadError::Store(error)
    }
}

/// Which records of a shard are the lane's.
pub(crate) struct Selection {
    pub(crate) lane: LaneId,
    pub(crate) patterns: Arc<[Pattern]>,
}

impl Selection {
    /// Records of a key are in one lane.
    fn has(&self, key: &[u8]) -> bool {
        self.lane.of == 1 || crc32fast::hash(key) % self.lane.of == self.lane.lane
    }
}

impl Reader {
    /// Of a lane of a mapping, whose stream was found.
    pub(crate) fn new(sources: &Sources, source: &Source, mapping: &Mapping, selection: Selection) -> Reader {
        let arn = mapping.event_source_arn.clone();
        match source {
            Source::DynamoDb(stream) => {
                let (engine, stream) = (sources.engine.clone(), Arc::clone(stream));
                Reader::Table(TableShard { engine, stream, arn, selection })
            }
            Source::Kinesis(_) => Reader::Kinesis(KinesisShard::new(sources, mapping, selection)),
        }
    }

    /// Records behind a place, perhaps none. A shard that is gone has been read to its end, and records that have
    /// become too old are passed over.
    pub(crate) async fn read(&self, wanted: Wanted, now_micros: u64) -> Result<Page, ReadError> {
        match self {
            Reader::Table(shard) => Ok(shard.read(wanted).await?),
            Reader::Kinesis(shard) => shard.read(wanted, now_micros).await,
        }
    }

    /// Resolves when there is something behind a place, of this lane or another, or the shard may have ended.
    pub(crate) async fn changed(&self, after: Place) {
        match self {
            Reader::Table(shard) => shard.changed(after).await,
            Reader::Kinesis(shard) => shard.changed(after).await,
        }
    }
}

pub(crate) fn place(cursor: FeedCursor) -> Place {
    Place { position: cursor.position.0, index: cursor.index }
}

pub(crate) fn cursor(place: Place) -> FeedCursor {
    FeedCursor { position: Position(place.position), index: place.index }
}
