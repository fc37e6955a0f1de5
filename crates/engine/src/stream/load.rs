//! How much is written to a table with a stream, and to which part of its hashes: shards are split by it. Counted in
//! memory, per server; it costs a write one addition.

use super::ShardLimits;
use super::shard::Shard;
use crate::engine::Engine;
use crate::jobs::{Job, TendShards};
use crate::table::Table;
use crate::write::Write;
use std::array::from_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

/// Parts of equal size that hashes are counted in. A shard is never less than one of them.
const PARTS: usize = 64;
const PART_BITS: u32 = PARTS.trailing_zeros();
/// So many writes to one part are worth a look.
const WATCHED_FROM: u32 = 16;

/// The writes of a table since the last look. Clones of a descriptor share it.
#[derive(Debug, Clone, Default)]
pub struct StreamLoad(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    writes: [AtomicU32; PARTS],
    /// Whether a job evaluates them, or is scheduled to.
    is_watched: AtomicBool,
    /// The start of the count; 0 before the first one.
    since_micros: AtomicU64,
}

impl Default for Counts {
    fn default() -> Counts {
        let (is_watched, since_micros) = (AtomicBool::new(false), AtomicU64::new(0));
        Counts { writes: from_fn(|_| AtomicU32::new(0)), is_watched, since_micros }
    }
}

/// A descriptor is the same however much is written.
impl PartialEq for StreamLoad {
    fn eq(&self, _: &StreamLoad) -> bool {
        true
    }
}

/// What was written in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Load {
    writes: [u32; PARTS],
    micros: u64,
}

impl StreamLoad {
    /// Counts a write to the hash that begins with this byte. True: the load is due for a look.
    fn note(&self, first_byte: u8) -> bool {
        let Counts { writes, is_watched, .. } = &*self.0;
        let count = writes[usize::from(first_byte >> (8 - PART_BITS))].fetch_add(1, Relaxed);
        count >= WATCHED_FROM && !is_watched.load(Relaxed) && !is_watched.swap(true, Relaxed)
    }

    /// What was written in the window that ends now, if one does. Begins one where writes are to be evaluated.
    pub(crate) fn take(&self, now: u64, limits: ShardLimits) -> Option<Load> {
        let Counts { writes, is_watched, since_micros } = &*self.0;
        if self.window_end(limits).is_some_and(|end| now < end) || !is_watched.load(Relaxed) {
            return None;
        }
        let since = since_micros.load(Relaxed);
        let load =
            Load { writes: from_fn(|part| writes[part].swap(0, Relaxed)), micros: now.saturating_sub(since) };
        since_micros.store(if since == 0 { now } else { 0 }, Relaxed);
        is_watched.store(since == 0, Relaxed);
        (since > 0).then_some(load)
    }

    /// When the window ends that has begun.
    pub(crate) fn window_end(&self, limits: ShardLimits) -> Option<u64> {
        let since = self.0.since_micros.load(Relaxed);
        (since > 0).then_some(since + limits.window_micros())
    }
}

impl Load {
    /// Whether more was written to a shard than it should take, and splitting it would help: two halves share the
    /// writes of many keys, not those of one.
    pub(super) fn should_split(&self, shard: &Shard, writes_per_second: u64) -> bool {
        let part = |hash: u64| (hash >> (u64::BITS - PART_BITS)) as usize;
        let writes = &self.writes[part(shard.hashes.0)..=part(shard.hashes.1)];
        let all: u64 = writes.iter().copied().map(u64::from).sum();
        let most = writes.iter().copied().max().map_or(0, u64::from);
        writes.len() > 1
            && most * 10 < all * 9
            && all * 1_000_000 > writes_per_second.saturating_mul(self.micros)
    }
}

impl Engine {
    /// Counts a write that was done.
    pub(crate) fn note_write(&self, table: &Table, write: &Write) {
        if table.has_enabled_stream() && table.load.note(write.key().hash()[0]) {
            self.jobs().start(Job::TendShards(TendShards::of(table)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::shard::{ALL_HASHES, Place};

    fn shard(hashes: (u64, u64)) -> Shard {
        let (start, id) = (Place::At(1), String::new());
        Shard { id, parent: None, hashes, start, end: None, closed_micros: None }
    }

    #[test]
    fn writes_are_looked_at_once_a_window_and_only_while_there_are_some() {
        let (load, limits) = (StreamLoad::default(), ShardLimits::default());
        let window = limits.window_micros();
        assert_eq!(load.take(5, limits), None);
        assert_eq!((0..100).filter(|_| load.note(0)).count(), 1);
        assert_eq!((load.take(1_000, limits), load.window_end(limits)), (None, Some(1_000 + window)));
        (0..100).for_each(|n| assert!(!load.note(n)));
        assert_eq!(load.take(999 + window, limits), None);
        let taken = load.take(1_000 + window, limits).unwrap();
        assert_eq!((taken.micros, taken.writes.iter().sum::<u32>()), (window, 100));
        assert_eq!((load.window_end(limits), load.take(2_000 + window, limits)), (None, None));
        assert_eq!((0..100).filter(|_| load.note(9)).count(), 1);
    }

    #[test]
    fn a_shard_is_split_for_many_writes_to_many_keys() {
        let load = |part: fn(usize) -> u32| Load { writes: from_fn(part), micros: 2_000_000 };
        let all = shard(ALL_HASHES);
        let spread = load(|_| 10);
        assert!(spread.should_split(&all, 319) && !spread.should_split(&all, 320));
        assert!(
            spread.should_split(&shard((0, u64::MAX / 2)), 159)
                && !spread.should_split(&shard((0, u64::MAX / 2)), 160)
        );
        assert!(!load(|part| if part == 7 { 1_000 } else { 1 }).should_split(&all, 10), "one key");
        assert!(!spread.should_split(&shard((0, u64::MAX >> PART_BITS)), 0), "as small as it gets");
    }
}
