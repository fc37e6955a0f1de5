//! How fast a bulk operation may write.

const SECOND_MICROS: u64 = 1_000_000;

/// Write units since a time, and how many a second there may be.
#[derive(Debug)]
pub(super) struct Pace {
    per_second: Option<u64>,
    since_micros: u64,
    units: u64,
}

impl Pace {
    pub(super) fn of(per_second: Option<u64>, now_micros: u64) -> Pace {
        Pace { per_second, since_micros: now_micros, units: 0 }
    }

    pub(super) fn add(&mut self, units: u64) {
        self.units += units;
    }

    /// When more may be written: in each second as much as there may be, less what was too much before. A second that
    /// has gone by is not made up for.
    pub(super) fn due_micros(&mut self, now_micros: u64) -> u64 {
        let Some(per_second) = self.per_second else { return now_micros };
        let seconds = self.units / per_second.max(1);
        let begins = self.since_micros.saturating_add(seconds.saturating_mul(SECOND_MICROS));
        if now_micros >= begins.saturating_add(SECOND_MICROS) {
            (self.since_micros, self.units) = (now_micros, 0);
            return now_micros;
        }
        begins.max(now_micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_spread_over_time_and_pauses_are_not_made_up_for() {
        let mut pace = Pace::of(Some(1_000), 5);
        assert_eq!(pace.due_micros(5), 5);
        pace.add(1_500);
        assert_eq!(pace.due_micros(5), 1_000_005);
        pace.add(499);
        assert_eq!(pace.due_micros(1_500_005), 1_500_005);
        pace.add(1);
        assert_eq!(pace.due_micros(1_500_005), 2_000_005);
        assert_eq!(pace.due_micros(9_000_000), 9_000_000);
        pace.add(999);
        assert_eq!(pace.due_micros(9_000_001), 9_000_001);
        pace.add(1);
        assert_eq!(pace.due_micros(9_000_001), 10_000_000);
        assert_eq!(Pace::of(None, 5).due_micros(7), 7);
    }
}
