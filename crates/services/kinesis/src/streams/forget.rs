//! Forgetting: records behind the retention of their stream, shards that were closed so long ago, feeds of streams that
//! are gone. Every server does it; doing it twice does no harm.

use super::{Changed, Streams};
use crate::keys;
use crate::stream::Stream;
use std::convert::Infallible;
use std::ops::Bound;
use std::time::Duration;
use stdx::Clock;
use stdx::future::Boxed;
use store::change_row::{RowChange, change_row};
use store::{Consistency, Direction, FeedCursor, FeedId, KeyRange, Outcome, RangeRead, StoreError, Visit};

/// How often streams are looked at; the shortest retention is 24 times that.
const INTERVAL: Duration = Duration::from_secs(3_600);
/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(10);

impl Streams {
    /// Forgets what is due at once, and then once an hour and when a stream or shard goes.
    pub fn run<'a>(&'a self, clock: &'a dyn Clock) -> Boxed<'a, ()> {
        Box::pin(async move {
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
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::NewRecord;
    use engine::Scope;
    use std::sync::Arc;
    use stdx::ManualClock;
    use store::wait::wait;
    use store::{FeedRecord, MemoryStore, Position};

    const HOUR_MICROS: u64 = 3_600 * 1_000_000;

    struct Fixture {
        clock: Arc<ManualClock>,
        streams: Streams,
        scope: Scope,
    }

    impl Fixture {
        fn new() -> Fixture {
            let clock = Arc::new(ManualClock::at(HOUR_MICROS));
            let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>));
            let scope = Scope { account: "a".into(), region: "r".into() };
            let fixture = Fixture { clock, streams: Streams::of(store), scope };
            fixture.change(|_, feeds| {
                let mut stream = Stream::new(fixture.scope.clone(), "s", fixture.clock.now_micros());
                stream.open_first(1, fixture.clock.now_micros(), feeds);
                Some(stream)
            });
            fixture
        }

        fn change(
            &self,
            change: impl Fn(Option<Stream>, &mut dyn FnMut() -> FeedId) -> Option<Stream> + Send + Sync,
        ) {
            let change = |old: Option<Stream>, feeds: &mut dyn FnMut() -> FeedId| {
                Ok::<Changed<()>, Infallible>((change(old, feeds), ()))
            };
            wait(self.streams.change(&self.scope, "s", change)).unwrap().unwrap();
        }

        fn put(&self) {
            let record = NewRecord { partition_key: "k".into(), hash: 7, data: vec![1] };
            wait(self.streams.append(&self.scope, "s", &[record], |_| Ok::<(), ()>(()))).unwrap();
        }

        fn stream(&self) -> Arc<Stream> {
            wait(self.streams.find(&self.scope, "s")).unwrap().unwrap()
        }

        /// What is left in the first `feeds` feeds.
        fn records_left(&self, feeds: u64) -> usize {
            let mut left = 0;
            for number in 1..=feeds {
                let visit = &mut |_: FeedRecord<'_>| {
                    left += 1;
                    Visit::Continue
                };
                let tail = self.streams.store().tail(keys::feed(number), FeedCursor::START, 100, visit);
                let _: Position = tail.wait().unwrap();
            }
            left
        }

        fn forget(&self) {
            wait(self.streams.forget(self.clock.now_micros())).unwrap();
        }
    }

    #[test]
    fn records_go_behind_the_retention() {
        let fixture = Fixture::new();
        fixture.put();
        fixture.clock.advance_micros(HOUR_MICROS);
        fixture.put();
        fixture.clock.advance_micros(23 * HOUR_MICROS - 1);
        fixture.forget();
        assert_eq!(fixture.records_left(1), 2);
        fixture.clock.advance_micros(1);
        fixture.forget();
        assert_eq!(fixture.records_left(1), 1);
    }

    #[test]
    fn a_closed_shard_goes_with_its_feed() {
        let fixture = Fixture::new();
        fixture.put();
        fixture.change(|old, feeds| {
            let mut stream = old.unwrap();
            stream.split("shardId-000000000000", 9, fixture.clock.now_micros(), feeds).unwrap();
            Some(stream)
        });
        fixture.forget();
        assert_eq!((fixture.stream().shards.len(), fixture.records_left(3)), (3, 1));
        fixture.clock.advance_micros(24 * HOUR_MICROS);
        fixture.forget();
        assert_eq!((fixture.stream().shards.len(), fixture.records_left(3)), (2, 0));
    }

    #[test]
    fn a_stream_that_is_gone_leaves_nothing() {
        let fixture = Fixture::new();
        fixture.put();
        fixture.change(|_, _| None);
        assert_eq!(wait(fixture.streams.forgotten_feeds()), Ok(vec![keys::feed(1)]));
        fixture.forget();
        assert_eq!(fixture.records_left(1), 0);
        assert_eq!(wait(fixture.streams.forgotten_feeds()), Ok(Vec::new()));
    }
}
