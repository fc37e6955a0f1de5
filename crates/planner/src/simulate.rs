//! Traffic against a capacity, minute by minute: what is served, what is throttled, and what is paid for.
//!
//! Capacity that was not used is kept for five minutes. Within a minute traffic is taken to be even.

use crate::traffic::SECONDS_PER_MINUTE;
use capacity::tracking::{OUT_MINUTES, QUIET_MINUTES, Tracking};
use capacity::{BURST_SECONDS, DECREASE_INTERVAL_SECONDS, FREE_DECREASES};
use std::collections::VecDeque;

const MINUTES_PER_DAY: usize = 24 * 60;
/// Minutes that a further decrease of a day comes after the last.
const DECREASE_INTERVAL_MINUTES: usize = DECREASE_INTERVAL_SECONDS as usize / 60;
/// Minutes of which an on-demand table's peak counts.
const PEAK_MINUTES: usize = 30;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Units that were served.
    pub served: f64,
    /// Units that were throttled.
    pub throttled: f64,
    /// Units a second that were there in each minute.
    pub capacity: Vec<f64>,
}

/// Bounds within which capacity follows its use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// The share of a hundred that the use is kept near.
    pub target: f64,
    /// Units a second at least.
    pub minimum: u64,
    /// Units a second at most.
    pub maximum: u64,
}

impl Outcome {
    /// Units a second on average, those above so many.
    pub fn average_capacity_above(&self, units: u64) -> f64 {
        let above = |capacity: &f64| (capacity - units as f64).max(0.0);
        // Not `sum`, which makes nothing -0.
        let sum = self.capacity.iter().fold(0.0, |sum, capacity| sum + above(capacity));
        sum / self.capacity.len().max(1) as f64
    }

    /// How many of a hundred units were throttled.
    pub fn throttled_percent(&self) -> f64 {
        let all = self.served + self.throttled;
        if all > 0.0 { 100.0 * self.throttled / all } else { 0.0 }
    }
}

/// What was not used of the last five minutes.
struct Bucket(f64);

impl Bucket {
    /// Serves a minute: what is served of it.
    fn serve(&mut self, units: f64, per_second: f64) -> f64 {
        let flows_in = per_second * SECONDS_PER_MINUTE;
        let served = units.min(flows_in + self.0);
        self.0 = (self.0 + flows_in - served).clamp(0.0, per_second * BURST_SECONDS as f64);
        served
    }
}

/// Traffic against a capacity that stays.
pub fn fixed(minutes: &[f64], per_second: u64) -> Outcome {
    let mut bucket = Bucket(per_second as f64 * BURST_SECONDS as f64);
    let served: f64 = minutes.iter().map(|units| bucket.serve(*units, per_second as f64)).sum();
    let capacity = vec![per_second as f64; minutes.len()];
    Outcome { served, throttled: (minutes.iter().sum::<f64>() - served).max(0.0), capacity }
}

/// The least capacity that throttles nothing.
pub fn least_without_throttles(minutes: &[f64]) -> u64 {
    let peak = minutes.iter().copied().fold(0.0, f64::max);
    let (mut too_little, mut enough) = (0, ((peak / SECONDS_PER_MINUTE).ceil() as u64).max(1));
    while enough - too_little > 1 {
        let middle = too_little + (enough - too_little) / 2;
        match fixed(minutes, middle).throttled > 1e-6 {
            true => too_little = middle,
            false => enough = middle,
        }
    }
    enough
}

/// Traffic against an on-demand table that has this much from the beginning, and twice the peak of the last half hour.
pub fn on_demand(minutes: &[f64], from_the_beginning: u64) -> Outcome {
    let mut peaks = VecDeque::with_capacity(PEAK_MINUTES);
    let mut outcome = Outcome::default();
    for units in minutes {
        let peak = peaks.iter().copied().fold(0.0, f64::max);
        let per_second = f64::max(from_the_beginning as f64, 2.0 * peak);
        let served = units.min(per_second * SECONDS_PER_MINUTE);
        outcome.note(*units, served, per_second);
        if peaks.len() == PEAK_MINUTES {
            peaks.pop_front();
        }
        peaks.push_back(served / SECONDS_PER_MINUTE);
    }
    outcome
}

/// Traffic against a capacity that follows its use, as Application Auto Scaling does it: alarms on minutes that are
/// over, and the limits of UpdateTable for decreases. It begins at the minimum.
pub fn scaled(minutes: &[f64], scaling: Scaling) -> Outcome {
    let tracking = Tracking { target: scaling.target };
    let mut per_second = scaling.minimum.max(1);
    let (mut bucket, mut outcome) = (Bucket(per_second as f64 * BURST_SECONDS as f64), Outcome::default());
    let (mut used, mut decreases) = (VecDeque::with_capacity(QUIET_MINUTES), Decreases::default());
    for (minute, units) in minutes.iter().enumerate() {
        let served = bucket.serve(*units, per_second as f64);
        outcome.note(*units, served, per_second as f64);
        if used.len() == QUIET_MINUTES {
            used.pop_front();
        }
        used.push_back(served);
        let wanted =
            wanted(tracking, per_second, &used).clamp(scaling.minimum.max(1), scaling.maximum.max(1));
        if wanted > per_second || wanted < per_second && decreases.allow(minute) {
            per_second = wanted;
        }
    }
    outcome
}

