//! What one commit writes, in the form that is shared by overlay, log and trees: rows are reference-counted
//! once, on the thread of the writer.

use crate::log::operation::{self, Operation, TIME_BYTES};
use crate::log::record;
use crate::trees::feed_record::Place;
use crate::trees::feed_trim::{self, NO_MARK, TrimMarks};
use crate::trees::{Bytes, KEY_BYTES_MAX};
use std::collections::HashMap;
use store::{FeedId, Plan, StoreError};

/// A plan without its fences, or one of the store's own writes.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<(Bytes, Option<Bytes>)>,
    pub(crate) feed: Vec<FeedWrite>,
    pub(crate) counters: Vec<(u64, i64)>,
    pub(crate) records: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    pub(crate) drop_range: Option<Vec<u8>>,
    pub(crate) finish_drop: Option<u64>,
    pub(crate) trim: Option<(u64, Place)>,
    /// Marks of feeds that hide no record any more.
    pub(crate) forget_marks: Vec<(u64, Place)>,
}

/// A record to append.
pub(crate) struct FeedWrite {
    pub(crate) feed: u64,
    /// Which of the commit's records in this feed.
    pub(crate) index: u32,
    pub(crate) bytes: Vec<u8>,
}

/// Numbers the records of each feed.
fn numbered(records: Vec<(FeedId, Vec<u8>)>) -> Vec<FeedWrite> {
    let mut next: HashMap<u64, u32> = HashMap::new();
    let number = |(FeedId(feed), bytes)| {
        let next = next.entry(feed).or_default();
        *next += 1;
        FeedWrite { feed, index: *next - 1, bytes }
    };
    records.into_iter().map(number).collect()
}

/// Records that come first in the log's framing would overflow a length beyond this.
const BYTES_MAX: usize = 1 << 30;

impl Batch {
    /// Takes a plan's writes. Refuses what the trees or the log cannot hold.
    pub(crate) fn of(plan: Plan) -> Result<Self, StoreError> {
        let rows = plan.rows.into_iter().map(|w| (Bytes::from(w.key), w.row.map(Bytes::from))).collect();
        let batch = Self {
            rows,
            feed: numbered(plan.feed),
            counters: plan.counters.into_iter().map(|(counter, delta)| (counter.0, delta)).collect(),
            records: plan.records.into_iter().map(|w| (w.key, w.document)).collect(),
            ..Self::default()
        };
        let rows = batch.rows.iter().map(|(key, _)| key.len());
        let records = batch.records.iter().map(|(key, _)| key.len() + 1);
        if let Some(bytes) = rows.chain(records).find(|bytes| !(1..=KEY_BYTES_MAX).contains(bytes)) {
            return Err(StoreError::Unavailable(format!("a key of {bytes} bytes cannot be stored")));
        }
        match batch.record_bytes() {
            bytes if bytes > BYTES_MAX => {
                Err(StoreError::Unavailable(format!("a commit of {bytes} bytes cannot be stored")))
            }
            _ => Ok(batch),
        }
    }

    /// Whether it writes nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        let own = self.drop_range.is_none()
            && self.finish_drop.is_none()
            && self.trim.is_none()
            && self.forget_marks.is_empty();
        let lists = self.rows.is_empty() && self.feed.is_empty();
        own && lists && self.counters.is_empty() && self.records.is_empty()
    }

    pub(crate) fn drop_range(prefix: &[u8]) -> Self {
        Self { drop_range: Some(prefix.to_vec()), ..Self::default() }
    }

    pub(crate) fn finish_drop(position: u64) -> Self {
        Self { finish_drop: Some(position), ..Self::default() }
    }

    pub(crate) fn trim(feed: u64, up_to: Place) -> Self {
        Self { trim: Some((feed, up_to)), ..Self::default() }
    }

    pub(crate) fn forget_marks(marks: &[(u64, Place)]) -> Self {
        Self { forget_marks: marks.to_vec(), ..Self::default() }
    }

    /// Keeps marks as they are meant to move: forward only, and forgotten only if no trim came between. Called in the
    /// order of commits; `moved` are the marks of the commits that are not published yet.
    pub(crate) fn order_marks(&mut self, marks: &TrimMarks, moved: &mut HashMap<u64, Place>) {
        let newest = |moved: &HashMap<u64, Place>, feed| moved.get(&feed).copied().unwrap_or(marks.of(feed));
        if let Some((feed, up_to)) = &mut self.trim {
            *up_to = newest(moved, *feed).max(*up_to);
            moved.insert(*feed, *up_to);
        }
        self.forget_marks.retain(|&(feed, mark)| newest(moved, feed) == mark);
    }

    /// Bytes of its record in the log, at most.
    pub(crate) fn record_bytes(&self) -> usize {
        let size = operation::size_bytes;
        let rows = self.rows.iter().map(|(key, row)| size(key.len(), row.as_ref().map_or(0, |r| r.len())));
        let feed = self.feed.iter().map(|record| size(12, record.bytes.len()));
        let records = self.records.iter().map(|(key, doc)| size(key.len(), doc.as_ref().map_or(0, Vec::len)));
        let others = self.counters.len() * size(8, 8)
            + self.drop_range.as_ref().map_or(0, |prefix| size(prefix.len(), 0))
            + self.finish_drop.map_or(0, |_| size(8, 0))
            + (self.forget_marks.len() + usize::from(self.trim.is_some())) * size(8, feed_trim::MARK_BYTES);
        record::size_bytes(TIME_BYTES + rows.chain(feed).chain(records).sum::<usize>() + others)
    }

    /// Its operations, in the order of the log; `values` are the counters' values after it.
    pub(crate) fn operations<'a>(&'a self, values: &'a [(u64, i64)]) -> impl Iterator<Item = Operation<'a>> {
        let rows = self.rows.iter().map(|(key, row)| match row {
            Some(row) => Operation::PutRow { key, row },
            None => Operation::DeleteRow { key },
        });
        let feed = self.feed.iter().map(|FeedWrite { feed, index, bytes }| Operation::AppendFeed {
            feed: *feed,
            index: *index,
            bytes,
        });
        let counters = values.iter().map(|&(counter, value)| Operation::SetCounter { counter, value });
        let records = self.records.iter().map(|(key, document)| match document {
            Some(document) => Operation::PutRecord { key, document },
            None => Operation::DeleteRecord { key },
        });
        let drop = self.drop_range.iter().map(|prefix| Operation::DropRange { prefix });
        let finish = self.finish_drop.iter().map(|&position| Operation::FinishDrop { position });
        let trim = self.trim.iter().map(|&(feed, up_to)| Operation::Trim { feed, up_to });
        let forget = self.forget_marks.iter().map(|&(feed, _)| Operation::Trim { feed, up_to: NO_MARK });
        rows.chain(feed).chain(counters).chain(records).chain(drop).chain(finish).chain(trim).chain(forget)
    }
}
