//! One subscription: the records of a shard are handed to a consumer as they come, for five minutes at most. It costs
//! nothing while there are none, but an empty event now and then, which tells how far it is and that it is there.

use crate::consumer_ref::ConsumerRef;
use crate::describe;
use crate::errors::{self, record_error, store_error};
use crate::record_page::RecordPage;
use crate::sequence_number;
use crate::streams::{ReadRecord, Streams};
use crate::subscriptions::{Place, Subscriptions};
use engine::Scope;
use model::ApiError;
use model::kinesis::{
    InternalFailureException, ResourceInUseException, ResourceNotFoundException, SubscribeToShardEvent,
    SubscribeToShardEventStream,
};
use std::sync::Arc;
use stdx::Clock;
use stdx::clock::sleep_until;
use store::{FeedCursor, FeedId};
use tokio::sync::mpsc;

/// How long a subscription lasts, in microseconds.
const LIFE_MICROS: u64 = 300_000_000;
/// How long nothing is said while there are no records.
const QUIET_MICROS: u64 = 5_000_000;
/// The records of one event, unless a single one is larger.
const BYTES_MAX: usize = 1024 * 1024;
const RECORDS_MAX: usize = 10_000;

/// A subscription, and how far it is.
pub(crate) struct Subscription {
    pub(crate) streams: Streams,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scope: Scope,
    pub(crate) consumer: ConsumerRef,
    pub(crate) feed: FeedId,
    pub(crate) after: FeedCursor,
    pub(crate) place: Place,
}

/// A look at the shard.
struct Found {
    event: SubscribeToShardEvent,
    has_records: bool,
    /// The shard was read to its end.
    is_end: bool,
}

impl Subscription {
    /// Runs until its time is over, the shard was read to its end, another takes its place, or nobody listens.
    pub(crate) async fn run(mut self, events: mpsc::Sender<SubscribeToShardEventStream>) {
        let ends = self.clock.now_micros().saturating_add(LIFE_MICROS);
        let clock = Arc::clone(&self.clock);
        tokio::select! {
            () = self.tell(&events) => {}
            () = sleep_until(clock.as_ref(), ends) => {}
            () = events.closed() => {}
        }
        // A place that stays taken can be taken over.
        _ = self.subscriptions.leave(&self.place).await;
    }

    /// One event after another.
    async fn tell(&mut self, events: &mpsc::Sender<SubscribeToShardEventStream>) {
        let changes = self.streams.watch(&self.scope, &self.consumer.stream.name);
        let places = self.subscriptions.watch(&self.place);
        let mut quiet_until = 0; // the first look is told, whatever it finds
        loop {
            let (changes_seen, places_seen) = (changes.version(), places.version());
            let now = self.clock.now_micros();
            let found = match self.look(now).await {
                Ok(found) => found,
                Err(error) => {
                    _ = events.send(exception(&error)).await;
                    return;
                }
            };
            let Found { event, has_records, is_end } = found;
            if has_records || is_end || now >= quiet_until {
                quiet_until = now.saturating_add(QUIET_MICROS);
                let event = SubscribeToShardEventStream {
                    subscribe_to_shard_event: Some(event),
                    ..SubscribeToShardEventStream::default()
                };
                if events.send(event).await.is_err() || is_end {
                    return;
                }
            }
            if !has_records {
                tokio::select! {
                    () = self.streams.store().changed(self.feed, self.after) => {}
                    () = changes.changed(changes_seen) => {}
                    () = places.changed(places_seen) => {}
                    () = sleep_until(self.clock.as_ref(), quiet_until) => {}
                }
            }
        }
    }

