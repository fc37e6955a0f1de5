//! A token bucket as one atomic number: the time at which it will be full again.

use crate::HalfUnits;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// No debt takes longer to pay back: what bounds the harm of a clock that is set back.
const DEBT_NANOS_MAX: u64 = 300 * NANOS_PER_SECOND;

/// How fast a bucket fills, and how much it holds. A half unit is a whole number of nanoseconds, and what a bucket
/// holds is a whole number of half units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// 0 is without limit.
    nanos_per_half_unit: u64,
    /// What flows in within a second, as the time that it takes.
    second_nanos: u64,
    depth_nanos: u64,
}

impl Rate {
    /// No limit at all.
    pub const UNLIMITED: Rate =
        Rate { nanos_per_half_unit: 0, second_nanos: 0, depth_nanos: NANOS_PER_SECOND };

    /// So many units a second, those of so many seconds being kept.
    pub const fn per_second(units: u64, depth_seconds: u64) -> Rate {
        let units = if units == 0 { 1 } else { units };
        let nanos_per_half_unit = NANOS_PER_SECOND / 2 / units;
        if nanos_per_half_unit == 0 {
            return Rate::UNLIMITED;
        }
        let second_nanos = nanos_per_half_unit * 2 * units;
        Rate { nanos_per_half_unit, second_nanos, depth_nanos: depth_seconds * second_nanos }
    }

    /// The same at `part` of `whole` of the speed. It takes as long to fill, so it holds less.
    pub(crate) fn slowed(self, whole: u64, part: u64) -> Rate {
        let slower = self.nanos_per_half_unit.saturating_mul(whole) / part.max(1);
        Rate { nanos_per_half_unit: slower, ..self }
    }

    /// Whether there is a limit.
    pub fn is_limited(self) -> bool {
        self.nanos_per_half_unit > 0
    }

    /// What flows in within so many milliseconds.
    pub(crate) fn within_millis(self, millis: u64) -> HalfUnits {
        HalfUnits((millis * 1_000_000).checked_div(self.nanos_per_half_unit).unwrap_or(u64::MAX) as i64)
    }
}

/// A bucket. It knows no rate: whoever asks has it, and an atomic number is all there is.
#[derive(Debug, Default)]
pub struct Bucket {
    full_at_nanos: AtomicU64,
}

impl Bucket {
    /// A bucket that held a second's units at a time, and has been filled since.
    pub fn since(since_micros: u64, rate: Rate) -> Bucket {
        let missing = rate.depth_nanos.saturating_sub(rate.second_nanos);
        Bucket { full_at_nanos: AtomicU64::new(nanos(since_micros).saturating_add(missing)) }
    }

    /// A bucket that held this much at a time; less than nothing is debt.
    pub fn holding(rate: Rate, held: HalfUnits, at_micros: u64) -> Bucket {
        let bucket = Bucket { full_at_nanos: AtomicU64::new(0) };
        bucket.hold(rate, held, at_micros);
        bucket
    }

    /// Makes it hold this much, as far as there is room.
    pub(crate) fn hold(&self, rate: Rate, held: HalfUnits, now_micros: u64) {
        let held = held.0.saturating_mul(rate.nanos_per_half_unit as i64);
        let most = (rate.depth_nanos + DEBT_NANOS_MAX) as i64;
        let missing = (rate.depth_nanos as i64).saturating_sub(held).clamp(0, most);
        self.full_at_nanos.store(nanos(now_micros).saturating_add(missing as u64), Relaxed);
    }

    /// Whether it holds anything.
    pub fn admits(&self, rate: Rate, now_micros: u64) -> bool {
        !rate.is_limited() || self.missing_nanos(rate, now_micros) < rate.depth_nanos
    }

    /// What it holds; less than nothing is debt.
    pub fn holds(&self, rate: Rate, now_micros: u64) -> HalfUnits {
        let left = rate.depth_nanos as i64 - self.missing_nanos(rate, now_micros) as i64;
        HalfUnits(left.checked_div(rate.nanos_per_half_unit as i64).unwrap_or(i64::MAX))
    }

