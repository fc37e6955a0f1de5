//! The virtual partitions of a table or index: ranges of the hashes of partition keys, each with a bucket for reads and
//! one for writes. A range that stays hot is split in halves, or its hottest key gets buckets of its own. Ranges never
//! join again.

use crate::bucket::{Bucket, Rate};
use crate::{Direction, HalfUnits, Share};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

/// Read units a second of a range.
pub(crate) const READ_UNITS: u64 = 3_000;
/// Write units a second of a range.
pub(crate) const WRITE_UNITS: u64 = 1_000;

const READ_RATE: Rate = Rate::per_second(READ_UNITS, 1);
const WRITE_RATE: Rate = Rate::per_second(WRITE_UNITS, 1);

/// A range that was dry in so many seconds is split.
const HOT_SECONDS: u64 = 60;
/// Dry seconds are forgotten after so many seconds without one.
const COOLED_SECONDS: u64 = 600;
/// Ranges and isolated keys of a table at most.
const PLACES_MAX: u64 = 4_096;
/// Ranges are halved so often at most.
const DEPTH_MAX: u32 = 32;

/// All ranges of a table or index.
#[derive(Debug, Default)]
pub struct Ranges {
    root: Range,
    places: AtomicU64,
}

#[derive(Debug, Default)]
struct Range {
    buckets: Buckets,
    heat: Heat,
    hot_key: OnceLock<Box<HotKey>>,
    halves: OnceLock<Box<[Range; 2]>>,
}

#[derive(Debug, Default)]
struct Buckets {
    read: Bucket,
    write: Bucket,
}

/// A key that has a place of its own.
#[derive(Debug)]
struct HotKey {
    hash: u64,
    buckets: Buckets,
}

/// What is known of the requests that found a range dry. A hint: threads may overwrite each other's.
#[derive(Debug, Default)]
struct Heat {
    last_second: AtomicU64,
    seconds: AtomicU64,
    /// The key that most of them were for, if there is such a key, and by how many votes.
    key: AtomicU64,
    votes: AtomicI64,
    requests: AtomicU64,
}

impl Ranges {
    /// Makes as many ranges as this throughput takes; there may be more already.
    pub(crate) fn fit(&self, read_units: u64, write_units: u64) {
        let wanted = read_units.div_ceil(READ_UNITS).max(write_units.div_ceil(WRITE_UNITS)).max(1);
        let depth = wanted.next_power_of_two().trailing_zeros().min(PLACES_MAX.ilog2() - 1);
        self.root.split_to(depth, &self.places);
    }

    /// Whether this server's part of the key's range, or of the key's own place, holds anything.
    pub fn admits(&self, direction: Direction, hash: u64, share: Share, now_micros: u64) -> bool {
        self.place(hash).of(direction).admits(rate(direction).part(share), now_micros)
    }

    /// Takes this much out, or puts it back if it is negative.
    pub fn charge(&self, direction: Direction, hash: u64, share: Share, now_micros: u64, cost: HalfUnits) {
        self.place(hash).of(direction).charge(rate(direction).part(share), now_micros, cost);
    }

    /// Until when the key's range is in debt.
    pub(crate) fn owes_until(&self, direction: Direction, hash: u64, share: Share, now_micros: u64) -> u64 {
        let held = self.place(hash).of(direction).holds(rate(direction).part(share), now_micros).0;
        if held >= 0 {
            return now_micros;
        }
        let units = match direction {
            Direction::Read => READ_UNITS,
            Direction::Write => WRITE_UNITS,
        };
        let micros = u128::from(held.unsigned_abs()) * 1_000_000_000_000
            / (2 * u128::from(units) * u128::from(share.millionths()));
        now_micros.saturating_add(micros as u64)
    }

    /// A request found its range dry: one that often is gets split.
    pub fn note_dry(&self, hash: u64, now_micros: u64) {
        let (range, depth) = self.range(hash);
        if !range.heat.note(hash, now_micros) || self.places.load(Relaxed) >= PLACES_MAX {
            return;
        }
        match range.heat.majority() {
            Some(hash) if range.hot_key.get().is_none() => range.isolate(hash, &self.places),
            _ if depth < DEPTH_MAX => range.split(&self.places),
            _ => {}
        }
        range.heat.forget();
    }

    /// How many ranges there are, isolated keys among them.
    pub fn count(&self) -> u64 {
        1 + self.places.load(Relaxed)
    }

    fn place(&self, hash: u64) -> &Buckets {
        let (mut range, mut bits) = (&self.root, hash);
        loop {
            if let Some(key) = range.hot_key.get()
                && key.hash == hash
            {
                return &key.buckets;
            }
            match range.halves.get() {
                Some(halves) => range = &halves[(bits >> 63) as usize],
                None => return &range.buckets,
            }
            bits <<= 1;
        }
    }

    fn range(&self, hash: u64) -> (&Range, u32) {
        let (mut range, mut depth) = (&self.root, 0);
        while let Some(halves) = range.halves.get() {
            range = &halves[(hash << depth >> 63) as usize];
            depth += 1;
        }
        (range, depth)
    }
}

