//! Up to where each feed has been forgotten. Readers begin behind the mark at once; compaction leaves the
//! records out when it comes by.

use crate::feed;
use parking_lot::RwLock;
use std::collections::HashMap;

/// Marks by feed.
#[derive(Debug, Default)]
pub(crate) struct TrimMarks(RwLock<HashMap<u64, u64>>);

impl TrimMarks {
    /// The mark of a feed; 0 if it was never trimmed.
    pub(crate) fn of(&self, feed: u64) -> u64 {
        self.0.read().get(&feed).copied().unwrap_or(0)
    }

    /// Moves a mark, forward only.
    pub(crate) fn raise(&self, feed: u64, up_to: u64) {
        let mut marks = self.0.write();
        let mark = marks.entry(feed).or_default();
        *mark = up_to.max(*mark);
    }

    /// Whether the record with this key is forgotten.
    pub(crate) fn covers_key(&self, key: &[u8]) -> bool {
        feed::split_key(key).is_some_and(|(feed, position, _)| position <= self.of(feed))
    }
}
