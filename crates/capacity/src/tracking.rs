//! The rule of target tracking: what capacity follows from what was used of it. The alarms of Application Auto Scaling
//! and whoever plans with it go by the same one.

const SECONDS_PER_MINUTE: f64 = 60.0;
/// How far below its target the use is when capacity is taken away.
const MARGIN_PERCENT: f64 = 20.0;

/// The shares of a hundred that use may be kept near.
pub const TARGETS: std::ops::RangeInclusive<f64> = 20.0..=90.0;
/// Minutes in a row that are above the upper threshold before capacity is added.
pub const OUT_MINUTES: usize = 2;
/// Minutes in a row that are below the lower one before it is taken away.
pub const QUIET_MINUTES: usize = 15;

/// Keeps the use of a capacity near a share of a hundred.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tracking {
    /// The share.
    pub target: f64,
}

impl Tracking {
    /// Above so many units a minute more capacity is wanted.
    pub fn high(self, per_second: u64) -> f64 {
        per_second as f64 * SECONDS_PER_MINUTE * self.target / 100.0
    }

    /// Below so many units a minute less is.
    pub fn low(self, per_second: u64) -> f64 {
        per_second as f64 * SECONDS_PER_MINUTE * (self.target - MARGIN_PERCENT).max(0.0) / 100.0
    }

    /// As much as brings the last minute's use to the target.
    pub fn out(self, per_second: u64, used: f64) -> u64 {
        self.fitting(used).max(per_second)
    }

    /// As little as the busiest of the quiet minutes leaves room for.
    pub fn back(self, per_second: u64, most_used: f64) -> u64 {
        self.fitting(most_used).max(1).min(per_second)
    }

    fn fitting(self, used: f64) -> u64 {
        (used / SECONDS_PER_MINUTE / (self.target / 100.0)).ceil() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_and_what_follows() {
        let tracking = Tracking { target: 70.0 };
        assert_eq!((tracking.high(5), tracking.low(5)), (210.0, 150.0));
        assert_eq!((tracking.out(5, 6_000.0), tracking.out(5, 60.0)), (143, 5));
        assert_eq!((tracking.back(143, 60.0), tracking.back(143, 0.0), tracking.back(5, 6_000.0)), (2, 1, 5));
    }
}