impl Range {
    /// The depth is at most that of [`PLACES_MAX`].
    fn split_to(&self, depth: u32, places: &AtomicU64) {
        if depth > 0 {
            self.split(places);
            let halves = self.halves.get().into_iter().flat_map(|halves| halves.iter());
            halves.for_each(|half| half.split_to(depth - 1, places));
        }
    }

    fn split(&self, places: &AtomicU64) {
        self.halves.get_or_init(|| {
            places.fetch_add(1, Relaxed);
            Box::default()
        });
    }

    fn isolate(&self, hash: u64, places: &AtomicU64) {
        self.hot_key.get_or_init(|| {
            places.fetch_add(1, Relaxed);
            Box::new(HotKey { hash, buckets: Buckets::default() })
        });
    }
}

impl Buckets {
    fn of(&self, direction: Direction) -> &Bucket {
        match direction {
            Direction::Read => &self.read,
            Direction::Write => &self.write,
        }
    }
}

impl Heat {
    /// True: it has been hot for long enough.
    fn note(&self, hash: u64, now_micros: u64) -> bool {
        let second = now_micros / 1_000_000;
        let last = self.last_second.swap(second, Relaxed);
        if second.abs_diff(last) > COOLED_SECONDS {
            self.forget();
        }
        self.vote(hash);
        let seconds = match second == last {
            true => self.seconds.load(Relaxed),
            false => self.seconds.fetch_add(1, Relaxed) + 1,
        };
        seconds >= HOT_SECONDS
    }

    /// A key that has more than half of the requests is left over by this.
    fn vote(&self, hash: u64) {
        self.requests.fetch_add(1, Relaxed);
        if self.key.load(Relaxed) == hash {
            self.votes.fetch_add(1, Relaxed);
        } else if self.votes.fetch_sub(1, Relaxed) <= 0 {
            self.key.store(hash, Relaxed);
            self.votes.store(1, Relaxed);
        }
    }

    /// The key that has most of the requests: as many votes more than others as a quarter of all requests.
    fn majority(&self) -> Option<u64> {
        let is_clear = self.votes.load(Relaxed) * 4 >= self.requests.load(Relaxed) as i64;
        is_clear.then(|| self.key.load(Relaxed))
    }

    fn forget(&self) {
        self.seconds.store(0, Relaxed);
        self.votes.store(0, Relaxed);
        self.requests.store(0, Relaxed);
    }
}

fn rate(direction: Direction) -> Rate {
    match direction {
        Direction::Read => READ_RATE,
        Direction::Write => WRITE_RATE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    /// Asks for writes of one unit within a second, and says how many were admitted.
    fn write(ranges: &Ranges, second: u64, keys: impl Iterator<Item = u64>) -> usize {
        let now = second * SECOND;
        let one = |hash: &u64| match ranges.admits(Direction::Write, *hash, Share::WHOLE, now) {
            true => {
                ranges.charge(Direction::Write, *hash, Share::WHOLE, now, HalfUnits(2));
                true
            }
            false => {
                ranges.note_dry(*hash, now);
                false
            }
        };
        keys.filter(one).count()
    }

    fn spread(n: u64) -> impl Iterator<Item = u64> {
        (0..n).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    #[test]
    fn as_many_ranges_as_the_throughput_takes() {
        for (read, write, count) in [(5, 5, 1), (12_000, 4_000, 4), (40_000, 1, 16), (u64::MAX, 0, 2_048)] {
            let ranges = Ranges::default();
            ranges.fit(read, write);
            ranges.fit(1, 1);
            assert_eq!(ranges.count(), count, "{read} {write}");
        }
    }

    #[test]
    fn a_range_has_its_limit_and_another_is_not_touched_by_it() {
        let ranges = Ranges::default();
        ranges.fit(0, 2_000);
        assert_eq!(write(&ranges, 9, std::iter::repeat_n(1, 5_000)), 1_000);
        assert_eq!(write(&ranges, 9, std::iter::repeat_n(1 << 63, 5_000)), 1_000);
        assert_eq!(write(&ranges, 10, std::iter::repeat_n(1, 5_000)), 1_000);
    }

    #[test]
    fn a_hot_key_is_isolated_after_a_minute_and_its_neighbours_are_free() {
        let ranges = Ranges::default();
        let neighbours = || spread(500).filter(|hash| *hash != 7);
        for second in 1..=HOT_SECONDS {
            write(&ranges, second, std::iter::repeat_n(7, 3_000));
        }
        let second = HOT_SECONDS + 1;
        assert_eq!(write(&ranges, second, std::iter::repeat_n(7, 5_000)), 1_000, "it has a place of its own");
        assert_eq!(write(&ranges, second, neighbours()), neighbours().count());
        assert_eq!(ranges.count(), 2);
    }

    #[test]
    fn many_hot_keys_split_their_range_and_there_is_an_end_to_it() {
        let ranges = Ranges::default();
        let before = write(&ranges, 0, spread(4_000));
        for second in 1..1_000 {
            write(&ranges, second, spread(4_000));
        }
        assert!(write(&ranges, 1_001, spread(4_000)) >= 3 * before, "{}", ranges.count());
        for second in 0..20_000 {
            ranges.note_dry(second * SECOND, second * SECOND);
        }
        assert!(ranges.count() <= 1 + PLACES_MAX);
    }
}
