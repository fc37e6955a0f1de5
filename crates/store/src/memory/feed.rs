//! Feeds: records in the order of their commits, and the waits for the next.

use crate::contract::{FeedCursor, FeedId, FeedRecord, Position, Stamp, Visit};
use parking_lot::{RwLock, RwLockWriteGuard};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::watch;

const PAGE_RECORDS: usize = 256;

/// All feeds. One is made when it is first named.
#[derive(Debug, Default)]
pub(super) struct Feeds(RwLock<HashMap<FeedId, Arc<Feed>>>);

/// One feed.
#[derive(Debug)]
pub(super) struct Feed {
    records: RwLock<VecDeque<Record>>,
    /// The place behind the newest record that is still there; the start without one.
    newest: watch::Sender<FeedCursor>,
}

#[derive(Debug, Clone)]
struct Record {
    stamp: Stamp,
    index: u32,
    bytes: Arc<[u8]>,
}

impl Record {
    fn cursor(&self) -> FeedCursor {
        FeedCursor { position: self.stamp.position, index: self.index }
    }
}

impl Feeds {
    pub(super) fn feed(&self, feed: FeedId) -> Arc<Feed> {
        if let Some(feed) = self.0.read().get(&feed) {
            return Arc::clone(feed);
        }
        Arc::clone(self.0.write().entry(feed).or_insert_with(|| Arc::new(Feed::new())))
    }

    /// Appends one commit's records, and calls `publish` before they are visible.
    pub(super) fn append(&self, stamp: Stamp, records: Vec<(FeedId, Vec<u8>)>, publish: impl FnOnce()) {
        if records.is_empty() {
            return publish();
        }
        let feeds: BTreeMap<FeedId, Arc<Feed>> =
            records.iter().map(|(id, _)| (*id, self.feed(*id))).collect();
        let mut locked: BTreeMap<_, _> =
            feeds.iter().map(|(id, feed)| (*id, (feed.records.write(), 0))).collect();
        for (id, bytes) in records {
            let (feed, index) = locked.get_mut(&id).expect("every feed of the commit was locked");
            feed.push_back(Record { stamp, index: *index, bytes: bytes.into() });
            *index += 1;
        }
        publish();
        for (id, (records, _)) in locked {
            feeds[&id].announce(records);
        }
    }
}

impl Feed {
    fn new() -> Self {
        Self { records: RwLock::default(), newest: watch::Sender::new(FeedCursor::START) }
    }

    fn announce(&self, records: RwLockWriteGuard<'_, VecDeque<Record>>) {
        self.newest.send_replace(records.back().map_or(FeedCursor::START, Record::cursor));
    }

    /// The value of `seen` while no commit is between its record here and its publication.
    pub(super) fn with<T>(&self, seen: impl FnOnce() -> T) -> T {
        let _records = self.records.read();
        seen()
    }

    /// Visits records behind a cursor and up to a position, without a lock held.
    pub(super) fn visit(
        &self,
        after: FeedCursor,
        up_to: Position,
        limit: usize,
        visit: &mut dyn FnMut(FeedRecord<'_>) -> Visit,
    ) {
        let mut cursor = after;
        let mut left = limit;
        while left > 0 {
            let page = self.page(cursor, up_to, left.min(PAGE_RECORDS));
            let Some(last) = page.last() else { return };
            cursor = last.cursor();
            left -= page.len();
            for Record { stamp, index, bytes } in &page {
                if visit(FeedRecord { stamp: *stamp, index: *index, bytes }) == Visit::Stop {
                    return;
                }
            }
        }
    }

    fn page(&self, cursor: FeedCursor, up_to: Position, rows: usize) -> Vec<Record> {
        let records = self.records.read();
        let start = records.partition_point(|record| record.cursor() <= cursor);
        let page = records.range(start..).take_while(|record| record.stamp.position <= up_to);
        page.take(rows).cloned().collect()
    }

    /// Waits for a record behind `after`.
    pub(super) async fn changed(&self, after: FeedCursor) {
        // An error would mean a dropped sender, and it lives as long as `self`.
        let _ = self.newest.subscribe().wait_for(|newest| *newest > after).await;
    }

    /// Forgets the records up to a cursor, and calls `publish` before that is visible.
    pub(super) fn trim(&self, up_to: FeedCursor, publish: &dyn Fn()) {
        let mut records = self.records.write();
        let gone = records.partition_point(|record| record.cursor() <= up_to);
        records.drain(..gone);
        publish();
        self.announce(records);
    }
}
