//! The figures of the tables as metrics of the namespace `AWS/DynamoDB`. The figures of a minute grow while it lasts:
//! what they have grown by since the last look is added to the metrics, so that nothing is counted twice.

use crate::metrics::{Datum, Distribution, Metrics, Point, Series, Sketch, Unit};
use figures::{Figures, LATE_MINUTES_MAX, Metric, SeriesId, minute_of};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;

const MICROS_PER_MILLISECOND: f64 = 1_000.0;

/// The figures of one server, and what of them the metrics have.
#[derive(Debug)]
pub(crate) struct Tables {
    figures: Arc<Figures>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// The minute of the last look: what is from before the minute before it is complete.
    minute: u64,
    points: BTreeMap<(u64, SeriesId), figures::Point>,
}

impl Tables {
    pub(crate) fn of(figures: Arc<Figures>) -> Self {
        Tables { figures, seen: Mutex::default() }
    }

    /// Adds what has happened since the last call to the metrics. Of two calls at once, the one that read its clock
    /// first may come second. Where the clock was set back, nobody knows what of its minute is in the metrics already,
    /// and what there is by now is taken to be.
    pub(crate) fn collect(&self, metrics: &Metrics, now_micros: u64) {
        let mut seen = self.seen.lock();
        let minute = minute_of(now_micros);
        if minute + LATE_MINUTES_MAX < seen.minute {
            *seen = Seen { minute, points: self.points(minute.saturating_sub(1), minute) };
        }
        let now = minute.max(seen.minute);
        let mut points = self.points(seen.minute.saturating_sub(1), now);
        for (key, point) in &points {
            let new = seen.points.get(key).map_or_else(|| point.clone(), |before| point.since(before));
            if new.statistic.samples > 0 {
                metrics.note(&key.1.account, &key.1.region, &[datum(key, &new)]);
            }
        }
        points.retain(|(minute, _), _| minute + 1 >= now);
        *seen = Seen { minute: now, points };
    }

    fn points(&self, first: u64, last: u64) -> BTreeMap<(u64, SeriesId), figures::Point> {
        let mut points = BTreeMap::<(u64, SeriesId), figures::Point>::new();
        self.figures.each_point(first..=last, |minute, id, point| {
            points.entry((minute, id)).or_default().merge(&point);
        });
        points
    }
}

fn datum((minute, id): &(u64, SeriesId), point: &figures::Point) -> Datum {
    let dimensions = id.dimensions().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Datum {
        series: Arc::new(Series::new(Metric::NAMESPACE, id.metric.name(), dimensions)),
        unit: Unit::named(id.metric.unit()).unwrap_or_else(Unit::none),
        minute: u32::try_from(*minute).unwrap_or(u32::MAX),
        point: converted(point),
    }
}

