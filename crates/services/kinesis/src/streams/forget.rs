//! Forgetting: records behind the retention of their stream, shards that were closed so long ago, feeds of streams that
//! are gone. Every server does it; doing it twice does no harm.

use super::{Changed, Streams};
use crate::keys;
use crate::stream::Stream;
use std::convert::Infallible;
use std::ops::Bound;
use std::time::Duration;
use stdx::Clock;
use store::change_row::{RowChange, change_row};
use store::{Consistency, Direction, FeedCursor, FeedId, KeyRange, Outcome, RangeRead, StoreError, Visit};

/// How often streams are looked at; the shortest retention is 24 times that.
const INTERVAL: Duration = Duration::from_secs(3_600);
/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(10);

impl Streams {
    /// Forgets what is due at once, and then once an hour and when a stream or shard goes.
    pub async fn run(&self, clock: &dyn Clock) {
        loop {
            let pause = match self.forget(clock.now_micros()).await {
                Ok(()) => INTERVAL,
                Err(_) => RETRY,
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.forgotten.notified() => {}
                () = stdx::clock::moved(clock) => {}
            }
        }
    }

    /// Forgets what is due.
    pub async fn forget(&self, now_micros: u64) -> Result<(), StoreError> {
        for feed in self.forgotten_feeds().await? {
            self.forget_feed(feed).await?;
        }
        for stream in self.all().await? {
            self.forget_records(&stream, now_micros).await?;
            if stream.listed_shards(now_micros).count() < stream.shards.len() {
                self.forget_shards(&stream, now_micros).await?;
            }
        }
        Ok(())
    }

    async fn forget_records(&self, stream: &Stream, now_micros: u64) -> Result<(), StoreError> {
        let horizon = stream.horizon_micros(now_micros);
        for shard in &stream.shards {
            let mut oldest = None;
            let visit = &mut |record: store::FeedRecord<'_>| {
                oldest = Some(record.stamp.time_micros);
                Visit::Stop
            };
            self.store().tail(shard.feed(), FeedCursor::START, 1, visit).await?;
            if oldest.is_some_and(|oldest| oldest <= horizon) {
                let up_to = self.place_at(shard, horizon + 1).await?;
                trimmed(self.store().trim(shard.feed(), up_to).await?)?;
            }
        }
        Ok(())
    }

    async fn forget_shards(&self, stream: &Stream, now_micros: u64) -> Result<(), StoreError> {
        let forget = |stream: Option<Stream>, _: &mut dyn FnMut() -> FeedId| {
            let left = stream.map(|mut stream| {
                stream.shards = stream.listed_shards(now_micros).cloned().collect();
                stream
            });
            Ok::<Changed<()>, Infallible>((left, ()))
        };
        self.change(&stream.scope, &stream.name, forget).await.map(|_| ())
    }

    async fn forgotten_feeds(&self) -> Result<Vec<FeedId>, StoreError> {
        let prefix = keys::FORGOTTEN_PREFIX;
        let mut feeds = Vec::new();
        let visit = &mut |key: &[u8], _: &[u8]| match keys::forgotten_feed(key) {
            Some(feed) => {
                feeds.push(feed);
                Visit::Continue
            }
            None => Visit::Stop,
        };
        let read = RangeRead {
            range: KeyRange { start: Bound::Excluded(prefix), end: Bound::Unbounded },
            direction: Direction::Forward,
            consistency: Consistency::Strong,
            rows_expected: 100,
        };
        self.store().range(read, visit).await?;
        Ok(feeds)
    }

    /// Nothing is appended to it any more: its stream or shard is gone since a commit that is durable.
    async fn forget_feed(&self, feed: FeedId) -> Result<(), StoreError> {
        let durable = self.store().durable().position;
        trimmed(self.store().trim(feed, FeedCursor::behind(durable)).await?)?;
        let key = keys::forgotten_key(feed);
        change_row(self.store(), &key, |_| RowChange::Delete).await
    }
}

fn trimmed(outcome: Outcome) -> Result<(), StoreError> {
    match outcome {
        Outcome::Committed(_) | Outcome::Refused => Ok(()),
        outcome => Err(StoreError::Unavailable(format!("a feed was not trimmed: {outcome:?}"))),
    }
}
