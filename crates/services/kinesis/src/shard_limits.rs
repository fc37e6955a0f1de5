//! What a shard takes and gives within a second: a mebibyte or 1,000 records in, two mebibytes or five calls out.
//! Buckets are in memory, per server; a shard whose buckets are full is not remembered.

use crate::stream::Shard;
use capacity::{Bucket, HalfUnits, Rate};
use parking_lot::Mutex;
use std::collections::HashMap;

const MEBIBYTE: u64 = 1024 * 1024;
const BYTES_IN: Rate = Rate::per_second(MEBIBYTE, 1);
const RECORDS_IN: Rate = Rate::per_second(1_000, 1);
const BYTES_OUT: Rate = Rate::per_second(2 * MEBIBYTE, 1);
const CALLS_OUT: Rate = Rate::per_second(5, 1);

/// Shards that are remembered; beyond, those are forgotten that could be used as they please.
const SHARDS_MAX: usize = 4_096;

/// The limits of all shards.
#[derive(Debug, Default)]
pub struct ShardLimits(Mutex<HashMap<u64, Buckets>>);

#[derive(Debug, Default)]
struct Buckets {
    bytes_in: Bucket,
    records_in: Bucket,
    bytes_out: Bucket,
    calls_out: Bucket,
}

impl ShardLimits {
    /// Takes a record of so many bytes, unless the shard has had as many as it takes.
    pub fn take(&self, shard: &Shard, bytes: usize, now_micros: u64) -> bool {
        self.with(shard, now_micros, |buckets| {
            let admits = buckets.bytes_in.admits(BYTES_IN, now_micros)
                && buckets.records_in.admits(RECORDS_IN, now_micros);
            if admits {
                buckets.bytes_in.charge(BYTES_IN, now_micros, whole(bytes));
                buckets.records_in.charge(RECORDS_IN, now_micros, whole(1));
            }
            admits
        })
    }

    /// Begins a reading, unless the shard has given as much as it gives.
    pub fn begin_reading(&self, shard: &Shard, now_micros: u64) -> bool {
        self.with(shard, now_micros, |buckets| {
            let admits = buckets.bytes_out.admits(BYTES_OUT, now_micros)
                && buckets.calls_out.admits(CALLS_OUT, now_micros);
            if admits {
                buckets.calls_out.charge(CALLS_OUT, now_micros, whole(1));
            }
            admits
        })
    }

    /// So many bytes were read.
    pub fn read(&self, shard: &Shard, bytes: usize, now_micros: u64) {
        self.with(shard, now_micros, |buckets| buckets.bytes_out.charge(BYTES_OUT, now_micros, whole(bytes)));
    }

    fn with<R>(&self, shard: &Shard, now_micros: u64, act: impl FnOnce(&Buckets) -> R) -> R {
        let mut shards = self.0.lock();
        if shards.len() >= SHARDS_MAX {
            shards.retain(|_, buckets| !buckets.are_full(now_micros));
        }
        act(shards.entry(shard.feed).or_default())
    }
}

impl Buckets {
    fn are_full(&self, now_micros: u64) -> bool {
        let is_full =
            |bucket: &Bucket, rate: Rate| bucket.holds(rate, now_micros) == Bucket::default().holds(rate, 0);
        is_full(&self.bytes_in, BYTES_IN)
            && is_full(&self.records_in, RECORDS_IN)
            && is_full(&self.bytes_out, BYTES_OUT)
            && is_full(&self.calls_out, CALLS_OUT)
    }
}

fn whole(units: usize) -> HalfUnits {
    HalfUnits(2 * units as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn a_shard_takes_a_thousand_records_a_second() {
        let (limits, shard) = (ShardLimits::default(), Shard::first(0));
        let taken = |now| (0..2_000).filter(|_| limits.take(&shard, 1, now)).count();
        assert_eq!((taken(SECOND), taken(SECOND), taken(2 * SECOND)), (1_000, 0, 1_000));
    }

    #[test]
    fn a_shard_takes_and_gives_so_many_bytes() {
        let (limits, shard) = (ShardLimits::default(), Shard::first(0));
        assert!(limits.take(&shard, 700_000, SECOND) && limits.take(&shard, 700_000, SECOND));
        assert!(!limits.take(&shard, 1, SECOND) && limits.take(&shard, 1, 2 * SECOND));
        assert!(limits.begin_reading(&shard, SECOND));
        limits.read(&shard, 4 * 1024 * 1024, SECOND);
        assert!(!limits.begin_reading(&shard, SECOND + 900_000) && limits.begin_reading(&shard, 3 * SECOND));
    }

    #[test]
    fn a_shard_is_read_five_times_a_second() {
        let (limits, shard) = (ShardLimits::default(), Shard::first(0));
        let read = (0..9).filter(|_| limits.begin_reading(&shard, SECOND)).count();
        assert_eq!(read, 5);
        assert!(limits.begin_reading(&Shard { feed: 1, ..Shard::first(0) }, SECOND));
    }

    #[test]
    fn shards_that_are_left_alone_are_forgotten() {
        let limits = ShardLimits::default();
        for feed in 0..SHARDS_MAX as u64 {
            limits.take(&Shard { feed, ..Shard::first(0) }, 1, SECOND);
        }
        limits.take(&Shard { feed: u64::MAX, ..Shard::first(0) }, 1, 60 * SECOND);
        assert_eq!(limits.0.lock().len(), 1);
    }
}