    /// Takes this much out, or puts it back if it is negative.
    pub fn charge(&self, rate: Rate, now_micros: u64, cost: HalfUnits) {
        let (now, most) = (nanos(now_micros), rate.depth_nanos + DEBT_NANOS_MAX);
        let delta = cost.0.saturating_mul(rate.nanos_per_half_unit as i64);
        let charged =
            |full_at: u64| Some(full_at.max(now).saturating_add_signed(delta).clamp(now, now + most));
        _ = self.full_at_nanos.fetch_update(Relaxed, Relaxed, charged);
    }

    /// Another rate: what it holds stays, as far as there is room.
    pub(crate) fn change_rate(&self, before: Rate, rate: Rate, now_micros: u64) {
        if !before.is_limited() || !rate.is_limited() {
            return self.full_at_nanos.store(nanos(now_micros), Relaxed);
        }
        self.hold(rate, self.holds(before, now_micros), now_micros);
    }

    /// A longer time than any debt takes can only be a clock that was set back, and counts as the longest debt.
    fn missing_nanos(&self, rate: Rate, now_micros: u64) -> u64 {
        let missing = self.full_at_nanos.load(Relaxed).saturating_sub(nanos(now_micros));
        missing.min(rate.depth_nanos + DEBT_NANOS_MAX)
    }
}

fn nanos(micros: u64) -> u64 {
    micros.saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;
    const NOW: u64 = 1_700_000_000 * SECOND;

    #[test]
    fn it_is_charged_into_debt_and_fills_again() {
        let rate = Rate::per_second(10, 1);
        let bucket = Bucket::since(NOW, rate);
        assert_eq!(bucket.holds(rate, NOW), HalfUnits(20));
        bucket.charge(rate, NOW, HalfUnits(30));
        assert_eq!((bucket.holds(rate, NOW), bucket.admits(rate, NOW)), (HalfUnits(-10), false));
        assert!(!bucket.admits(rate, NOW + SECOND / 2), "exactly empty");
        assert!(bucket.admits(rate, NOW + SECOND / 2 + 1));
        assert_eq!(bucket.holds(rate, NOW + 100 * SECOND), HalfUnits(20), "no more than it has room for");
    }

    #[test]
    fn a_new_bucket_holds_one_second_and_an_old_one_is_full() {
        let rate = Rate::per_second(10, 300);
        let bucket = Bucket::since(NOW, rate);
        assert_eq!(bucket.holds(rate, NOW), HalfUnits::of(10.0));
        assert_eq!(bucket.holds(rate, NOW + 9 * SECOND), HalfUnits::of(100.0));
        assert_eq!(bucket.holds(rate, NOW + 400 * SECOND), HalfUnits::of(3_000.0));
    }

    #[test]
    fn a_clock_that_is_set_back_costs_minutes_at_most() {
        let rate = Rate::per_second(10, 300);
        let bucket = Bucket::since(NOW, rate);
        let before = NOW - 86_400 * SECOND;
        bucket.charge(rate, before, HalfUnits(1));
        assert!(!bucket.admits(rate, before));
        assert!(bucket.admits(rate, before + 301 * SECOND));
    }

    #[test]
    fn another_rate_keeps_what_it_holds() {
        let (slow, fast) = (Rate::per_second(1, 300), Rate::per_second(100, 300));
        let bucket = Bucket::since(NOW, slow);
        bucket.charge(slow, NOW, HalfUnits(62));
        bucket.change_rate(slow, fast, NOW);
        assert_eq!(bucket.holds(fast, NOW), HalfUnits(-60));
        assert!(bucket.admits(fast, NOW + SECOND), "the debt is paid at the new rate");
        bucket.change_rate(fast, Rate::UNLIMITED, NOW);
        assert!(bucket.admits(Rate::UNLIMITED, NOW));
    }
}
