//! Shards: ranges of partition-key hashes over intervals of positions.

use serde::{Deserialize, Serialize};
use store::{FeedCursor, Position};

/// A shard of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// `shardId-<20 digits>-<8 hex>`, the digits being the time of creation in milliseconds since the Unix epoch. Ids
    /// sort by creation.
    pub id: String,
    /// The shard that it continues, which may have been removed.
    pub parent: Option<String>,
    /// The first and last hash, by the top 64 bits.
    pub(crate) hashes: (u64, u64),
    /// Its records lie behind this place.
    pub(crate) start: Place,
    /// And not behind this one; `None` while it is open.
    pub(crate) end: Option<Place>,
    /// When it was closed, in microseconds since the Unix epoch.
    pub(crate) closed_micros: Option<u64>,
}

/// Where a shard begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// At this position.
    At(u128),
    /// At the position of the boundary with this schema version, which lies behind `after`.
    Boundary { schema_version: u64, after: u128 },
}

/// The interval of a shard's positions: behind `start` and up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// No record is at or before this position.
    pub start: Position,
    /// No record is behind this position; `None` while the shard is open.
    pub end: Option<Position>,
}

impl Place {
    /// The position; of a boundary that has not been found yet, one before it.
    fn position(self) -> Position {
        match self {
            Place::At(position) | Place::Boundary { after: position, .. } => Position(position),
        }
    }
}

impl Shard {
    /// Its interval.
    pub fn bounds(&self) -> Bounds {
        Bounds { start: self.start.position(), end: self.end.map(Place::position) }
    }

    /// Whether records still go into it.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Whether it is listed where what was closed at the horizon or before is not.
    pub(super) fn is_listed(&self, horizon_micros: u64) -> bool {
        self.closed_micros.is_none_or(|closed| closed > horizon_micros)
    }

    /// When it was created, in microseconds since the Unix epoch.
    pub fn created_micros(&self) -> u64 {
        created_millis(&self.id) * 1_000
    }

    /// Closes it, if it is open.
    pub(crate) fn close(&mut self, end: Place, now: u64) {
        if self.is_open() {
            (self.end, self.closed_micros) = (Some(end), Some(now));
        }
    }

    /// The random part of its id.
    pub(super) fn suffix(&self) -> u32 {
        self.id.get(29..).and_then(|suffix| u32::from_str_radix(suffix, 16).ok()).unwrap_or(0)
    }

    pub(crate) fn has_hash(&self, hash: u64) -> bool {
        (self.hashes.0..=self.hashes.1).contains(&hash)
    }

    pub(crate) fn has_all_hashes(&self) -> bool {
        self.hashes == ALL_HASHES
    }
}

impl Bounds {
    /// The place before its first record.
    pub fn first(&self) -> FeedCursor {
        FeedCursor::behind(self.start)
    }

    /// Whether nothing of the shard can lie behind a place.
    pub fn ends_at(&self, cursor: FeedCursor) -> bool {
        self.end.is_some_and(|end| cursor >= FeedCursor::behind(end))
    }
}

/// Every hash there is.
pub(crate) const ALL_HASHES: (u64, u64) = (0, u64::MAX);

/// The id of a shard that is created at this time.
pub(crate) fn id(created_millis: u64, suffix: u32) -> String {
    format!("shardId-{created_millis:020}-{suffix:08x}")
}

/// The time in an id.
pub(crate) fn created_millis(id: &str) -> u64 {
    id.get(8..28).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
