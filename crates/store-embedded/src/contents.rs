//! What there is beside rows and documents, for who copies a whole store: which feeds and counters.

use crate::embedded_store::EmbeddedStore;
use crate::trees::{Name, TreeError, feed_record, system_key};
use std::ops::Bound;
use store::{CounterId, Direction, FeedId, StoreError};

impl EmbeddedStore {
    /// All feeds that have records, in the order of their numbers. Reads a record of each.
    ///
    /// # Errors
    /// When the data cannot be read.
    pub fn feeds(&self) -> Result<Vec<FeedId>, StoreError> {
        let mut feeds = Vec::new();
        let mut next = Some(0);
        while let Some(from) = next {
            let found = self.feed_from(from).map_err(|error| self.core.view.read_error(Name::Feed, error))?;
            feeds.extend(found.map(FeedId));
            next = found.and_then(|feed| feed.checked_add(1));
        }
        Ok(feeds)
    }

    /// The first feed with a number from this one on.
    fn feed_from(&self, from: u64) -> Result<Option<u64>, TreeError> {
        let view = &self.core.view;
        let at = view.readers.enter().position;
        let (start, end) = (feed_record::key(from, 0, 0), feed_record::key(u64::MAX, u64::MAX, u32::MAX));
        let bounds = (Bound::Included(&start[..]), Bound::Included(&end[..]));
        let first = view.trees.range(Name::Feed, bounds, Direction::Forward, at).rows().next().transpose()?;
        Ok(first.and_then(|(key, _)| feed_record::split_key(&key)).map(|(feed, ..)| feed))
    }

    /// About how many rows and records there are: not fewer.
    pub fn entries(&self) -> u64 {
        [Name::Rows, Name::Feed].into_iter().map(|name| self.core.view.trees.entries(name)).sum()
    }

    /// All counters that are not 0, in the order of their numbers.
    ///
    /// # Errors
    /// When the data cannot be read.
    pub fn counters(&self) -> Result<Vec<(CounterId, i64)>, StoreError> {
        let read = || {
            let view = &self.core.view;
            let reading = view.readers.enter();
            let (start, end) = system_key::COUNTERS;
            let bounds = (Bound::Included(start), Bound::Excluded(end));
            let counters = view.trees.range(Name::System, bounds, Direction::Forward, reading.position);
            counters.rows().collect::<Result<Vec<_>, TreeError>>()
        };
        let counters = read().map_err(|error| self.core.view.read_error(Name::System, error))?;
        let value = |bytes: &[u8]| bytes.try_into().ok().map(i64::from_le_bytes);
        let known = counters
            .iter()
            .filter_map(|(key, bytes)| Some((CounterId(system_key::number(key)?), value(bytes)?)));
        Ok(known.filter(|(_, value)| *value != 0).collect())
    }
}