fn converted(point: &figures::Point) -> Point {
    let figures::Statistic { samples, sum, minimum, maximum } = point.statistic;
    let mut converted = Point::of_statistics(samples as f64, sum, minimum, maximum);
    if point.micros.samples() == samples && minimum < maximum {
        let mut sketch = Sketch::default();
        for (micros, count) in point.micros.values() {
            sketch.add(micros / MICROS_PER_MILLISECOND, f64::from(count));
        }
        converted.distribution = Distribution::Known(sketch);
    }
    converted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Owner;
    use figures::{Outcome, TableNames};
    use std::sync::Arc;
    use stdx::ManualClock;
    use store::MemoryStore;
    use store::wait::wait;

    const MINUTE: u64 = 60_000_000;

    fn read(figures: &Figures, now: u64) {
        let tally = figures.begin(now);
        let name = Arc::<str>::from("x");
        tally.table(1, 1, || TableNames {
            account: Arc::clone(&name),
            region: Arc::clone(&name),
            table: Arc::clone(&name),
            indexes: BTreeMap::new(),
        });
        tally.consumed_read(1, 0, 2.0);
        tally.finish("GetItem", (&name, &name), Outcome::Done);
    }

    fn sums(metrics: &Metrics) -> BTreeMap<u32, f64> {
        let dimensions = [("TableName".to_owned(), "x".to_owned())];
        let series = Series::new("AWS/DynamoDB", "ConsumedReadCapacityUnits", dimensions);
        let id = series.id(Owner { account: "x", region: "x" });
        let mut sums = BTreeMap::<u32, f64>::new();
        let see = &mut |minute, point: &Point| *sums.entry(minute).or_default() += point.sum;
        wait(metrics.read((id, Unit::named("Count").unwrap()), 0..2_000, 1_004, see)).unwrap();
        sums
    }

    #[test]
    fn a_call_with_an_earlier_time_counts_nothing_again() {
        let clock = Arc::new(ManualClock::at(1_000 * MINUTE));
        let figures = Arc::new(Figures::new(Arc::clone(&clock) as _));
        let metrics = Metrics::of(Arc::new(MemoryStore::new(Arc::clone(&clock) as _)));
        let tables = Tables::of(Arc::clone(&figures));
        for minute in 1_000..1_003 {
            read(&figures, minute * MINUTE);
            tables.collect(&metrics, minute * MINUTE);
        }
        for minute in [1_001, 1_002, 1_000, 1_002] {
            tables.collect(&metrics, minute * MINUTE);
        }
        assert_eq!(sums(&metrics), (1_000..1_003).map(|minute| (minute, 2.0)).collect());
    }

    /// A clock whose time is set.
    struct Set(std::sync::atomic::AtomicU64);

    impl stdx::Clock for Set {
        fn now_micros(&self) -> u64 {
            self.0.load(std::sync::atomic::Ordering::Relaxed)
        }
    }

    #[test]
    fn a_clock_that_jumps_ahead_and_back_loses_a_minute_at_most_and_counts_nothing_twice() {
        let clock = Arc::new(Set(0.into()));
        let figures = Arc::new(Figures::new(Arc::clone(&clock) as _));
        let metrics = Metrics::of(Arc::new(MemoryStore::new(Arc::clone(&clock) as _)));
        let tables = Tables::of(Arc::clone(&figures));
        let mut act = |minute: u64| {
            clock.0.store(minute * MINUTE, std::sync::atomic::Ordering::Relaxed);
            read(&figures, minute * MINUTE);
            tables.collect(&metrics, minute * MINUTE);
        };
        [1_000, 1_001, 900_000, 900_001, 1_001, 1_002, 1_003].into_iter().for_each(&mut act);
        assert_eq!(sums(&metrics), BTreeMap::from([(1_000, 2.0), (1_001, 2.0), (1_002, 2.0), (1_003, 2.0)]));
        [900_002, 1_004, 1_004, 1_005].into_iter().for_each(&mut act);
        let sums = sums(&metrics);
        assert_eq!(sums.get(&1_005), Some(&2.0));
        assert!(sums.values().sum::<f64>() <= 14.0, "{sums:?}");
    }

    #[test]
    fn what_is_collected_often_is_counted_once() {
        let clock = Arc::new(ManualClock::at(1_000 * MINUTE));
        let figures = Arc::new(Figures::new(Arc::clone(&clock) as _));
        let metrics = Metrics::of(Arc::new(MemoryStore::new(Arc::clone(&clock) as _)));
        let tables = Tables::of(Arc::clone(&figures));
        for minute in 0..4 {
            for _ in 0..3 {
                read(&figures, (1_000 + minute) * MINUTE);
                tables.collect(&metrics, (1_000 + minute) * MINUTE);
            }
            wait(metrics.flush()).unwrap();
            read(&figures, (1_000 + minute) * MINUTE);
            clock.advance_micros(MINUTE);
        }
        tables.collect(&metrics, 1_004 * MINUTE);
        assert_eq!(sums(&metrics), (1_000..1_004).map(|minute| (minute, 8.0)).collect());
    }
}
