//! The first record of a time in a feed.

use super::{FeedCursor, FeedId, FeedRecord, Position, Store, StoreError, Visit};

/// The place before the first record of the feed at this time or later: times never decrease from one position to the
/// next.
pub async fn place_at(store: &dyn Store, feed: FeedId, time_micros: u64) -> Result<FeedCursor, StoreError> {
    let (mut low, mut high) = (0, store.durable().position.0);
    while low < high {
        let middle = low + (high - low) / 2;
        let next = next_record(store, feed, FeedCursor::behind(Position(middle))).await?;
        match next.filter(|(_, time)| *time < time_micros) {
            Some((position, _)) => low = position.0.max(middle + 1),
            None => high = middle,
        }
    }
    Ok(FeedCursor::behind(Position(low)))
}

/// Position and time of the next record.
async fn next_record(
    store: &dyn Store,
    feed: FeedId,
    after: FeedCursor,
) -> Result<Option<(Position, u64)>, StoreError> {
    let mut next = None;
    let mut visit = |record: FeedRecord<'_>| {
        next = Some((record.stamp.position, record.stamp.time_micros));
        Visit::Stop
    };
    store.tail(feed, after, 1, &mut visit).await?;
    Ok(next)
}
