//! Feeds: records in the order of their commits, and who waits for the next.

use crate::contract::{FeedId, FeedRecord, Position, Stamp, Visit};
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
    /// Position of the newest record that is still there; 0 without one.
    newest: watch::Sender<Position>,
}

#[derive(Debug, Clone)]
struct Record {
    stamp: Stamp,
    index: u32,
    bytes: Arc<[u8]>,
}

impl Record {
    fn place(&self) -> (Position, u32) {
        (self.stamp.position, self.index)
    }
}

impl Feeds {
    pub(super) fn feed(&self, feed: FeedId) -> Arc<Feed> {
        if let Some(feed) = self.0.read().get(&feed) {
            return Arc::clone(feed);
        }
        Arc::clone(self.0.write().entry(feed).or_insert_with(|| Arc::new(Feed::new())))
    }

    /// Appends one commit's records, and calls `publish` before anybody can see them.
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
        Self { records: RwLock::default(), newest: watch::Sender::new(Position::default()) }
    }

    fn announce(&self, records: RwLockWriteGuard<'_, VecDeque<Record>>) {
        self.newest.send_replace(records.back().map_or(Position::default(), |record| record.stamp.position));
    }

    /// What `seen` says while no commit is between its record here and its publication.
    pub(super) fn with<T>(&self, seen: impl FnOnce() -> T) -> T {
        let _records = self.records.read();
        seen()
    }

    /// Visits records after one position and up to another, without a lock held.
    pub(super) fn visit(
        &self,
        after: Position,
        up_to: Position,
        limit: usize,
        visit: &mut dyn FnMut(FeedRecord<'_>) -> Visit,
    ) {
        let mut cursor = (after, u32::MAX);
        let mut left = limit;
        while left > 0 {
            let page = self.page(cursor, up_to, left.min(PAGE_RECORDS));
            let Some(last) = page.last() else { return };
            cursor = last.place();
            left -= page.len();
            for Record { stamp, index, bytes } in &page {
                if visit(FeedRecord { stamp: *stamp, index: *index, bytes }) == Visit::Stop {
                    return;
                }
            }
        }
    }

    fn page(&self, cursor: (Position, u32), up_to: Position, rows: usize) -> Vec<Record> {
        let records = self.records.read();
        let start = records.partition_point(|record| record.place() <= cursor);
        let page = records.range(start..).take_while(|record| record.stamp.position <= up_to);
        page.take(rows).cloned().collect()
    }

    /// Waits for a record after `after`.
    pub(super) async fn changed(&self, after: Position) {
        // An error would mean that the sender is gone, and it lives as long as `self`.
        let _ = self.newest.subscribe().wait_for(|newest| *newest > after).await;
    }

    /// Forgets the records up to a position, and calls `publish` before anybody can see that.
    pub(super) fn trim(&self, up_to: Position, publish: &dyn Fn()) {
        let mut records = self.records.write();
        let gone = records.partition_point(|record| record.stamp.position <= up_to);
        records.drain(..gone);
        publish();
        self.announce(records);
    }
}