    /// The records behind the last, perhaps none. The stream is read again each time: that a shard is closed stands
    /// there.
    async fn look(&mut self, now_micros: u64) -> Result<Found, ApiError> {
        let (scope, name) = (&self.scope, &self.consumer.stream.name);
        let stream = self.streams.find(scope, name).await.map_err(|error| store_error(&error))?;
        let stream = stream.ok_or_else(|| errors::stream_not_found(scope, name))?;
        if self.consumer.find_in(&stream).is_none() {
            return Err(errors::consumer_not_found(&self.consumer.name));
        }
        // Behind the consumer, whose places go with it.
        if !self.subscriptions.has(&self.place).await.map_err(|error| record_error(&error))? {
            return Err(errors::replaced(&self.consumer));
        }
        let shard = stream.shards.iter().find(|shard| shard.feed() == self.feed);
        let shard = shard.ok_or_else(|| errors::shard_gone(&stream))?;
        let mut page = RecordPage::new(&stream, shard, RECORDS_MAX, BYTES_MAX);
        let take = &mut |record: ReadRecord<'_>| page.take(record);
        let read = self.streams.read(&stream, shard, self.after, now_micros, take).await;
        let read = read.map_err(|error| store_error(&error))?;
        self.after = read.next.unwrap_or(self.after);
        let is_end = read.next.is_none();
        let event = SubscribeToShardEvent {
            continuation_sequence_number: (!is_end).then(|| sequence_number::of_record(shard, self.after)),
            millis_behind_latest: Some((read.behind_micros / 1_000) as i64),
            child_shards: is_end.then(|| describe::children(&stream, shard)),
            records: None,
        };
        let has_records = !page.records.is_empty();
        let event = SubscribeToShardEvent { records: Some(page.records), ..event };
        Ok(Found { event, has_records, is_end })
    }
}