/// What the alarms of the minutes that are over come to.
fn wanted(tracking: Tracking, per_second: u64, used: &VecDeque<f64>) -> u64 {
    let mut latest = used.iter().rev().take(OUT_MINUTES);
    let is_high = used.len() >= OUT_MINUTES && latest.all(|used| *used > tracking.high(per_second));
    // A minute without use has no point, and capacity is not taken away for points that are missing.
    let is_quiet = |used: &f64| *used > 0.0 && *used < tracking.low(per_second);
    if is_high {
        tracking.out(per_second, used.back().copied().unwrap_or(0.0))
    } else if used.len() == QUIET_MINUTES && used.iter().all(is_quiet) {
        tracking.back(per_second, used.iter().copied().fold(0.0, f64::max))
    } else {
        per_second
    }
}

/// The decreases of a day.
#[derive(Default)]
struct Decreases {
    day: usize,
    today: u32,
    last: Option<usize>,
}

impl Decreases {
    fn allow(&mut self, minute: usize) -> bool {
        let day = minute / MINUTES_PER_DAY;
        if day != self.day {
            (self.day, self.today) = (day, 0);
        }
        let is_rested = self.last.is_none_or(|last| minute >= last + DECREASE_INTERVAL_MINUTES);
        let is_allowed = self.today < FREE_DECREASES || is_rested;
        if is_allowed {
            (self.today, self.last) = (self.today + 1, Some(minute));
        }
        is_allowed
    }
}

impl Outcome {
    fn note(&mut self, units: f64, served: f64, per_second: f64) {
        self.served += served;
        self.throttled += (units - served).max(0.0);
        self.capacity.push(per_second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn five_minutes_of_what_was_not_used_are_kept() {
        // 10 a second: 3,000 in store, 600 a minute.
        let outcome = fixed(&[3_600.0, 700.0, 0.0, 1_200.0, 601.0], 10);
        assert_eq!((outcome.served, outcome.throttled), (6_000.0, 101.0));
        assert_eq!(least_without_throttles(&[600.0; 100]), 10);
        assert_eq!(least_without_throttles(&[]), 1);
    }

    #[test]
    fn capacity_follows_its_use() {
        let mut minutes = vec![60.0; 30];
        minutes.extend([6_000.0; 60]);
        minutes.extend([60.0; 120]);
        let outcome = scaled(&minutes, Scaling { target: 70.0, minimum: 5, maximum: 1_000 });
        // Two minutes above the threshold, then what the last of them needs.
        assert!(outcome.capacity[..32].iter().all(|capacity| *capacity == 5.0));
        assert!(outcome.capacity[32] > 5.0);
        assert_eq!(outcome.capacity[60], 143.0);
        assert!(outcome.throttled > 0.0);
        // A quarter of an hour of calm.
        assert_eq!((outcome.capacity[104], outcome.capacity[105]), (143.0, 5.0));
    }

    #[test]
    fn a_pause_takes_nothing_away_and_decreases_are_limited() {
        let mut minutes = vec![6_000.0; 30];
        minutes.extend([0.0; 60]);
        let outcome = scaled(&minutes, Scaling { target: 70.0, minimum: 100, maximum: 1_000 });
        assert_eq!(outcome.capacity.last(), Some(&143.0));
        let mut decreases = Decreases::default();
        let allowed: Vec<_> = (0..120).filter(|minute| decreases.allow(*minute)).collect();
        assert_eq!(allowed, [0, 1, 2, 3, 63]);
        assert!(decreases.allow(MINUTES_PER_DAY));
    }

    #[test]
    fn an_on_demand_table_grows_by_twice_its_peak() {
        let minutes = [60.0 * 4_000.0, 60.0 * 9_000.0, 60.0 * 9_000.0].to_vec();
        let outcome = on_demand(&minutes, 4_000);
        assert_eq!(outcome.capacity, [4_000.0, 8_000.0, 16_000.0]);
        assert_eq!(outcome.throttled, 60.0 * 1_000.0);
    }

    /// The same second by second, written plainly.
    fn plain(minutes: &[f64], per_second: f64) -> f64 {
        let (mut kept, mut throttled) = (per_second * 300.0, 0.0);
        for minute in minutes {
            let (available, all) = (kept + per_second * 60.0, *minute);
            throttled += f64::max(all - available, 0.0);
            kept = f64::min(f64::max(available - all, 0.0), per_second * 300.0);
        }
        throttled
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn nothing_is_lost_and_the_least_is_the_least(
            minutes in proptest::collection::vec(prop_oneof![Just(0.0), 0.0..50_000.0], 0..300),
            units in 1_u64..500,
        ) {
            let all: f64 = minutes.iter().sum();
            let outcome = fixed(&minutes, units);
            prop_assert!((outcome.throttled - plain(&minutes, units as f64)).abs() < 1e-3);
            prop_assert!((outcome.served + outcome.throttled - all).abs() < 1e-3);
            let least = least_without_throttles(&minutes);
            prop_assert!(fixed(&minutes, least).throttled <= 1e-6);
            prop_assert!(least == 1 || fixed(&minutes, least - 1).throttled > 1e-6);
            let scaling = Scaling { target: 70.0, minimum: 1, maximum: units };
            let scaled = scaled(&minutes, scaling);
            prop_assert!((scaled.served + scaled.throttled - all).abs() < 1e-3);
            prop_assert!(scaled.capacity.iter().all(|capacity| (1.0..=units as f64).contains(capacity)));
        }
    }
}
