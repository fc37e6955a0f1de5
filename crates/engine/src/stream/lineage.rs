//! How shards follow one another. An open shard is replaced by one child after some hours, or by two when much is
//! written to it: closed in the commit that opens its children, so an enabled stream never has a closed shard without
//! them. Shards are not merged.

use super::load::Load;
use super::shard::{Place, Shard};
use super::{FEED_GRACE_MICROS, Stream};

/// When shards are replaced, and how long records can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardLimits {
    /// How long a shard is open, in microseconds; some a little longer, so that not all are replaced at once.
    pub life_micros: u64,
    /// A shard that takes more writes a second is split.
    pub writes_per_second: u64,
    /// How long a record can be read, and a stream or shard is listed behind its end, in microseconds.
    pub retention_micros: u64,
}

impl Default for ShardLimits {
    /// DynamoDB's: four hours, what a partition takes, and a day.
    fn default() -> ShardLimits {
        ShardLimits {
            life_micros: 4 * 3_600 * 1_000_000,
            writes_per_second: 1_000,
            retention_micros: 24 * 3_600 * 1_000_000,
        }
    }
}

impl Stream {
    /// The stream with all those shards replaced that are due, at a place; `None` if none is.
    pub(crate) fn tended(
        &self,
        now: u64,
        limits: ShardLimits,
        load: Option<&Load>,
        place: Place,
    ) -> Option<Stream> {
        let mut next = self.clone();
        for shard in self.shards.iter().filter(|shard| shard.is_open()) {
            let is_split = load.is_some_and(|load| load.should_split(shard, limits.writes_per_second));
            if is_split || now >= limits.end_of(shard) {
                next.replace(shard, is_split, place, now);
            }
        }
        let horizon = limits.horizon(now);
        next.shards.retain(|shard| shard.is_listed(horizon));
        (next != *self).then_some(next)
    }

    fn replace(&mut self, shard: &Shard, is_split: bool, place: Place, now: u64) {
        self.shards
            .iter_mut()
            .filter(|other| other.id == shard.id)
            .for_each(|closed| closed.close(place, now));
        let (first, last) = shard.hashes;
        let middle = first + (last - first) / 2;
        if is_split {
            self.open_shard(Some(&shard.id), (first, middle), place, now);
            self.open_shard(Some(&shard.id), (middle + 1, last), place, now);
        } else {
            self.open_shard(Some(&shard.id), shard.hashes, place, now);
        }
    }

    /// When the next shard is due by its age.
    pub(crate) fn next_due(&self, limits: ShardLimits) -> u64 {
        let open = self.shards.iter().filter(|shard| shard.is_open());
        open.map(|shard| limits.end_of(shard)).min().unwrap_or(u64::MAX)
    }
}

impl ShardLimits {
    /// How long writes are counted before shards are judged: some seconds, and a part of a short life.
    pub(super) fn window_micros(self) -> u64 {
        (self.life_micros / 8).clamp(100_000, 5_000_000)
    }

    /// What is as old or older cannot be read any more.
    pub fn horizon(self, now: u64) -> u64 {
        now.saturating_sub(self.retention_micros)
    }

    /// How long a record stays in the feed.
    pub(crate) fn kept_micros(self) -> u64 {
        self.retention_micros + self.retention_micros.min(FEED_GRACE_MICROS)
    }

    fn end_of(self, shard: &Shard) -> u64 {
        let spread = (self.life_micros / 16).saturating_mul(shard.suffix().into()) >> u32::BITS;
        shard.created_micros().saturating_add(self.life_micros).saturating_add(spread)
    }
}
