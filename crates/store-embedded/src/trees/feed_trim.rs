//! Up to where each feed has been forgotten, a place that may lie inside a commit. Readers begin behind the mark
//! at once; compaction leaves the records out when it comes by.
//!
//! On disk a mark is `position u64 | index u32`, little-endian; version 1 wrote no index and meant whole commits.

use crate::format::{u32_at, u64_at};
use crate::trees::feed_record::{self, Place};
use parking_lot::RwLock;
use std::collections::HashMap;

/// Bytes of a mark.
pub(crate) const MARK_BYTES: usize = 12;

/// Before every record: what a feed without a mark has.
pub(crate) const NO_MARK: Place = (0, 0);

/// A mark as it is stored.
pub(crate) fn encode((position, index): Place) -> [u8; MARK_BYTES] {
    let mut mark = [0; MARK_BYTES];
    mark[..8].copy_from_slice(&position.to_le_bytes());
    mark[8..].copy_from_slice(&index.to_le_bytes());
    mark
}

/// A stored mark, of either version.
pub(crate) fn decode(mark: &[u8]) -> Option<Place> {
    match mark.len() {
        8 => Some((u64_at(mark, 0), u32::MAX)),
        MARK_BYTES => Some((u64_at(mark, 0), u32_at(mark, 8))),
        _ => None,
    }
}

/// Marks by feed.
#[derive(Debug, Default)]
pub(crate) struct TrimMarks(RwLock<HashMap<u64, Place>>);

impl TrimMarks {
    /// The mark of a feed; before all if it was never trimmed.
    pub(crate) fn of(&self, feed: u64) -> Place {
        self.0.read().get(&feed).copied().unwrap_or(NO_MARK)
    }

    /// The feeds that have a mark.
    pub(crate) fn feeds(&self) -> Vec<u64> {
        self.0.read().keys().copied().collect()
    }

    /// Moves a mark, forward only.
    pub(crate) fn raise(&self, feed: u64, up_to: Place) {
        let mut marks = self.0.write();
        let mark = marks.entry(feed).or_default();
        *mark = up_to.max(*mark);
    }

    /// Removes a mark that hides nothing.
    pub(crate) fn forget(&self, feed: u64) {
        self.0.write().remove(&feed);
    }

    /// Whether the record with this key is forgotten.
    pub(crate) fn covers_key(&self, key: &[u8]) -> bool {
        feed_record::split_key(key).is_some_and(|(feed, position, index)| (position, index) <= self.of(feed))
    }
}
