//! A shard of a stream of Kinesis.

use super::page_filling::PageFilling;
use super::{ReadError, Selection, cursor, place};
use crate::kinesis_event::KinesisEvent;
use crate::lane::{Page, Record, Wanted};
use crate::mapping::Mapping;
use crate::place::Place;
use crate::source::Sources;
use kinesis::sequence_number;
use kinesis::streams::ReadRecord;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{FeedCursor, Watch};

/// Reads a lane of it.
pub(crate) struct KinesisShard {
    sources: Sources,
    arn: String,
    identity_arn: String,
    selection: Selection,
    watch: Option<Watch>,
    /// The watch's version before the last reading.
    seen: AtomicU64,
}

impl KinesisShard {
    pub(super) fn new(sources: &Sources, mapping: &Mapping, selection: Selection) -> KinesisShard {
        let (arn, identity_arn) = (mapping.event_source_arn.clone(), mapping.invoke_identity_arn.clone());
        let (watch, seen) = (sources.watch(&arn), AtomicU64::new(0));
        KinesisShard { sources: sources.clone(), arn, identity_arn, selection, watch, seen }
    }

    /// The stream is read again each time: that a shard is closed stands there.
    pub(super) async fn read(&self, wanted: Wanted, now_micros: u64) -> Result<Page, ReadError> {
        self.seen.store(self.watch.as_ref().map_or(0, Watch::version), Ordering::Relaxed);
        let newest = place(FeedCursor::behind(self.sources.kinesis.store().durable().position));
        let mut filling = PageFilling::new(&self.selection, wanted);
        let stream = self.sources.find_kinesis(&self.arn).await?.ok_or(ReadError::SourceGone)?;
        let Some(shard) = stream.shards.iter().find(|shard| shard.id() == self.selection.lane.shard) else {
            return Ok(Page { is_end: true, is_caught_up: true, ..filling.page });
        };
        let take = &mut |found: ReadRecord<'_>| {
            if filling.is_full() {
                return false;
            }
            if !self.selection.has(found.record.partition_key.as_bytes()) {
                return true;
            }
            let event = KinesisEvent {
                shard_id: &self.selection.lane.shard,
                sequence_number: &sequence_number::of_record(shard, found.place),
                partition_key: found.record.partition_key,
                data: found.record.data,
                arrived_micros: found.time_micros,
                region: &stream.scope.region,
                source_arn: &self.arn,
                identity_arn: &self.identity_arn,
            };
            let (place, json) = (place(found.place), event.json());
            let (sequence_number, arrived_micros) = (event.sequence_number.to_owned(), found.time_micros);
            filling.add(Record { place, sequence_number, arrived_micros, json }, |_| event.filtered())
        };
        let read = self.sources.kinesis.read(&stream, shard, cursor(wanted.after), now_micros, take).await?;
        let mut page = filling.page;
        match read.next {
            Some(next) => page.read_to = page.read_to.max(place(next)),
            None => page.is_end = true,
        }
        page.is_caught_up = page.is_end || read.behind_micros == 0 || page.read_to >= newest;
        Ok(page)
    }

    /// Records of other lanes count too; so does that the stream has changed, since a shard that was closed gets no
    /// further record.
    pub(super) async fn changed(&self, after: Place) {
        let feed = self.sources.find_kinesis(&self.arn).await.ok().flatten().and_then(|stream| {
            let found = stream.shards.iter().find(|shard| shard.id() == self.selection.lane.shard);
            found.map(kinesis::stream::Shard::feed)
        });
        let Some((feed, watch)) = feed.zip(self.watch.as_ref()) else { return };
        tokio::select! {
            () = self.sources.kinesis.store().changed(feed, cursor(after)) => {}
            () = watch.changed(self.seen.load(Ordering::Relaxed)) => {}
        }
    }
}