/// What ends a subscription before its time, as its last event.
fn exception(error: &ApiError) -> SubscribeToShardEventStream {
    let message = error.message.as_deref().map(str::to_owned);
    let mut event = SubscribeToShardEventStream::default();
    if error.code == errors::RESOURCE_IN_USE {
        event.resource_in_use_exception = Some(ResourceInUseException { message });
    } else if error.code == errors::RESOURCE_NOT_FOUND {
        event.resource_not_found_exception = Some(ResourceNotFoundException { message });
    } else {
        event.internal_failure_exception = Some(InternalFailureException { message });
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Consumer, hash_of};
    use crate::streams::NewRecord;
    use std::collections::BTreeMap;
    use std::convert::Infallible;
    use stdx::AdjustableClock;
    use store::MemoryStore;

    const SECOND: u64 = 1_000_000;

    struct World {
        clock: Arc<AdjustableClock>,
        streams: Streams,
        subscriptions: Subscriptions,
        scope: Scope,
        consumer: ConsumerRef,
    }

    type Events = mpsc::Receiver<SubscribeToShardEventStream>;

    impl World {
        async fn new() -> World {
            let clock = Arc::new(AdjustableClock::default());
            let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as _));
            let scope = Scope { account: "000000000000".into(), region: "us-east-1".into() };
            let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:7";
            let world = World {
                streams: Streams::of(Arc::clone(&store) as _),
                subscriptions: Subscriptions::of(store),
                consumer: ConsumerRef::parse(arn).unwrap(),
                clock,
                scope,
            };
            world
                .change(|stream, feeds| {
                    stream.open_first(1, SECOND, feeds);
                    let consumer = Consumer { created_micros: 7 * SECOND, tags: BTreeMap::new() };
                    stream.consumers.insert("c".to_owned(), consumer);
                })
                .await;
            world
        }

        async fn change(
            &self,
            change: impl Fn(&mut crate::Stream, &mut dyn FnMut() -> FeedId) + Send + Sync,
        ) {
            let changed = self.streams.change(&self.scope, "s", |old, feeds| {
                let mut stream = old.unwrap_or_else(|| crate::Stream::new(self.scope.clone(), "s", SECOND));
                change(&mut stream, feeds);
                Ok::<_, Infallible>((Some(stream), ()))
            });
            let Ok(()) = changed.await.unwrap();
        }

        async fn put(&self, data: &str) {
            let (partition_key, hash) = ("a".to_owned(), hash_of("a"));
            let record = NewRecord { partition_key, hash, data: data.as_bytes().to_vec() };
            let records = [record];
            let appended = self.streams.append(&self.scope, "s", &records, |_| Ok::<_, Infallible>(()));
            assert!(appended.await.is_ok());
        }

        /// A subscription to the only shard.
        async fn subscribe(&self, token: &str) -> Events {
            let stream = self.streams.find(&self.scope, "s").await.unwrap().unwrap();
            let (shard, now) = (&stream.shards[0], self.clock.now_micros());
            let (scope, consumer, shard_id) = (self.scope.clone(), self.consumer.clone(), shard.id());
            let place = self.subscriptions.take(&scope, &consumer, &shard_id, token.to_owned(), now);
            let subscription = Subscription {
                place: place.await.unwrap(),
                streams: self.streams.clone(),
                subscriptions: self.subscriptions.clone(),
                clock: Arc::clone(&self.clock) as _,
                feed: shard.feed(),
                after: FeedCursor::START,
                scope,
                consumer,
            };
            let (sender, events) = mpsc::channel(1);
            tokio::spawn(subscription.run(sender));
            events
        }
    }

    async fn event(events: &mut Events) -> SubscribeToShardEvent {
        let event = events.recv().await.expect("the subscription goes on");
        event.subscribe_to_shard_event.expect("no exception")
    }

    /// What was put, of the next event that has records.
    async fn data(events: &mut Events) -> Vec<String> {
        loop {
            let records = event(events).await.records.unwrap();
            if !records.is_empty() {
                let text = |record: model::kinesis::Record| record.data.map(|data| data.0).unwrap();
                return records.into_iter().map(|one| String::from_utf8(text(one)).unwrap()).collect();
            }
        }
    }

    #[tokio::test]
    async fn records_come_as_they_are_put_and_silence_is_told() {
        let world = World::new().await;
        world.put("1").await;
        let mut events = world.subscribe("t").await;
        assert_eq!(data(&mut events).await, ["1"]);
        world.put("2").await;
        assert_eq!(data(&mut events).await, ["2"]);
        world.clock.advance_micros(QUIET_MICROS);
        let silence = event(&mut events).await;
        assert_eq!((silence.records, silence.millis_behind_latest), (Some(Vec::new()), Some(0)));
        assert!(silence.continuation_sequence_number.is_some());
        world.clock.advance_micros(LIFE_MICROS);
        while events.recv().await.is_some() {}
        world.subscribe("another").await; // the place is free at once
    }

    #[tokio::test]
    async fn a_shard_that_is_closed_ends_with_its_children() {
        let world = World::new().await;
        let mut events = world.subscribe("t").await;
        assert_eq!(event(&mut events).await.records, Some(Vec::new()));
        world.put("1").await;
        world
            .change(|stream, feeds| stream.split("shardId-000000000000", 9, 2 * SECOND, feeds).unwrap())
            .await;
        let mut records = 0;
        let last = loop {
            let event = event(&mut events).await;
            records += event.records.as_ref().map_or(0, Vec::len);
            if event.child_shards.is_some() {
                break event;
            }
        };
        assert_eq!((records, last.child_shards.map(|children| children.len())), (1, Some(2)));
        assert_eq!((last.continuation_sequence_number, events.recv().await), (None, None));
    }

    #[tokio::test]
    async fn a_subscription_ends_with_its_consumer_and_when_another_takes_its_place() {
        let world = World::new().await;
        let mut first = world.subscribe("first").await;
        world.clock.advance_micros(QUIET_MICROS);
        let mut second = world.subscribe("second").await;
        let end = loop {
            let event = first.recv().await.unwrap();
            if event.subscribe_to_shard_event.is_none() {
                break event;
            }
        };
        assert!(end.resource_in_use_exception.is_some() && first.recv().await.is_none());
        world.change(|stream, _| stream.consumers.clear()).await;
        let end = loop {
            let event = second.recv().await.unwrap();
            if event.subscribe_to_shard_event.is_none() {
                break event;
            }
        };
        assert!(end.resource_not_found_exception.is_some() && second.recv().await.is_none());
    }
}
