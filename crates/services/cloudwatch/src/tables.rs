//! The figures of the tables as metrics of the namespace `AWS/DynamoDB`. The figures of a minute grow while it lasts:
//! what they have grown by since the last look is added to the metrics, so that nothing is counted twice.

use crate::metrics::{Datum, Distribution, Metrics, Point, Series, Sketch, Unit};
use figures::{Figures, Metric, SeriesId, minute_of};
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
    /// first may come second.
    pub(crate) fn collect(&self, metrics: &Metrics, now_micros: u64) {
        let mut seen = self.seen.lock();
        let now = minute_of(now_micros).max(seen.minute);
        let first = seen.minute.saturating_sub(1);
        let mut points = BTreeMap::<(u64, SeriesId), figures::Point>::new();
        self.figures.each_point(first..=now, |minute, id, point| {
            points.entry((minute, id)).or_default().merge(&point);
        });
        for (key, point) in &points {
            let new = seen.points.get(key).map_or_else(|| point.clone(), |before| point.since(before));
            if new.statistic.samples > 0 {
                metrics.note(&key.1.account, &key.1.region, &[datum(key, &new)]);
            }
        }
        points.retain(|(minute, _), _| minute + 1 >= now);
        *seen = Seen { minute: now, points };
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
