//! How far an on-demand table has grown: it serves what it is warmed for, or double the highest traffic of earlier half
//! hours, whichever is more.

const PERIOD_MICROS: u64 = 30 * 60 * 1_000_000;
const SECOND_MICROS: u64 = 1_000_000;
/// What an account's on-demand table grows to at most, in units a second; a warmed one may have more.
pub(crate) const QUOTA_UNITS: u64 = 40_000;

/// The traffic of a table that was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Growth {
    /// Units a second that it serves in any case.
    floor: u64,
    /// The half hour it is in, and its highest second.
    period: u64,
    peak_half_units: u64,
    /// The highest second of earlier half hours.
    settled_half_units: u64,
    /// That of the other servers together.
    others_half_units: u64,
    second: u64,
    second_half_units: u64,
}

impl Growth {
    pub(crate) fn set_floor(&mut self, units: u64) {
        self.floor = units;
    }

    pub(crate) fn set_others(&mut self, half_units: u64) {
        self.others_half_units = half_units;
    }

    /// The highest second of earlier half hours, and that of the half hour now, in half units.
    pub(crate) fn peaks_at(&mut self, now_micros: u64) -> (u64, u64) {
        self.enter(now_micros);
        (self.settled_half_units, self.peak_half_units)
    }

    /// Goes on from the peaks that were so at a time.
    pub(crate) fn resume(&mut self, (settled, peak): (u64, u64), at_micros: u64) {
        self.enter(at_micros);
        self.settled_half_units = self.settled_half_units.max(settled);
        self.peak_half_units = self.peak_half_units.max(peak);
    }

    /// Adds the peak of a server that is gone.
    pub(crate) fn inherit(&mut self, half_units: u64) {
        self.settled_half_units = self.settled_half_units.saturating_add(half_units);
    }

    /// Traffic was charged.
    pub(crate) fn note(&mut self, now_micros: u64, half_units: u64) {
        self.enter(now_micros);
        self.second_half_units += half_units;
        self.peak_half_units = self.peak_half_units.max(self.second_half_units);
    }

    /// Units a second that it serves now.
    pub(crate) fn units_at(&mut self, now_micros: u64) -> u64 {
        self.enter(now_micros);
        // Double as many units are as many as there are half units.
        self.floor.max(self.settled_half_units.saturating_add(self.others_half_units).min(QUOTA_UNITS))
    }

    fn enter(&mut self, now_micros: u64) {
        let (period, second) = (now_micros / PERIOD_MICROS, now_micros / SECOND_MICROS);
        if period != self.period {
            self.settled_half_units = self.settled_half_units.max(self.peak_half_units);
            (self.period, self.peak_half_units) = (period, 0);
        }
        if second != self.second {
            (self.second, self.second_half_units) = (second, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_what_earlier_half_hours_had() {
        let mut growth = Growth::default();
        growth.set_floor(100);
        for second in 0..10 {
            growth.note(second * SECOND_MICROS, 200);
            growth.note(second * SECOND_MICROS + 5, 40);
        }
        assert_eq!(growth.units_at(11 * SECOND_MICROS), 100, "not yet");
        assert_eq!(growth.units_at(PERIOD_MICROS), 240, "120 units a second, doubled");
        assert_eq!(growth.units_at(2 * PERIOD_MICROS), 240, "it never shrinks");
        growth.set_others(100);
        assert_eq!(growth.units_at(2 * PERIOD_MICROS), 340, "what other servers had counts as well");
    }

    #[test]
    fn a_restart_does_not_forget_what_it_has_grown_to() {
        let mut before = Growth::default();
        before.note(0, 300);
        before.note(PERIOD_MICROS, 500);
        let mut after = Growth::default();
        after.resume(before.peaks_at(PERIOD_MICROS + 5), PERIOD_MICROS + 5);
        assert_eq!(after.units_at(PERIOD_MICROS + 10), 300);
        assert_eq!(after.units_at(2 * PERIOD_MICROS), 500);
    }
}
