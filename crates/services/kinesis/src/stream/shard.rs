//! A shard: a range of hash keys, and the feed that holds its records.

use super::HashRange;
use serde::{Deserialize, Serialize};
use store::FeedId;

/// A shard of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Its number in the stream, which its id shows.
    pub number: u32,
    /// Its feed, as a number.
    pub feed: u64,
    /// When it was made, in seconds since the Unix epoch: later than its parents.
    pub made_secs: u64,
    /// The hash keys of its records.
    pub range: HashRange,
    /// The shard that was split, or the first of two that were merged.
    pub parent: Option<u32>,
    /// The second of two that were merged.
    pub adjacent_parent: Option<u32>,
    /// When it was closed, in microseconds since the Unix epoch; `None` while records go into it.
    pub closed_micros: Option<u64>,
}

impl Shard {
    /// `shardId-` and twelve digits.
    pub fn id(&self) -> String {
        id(self.number)
    }

    /// Whether records go into it.
    pub fn is_open(&self) -> bool {
        self.closed_micros.is_none()
    }

    /// The feed that holds its records.
    pub fn feed(&self) -> FeedId {
        FeedId(self.feed)
    }

    /// The numbers of the shards that it continues.
    pub fn parents(&self) -> impl Iterator<Item = u32> {
        self.parent.into_iter().chain(self.adjacent_parent)
    }

    #[cfg(test)]
    pub(crate) fn first(number: u32) -> Shard {
        Shard {
            number,
            feed: 0,
            made_secs: 0,
            range: HashRange::ALL,
            parent: None,
            adjacent_parent: None,
            closed_micros: None,
        }
    }
}

/// The id of the shard of a number.
pub fn id(number: u32) -> String {
    format!("shardId-{number:012}")
}
