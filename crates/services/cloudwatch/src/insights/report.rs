//! A report: the heaviest keys of some time, by the period.

use super::merged;
use figures::hot_keys::{Counter, KeySketch};
use std::collections::BTreeMap;

const SECONDS_PER_MINUTE: u64 = 60;

/// What a rule has counted.
#[derive(Debug)]
pub(crate) struct Report {
    /// Of the whole time.
    pub(crate) all: KeySketch,
    /// By the second since the Unix epoch in which a period begins.
    pub(crate) periods: BTreeMap<u64, KeySketch>,
}

/// A key of a report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contributor {
    /// Its parts.
    pub(crate) keys: Vec<String>,
    /// Its value.
    pub(crate) value: f64,
    /// Its value by the second in which a period begins; periods without any are not there.
    pub(crate) periods: Vec<(u64, f64)>,
}

/// What keys are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderBy {
    /// All of their value.
    Sum,
    /// The greatest value of a period.
    Maximum,
}

impl Report {
    /// Of counts by the minute, in periods that begin at a second.
    pub(crate) fn of(minutes: &BTreeMap<u64, KeySketch>, start: u64, period_seconds: u64) -> Self {
        let mut periods = BTreeMap::<u64, KeySketch>::new();
        for (minute, sketch) in minutes {
            let since = (minute * SECONDS_PER_MINUTE).saturating_sub(start);
            periods.entry(start + since / period_seconds * period_seconds).or_default().merge(sketch);
        }
        Report { all: merged(minutes.values()), periods }
    }

    /// The first keys in an order.
    pub(crate) fn contributors(&self, order: OrderBy, count: usize) -> Vec<Contributor> {
        let mut contributors: Vec<_> =
            self.all.counters().map(|(hash, counter)| self.contributor(hash, counter)).collect();
        let value = |contributor: &Contributor| match order {
            OrderBy::Sum => contributor.value,
            OrderBy::Maximum => contributor.periods.iter().map(|(_, value)| *value).fold(0.0, f64::max),
        };
        contributors.sort_by(|one, other| {
            value(other).total_cmp(&value(one)).then_with(|| one.keys.cmp(&other.keys))
        });
        contributors.truncate(count);
        contributors
    }

    fn contributor(&self, hash: u64, counter: &Counter) -> Contributor {
        let of_period = |(start, sketch): (&u64, &KeySketch)| Some((*start, sketch.counter(hash)?.count));
        Contributor {
            keys: counter.key.clone(),
            value: counter.count,
            periods: self.periods.iter().filter_map(of_period).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(counts: &[(u64, f64)]) -> KeySketch {
        let mut sketch = KeySketch::default();
        counts.iter().for_each(|(key, count)| sketch.add(*key, *count, || vec![format!("k{key}")]));
        sketch
    }

    #[test]
    fn keys_by_sum_and_by_their_greatest_period() {
        let minutes = BTreeMap::from([
            (10, sketch(&[(1, 5.0), (2, 1.0)])),
            (11, sketch(&[(1, 5.0)])),
            (12, sketch(&[(2, 8.0)])),
        ]);
        let report = Report::of(&minutes, 600, 120);
        assert_eq!((report.all.total(), report.all.keys()), (19.0, 2));
        assert_eq!(report.periods.keys().copied().collect::<Vec<_>>(), [600, 720]);
        let by_sum = report.contributors(OrderBy::Sum, 10);
        assert_eq!(by_sum[0].keys, ["k1"]);
        assert_eq!(by_sum[1].periods, [(600, 1.0), (720, 8.0)]);
        let minute_by_minute = Report::of(&minutes, 600, 60);
        assert_eq!(minute_by_minute.contributors(OrderBy::Maximum, 1)[0].keys, ["k2"]);
    }
}
