//! Reading the records of a shard, as long as they are kept.

use super::Streams;
use crate::record::Record;
use crate::stream::{Shard, Stream};
use store::{FeedCursor, FeedRecord, StoreError, Visit};

/// Records that one call looks at.
const VISITED_MAX: usize = 20_000;

/// A record as it is read.
#[derive(Debug, Clone, Copy)]
pub struct ReadRecord<'a> {
    /// What was put.
    pub record: Record<'a>,
    /// The place behind it.
    pub place: FeedCursor,
    /// When it arrived, in microseconds since the Unix epoch.
    pub time_micros: u64,
}

/// What became of reading a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Where to go on; `None` once a closed shard has been read to its end.
    pub next: Option<FeedCursor>,
    /// How old the last record that was taken is, if there is one behind it; otherwise 0.
    pub behind_micros: u64,
}

/// Why a shard was not read.
pub type ReadError = StoreError;

/// Takes a record, unless the page is full.
pub type TakeRecord<'a> = dyn FnMut(ReadRecord<'_>) -> bool + Send + 'a;

impl Streams {
    /// Lends the records of a shard behind a place, in order, until one is not taken. What is older than the retention
    /// is passed over. `shard` is of `stream`, which was read before this call: a closed shard gets no record any more.
    pub async fn read(
        &self,
        stream: &Stream,
        shard: &Shard,
        after: FeedCursor,
        now_micros: u64,
        take: &mut TakeRecord<'_>,
    ) -> Result<Page, ReadError> {
        let horizon = stream.horizon_micros(now_micros);
        let (mut next, mut last_micros) = (after, now_micros);
        let (mut visited, mut ended) = (0, Ok(false));
        let mut visit = |found: FeedRecord<'_>| {
            visited += 1;
            if found.stamp.time_micros > horizon {
                let (place, time_micros) = (found.cursor(), found.stamp.time_micros);
                match Record::read(found.bytes) {
                    Ok(record) if take(ReadRecord { record, place, time_micros }) => {
                        last_micros = time_micros
                    }
                    Ok(_) => ended = Ok(true),
                    Err(error) => ended = Err(error),
                }
                if !matches!(ended, Ok(false)) {
                    return Visit::Stop;
                }
            }
            next = found.cursor();
            Visit::Continue
        };
        self.store().tail(shard.feed(), after, VISITED_MAX, &mut visit).await?;
        let is_behind = ended? || visited == VISITED_MAX;
        let at_end = !is_behind && !shard.is_open();
        Ok(Page {
            next: (!at_end).then_some(next),
            behind_micros: if is_behind { now_micros.saturating_sub(last_micros) } else { 0 },
        })
    }

    /// The place before the first record of a shard that arrived at a time or later.
    pub async fn place_at(&self, shard: &Shard, time_micros: u64) -> Result<FeedCursor, StoreError> {
        store::place_at(self.store(), shard.feed(), time_micros).await
    }
}
