//! Finding a place in a feed: the boundary of a change, the first record of a time.

use super::Stream;
use super::shard::Place;
use crate::engine::Engine;
use crate::feed::Boundary;
use std::sync::Arc;
use stdx::future::Boxed;
use store::{FeedCursor, FeedId, FeedRecord, Position, Store, StoreError, Visit};

/// Replaces boundaries by their positions.
pub(super) async fn find_boundaries(store: &dyn Store, stream: &mut Stream) -> Result<(), StoreError> {
    let (feed, label) = (stream.feed(), stream.label.clone());
    let mut found: Option<(Place, Place)> = None; // a change has one, and it is that of many shards
    for shard in &mut stream.shards {
        for place in std::iter::once(&mut shard.start).chain(&mut shard.end) {
            let Place::Boundary { schema_version, after } = *place else { continue };
            let at = match found.filter(|(known, _)| known == place) {
                Some((_, at)) => at,
                None => Place::At(boundary(store, feed, &label, schema_version, after).await?),
            };
            found = Some((*place, at));
            *place = at;
        }
    }
    Ok(())
}

impl Engine {
    /// The place before the first record of the stream's feed that is younger than a time.
    pub fn stream_place_at<'a>(
        &'a self,
        stream: &'a Arc<Stream>,
        time_micros: u64,
    ) -> Boxed<'a, Result<FeedCursor, StoreError>> {
        Box::pin(async move { store::place_at(self.store(), stream.feed(), time_micros).await })
    }
}

/// The position of a boundary. One that was trimmed had nothing before it that is still there.
pub(crate) async fn boundary(
    store: &dyn Store,
    feed: FeedId,
    label: &str,
    schema_version: u64,
    after: u128,
) -> Result<u128, StoreError> {
    let mut position = None;
    let mut visit = |record: FeedRecord<'_>| match Boundary::read(record.bytes) {
        Ok(Some(found)) if found.label == label && found.schema_version == schema_version => {
            position = Some(record.stamp.position.0);
            Visit::Stop
        }
        _ => Visit::Continue,
    };
    store.tail(feed, FeedCursor::behind(Position(after)), usize::MAX, &mut visit).await?;
    Ok(position.unwrap_or(after))
}
