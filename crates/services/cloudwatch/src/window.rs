//! A stretch of time in periods: what a request for statistics asks for.

use crate::metrics::Point;
use std::collections::BTreeMap;
use std::ops::Range;

const SECONDS_PER_MINUTE: u64 = 60;
const DAY_SECONDS: f64 = 86_400.0;

/// From when to when, in periods of so many seconds. Points are of whole minutes, so periods begin at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first second, rounded down as far as points of that age are kept.
    pub start: u64,
    /// The first second behind it.
    pub end: u64,
    /// The seconds of a period.
    pub period: u64,
}

impl Window {
    /// The window of a request: the older its start, the coarser it is rounded down.
    pub fn of(start: f64, end: f64, period: u64, now_micros: u64) -> Window {
        let start = start.max(0.0);
        let step = step_seconds(start, now_micros).min(3_600);
        let start = start as u64;
        Window { start: start - start % step, end: end.max(0.0).ceil() as u64, period }
    }

    /// The minutes that it covers.
    pub fn minutes(&self) -> Range<u32> {
        let minute = |seconds: u64| u32::try_from(seconds / SECONDS_PER_MINUTE).unwrap_or(u32::MAX);
        minute(self.start)..minute(self.end.saturating_add(SECONDS_PER_MINUTE - 1))
    }

    /// The beginning of the period of a minute.
    pub fn period_of(&self, minute: u32) -> u64 {
        let second = u64::from(minute) * SECONDS_PER_MINUTE;
        second - second.saturating_sub(self.start) % self.period.max(SECONDS_PER_MINUTE)
    }

    /// How many periods it has.
    pub fn periods(&self) -> u64 {
        self.end.saturating_sub(self.start).div_ceil(self.period)
    }
}

/// How finely points of this age are kept, in seconds.
pub fn step_seconds(start: f64, now_micros: u64) -> u64 {
    let age = now_micros as f64 / 1e6 - start;
    match age {
        age if age <= 15.0 * DAY_SECONDS => 60,
        age if age <= 63.0 * DAY_SECONDS => 300,
        _ => 3_600,
    }
}

/// The points of a series by the period that they are in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Periods(pub BTreeMap<u64, Point>);

impl Periods {
    /// Adds the values of a minute.
    pub fn add(&mut self, window: &Window, minute: u32, point: &Point) {
        self.0.entry(window.period_of(minute)).or_default().merge(point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 100 * 86_400;

    fn window(days_ago: u64, seconds: u64, period: u64) -> Window {
        let start = (NOW - days_ago * 86_400 + seconds) as f64;
        Window::of(start, start + 3_600.0, period, NOW * 1_000_000)
    }

    #[test]
    fn older_windows_are_rounded_further() {
        let rounded = |days_ago| window(days_ago, 3_599, 60).start % 3_600;
        assert_eq!((rounded(1), rounded(20), rounded(64)), (3_540, 3_300, 0));
    }

    #[test]
    fn periods_begin_at_the_start() {
        let window = window(1, 120, 300);
        let minute = window.minutes().start;
        assert_eq!(window.minutes().len(), 60);
        assert_eq!([0, 4, 5].map(|after| window.period_of(minute + after) - window.start), [0, 0, 300]);
        assert_eq!(window.periods(), 12);
    }
}
