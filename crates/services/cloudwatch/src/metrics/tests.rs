//! Points in memory, in the store and in every tier read as one, whoever wrote them.

use super::*;
use proptest::prelude::*;
use stdx::SystemClock;
use store::wait::wait;
use store::{MemoryStore, SlowStore};

const DAY: u32 = 24 * 60;
const NOW: u32 = 1_000 * DAY;

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(Arc::new(SystemClock)))
}

fn name() -> Arc<str> {
    Arc::from("x")
}

fn series(number: usize) -> Arc<Series> {
    Arc::new(Series::new("n", &format!("m{number}"), []))
}

fn id(number: usize) -> (SeriesId, Unit) {
    (series(number).id(Owner { account: "x", region: "x" }), Unit::none())
}

fn datum(number: usize, minute: u32, value: f64) -> Datum {
    Datum { series: series(number), unit: Unit::none(), minute, point: Point::of(value, 1.0) }
}

fn points(metrics: &Metrics, number: usize, minutes: Range<u32>) -> BTreeMap<u32, Point> {
    let mut points = BTreeMap::<u32, Point>::new();
    let see = &mut |minute, point: &Point| points.entry(minute).or_default().merge(point);
    wait(metrics.read(id(number), minutes, NOW, see)).unwrap();
    points
}

#[test]
fn points_are_read_before_and_after_they_are_written() {
    let metrics = Metrics::of(memory());
    metrics.note(&name(), &name(), &[datum(0, NOW, 1.0), datum(0, NOW - 70, 2.0)]);
    let before = points(&metrics, 0, NOW - 100..NOW + 1);
    wait(metrics.flush()).unwrap();
    metrics.note(&name(), &name(), &[datum(0, NOW, 5.0)]);
    let after = points(&metrics, 0, NOW - 100..NOW + 1);
    assert_eq!(before.keys().collect::<Vec<_>>(), [&(NOW - 70), &NOW]);
    assert_eq!((before[&NOW].sum, after[&NOW].sum, after[&(NOW - 70)].sum), (1.0, 6.0, 2.0));
    assert!(points(&metrics, 0, NOW + 1..NOW + 9).is_empty());
}

#[test]
fn servers_on_one_store_merge() {
    let store = memory();
    let servers = [Metrics::of(Arc::clone(&store)), Metrics::of(store)];
    for server in &servers {
        wait(server.put(&name(), &name(), vec![datum(0, NOW, 2.0)])).unwrap();
    }
    let sums = servers.each_ref().map(|server| points(server, 0, NOW..NOW + 1)[&NOW].sum);
    assert_eq!(sums, [4.0, 4.0]);
    let owner = Owner { account: "x", region: "x" };
    assert_eq!(wait(servers[0].series(owner)).unwrap(), BTreeMap::from([(Series::clone(&series(0)), NOW)]));
    assert_eq!(wait(servers[0].units(owner, &series(0))).unwrap(), BTreeSet::from([Unit::none()]));
    assert!(wait(servers[0].series(Owner { account: "y", region: "x" })).unwrap().is_empty());
}

#[test]
fn a_store_that_loses_answers_counts_once() {
    let slow = SlowStore::new(Arc::new(MemoryStore::new(Arc::new(SystemClock))), 7).losing_one_of(2);
    let metrics = Metrics::of(Arc::new(slow));
    for _ in 0..50 {
        wait(metrics.put(&name(), &name(), vec![datum(0, NOW, 1.0)])).unwrap();
    }
    assert_eq!(points(&metrics, 0, NOW..NOW + 1)[&NOW].samples, 50.0);
}

#[test]
fn a_hundred_thousand_series_leave_the_busiest_and_those_of_tables() {
    let metrics = Metrics::of(memory());
    let of_a_table = Arc::new(Series::new("AWS/DynamoDB", "TableCount", []));
    let idle = Datum { series: Arc::clone(&of_a_table), ..datum(0, NOW - 2 * DAY, 1.0) };
    wait(metrics.put(&name(), &name(), vec![idle])).unwrap();
    let numbered = |number: usize| {
        let minute = NOW - DAY + if number == 0 { DAY } else { number as u32 % 60 };
        datum(number, minute, 1.0)
    };
    for first in (0..100_000).step_by(10_000) {
        let data = (first..first + 10_000).map(numbered).collect();
        wait(metrics.put(&name(), &name(), data)).unwrap();
    }
    wait(metrics.flush()).unwrap();
    let left = wait(metrics.series(Owner { account: "x", region: "x" })).unwrap();
    assert!(left.len() <= SERIES_MAX && left.len() > SERIES_MAX - 1_000, "{}", left.len());
    assert!(left.contains_key(&*series(0)) && left.contains_key(&*of_a_table));
}

#[test]
fn points_older_than_the_last_tier_are_forgotten() {
    let metrics = Metrics::of(memory());
    metrics.note(&name(), &name(), &[datum(0, NOW, 1.0)]);
    wait(metrics.flush()).unwrap();
    let later = |days: u32| NOW + days * DAY;
    wait(metrics.roll_up(later(400))).unwrap();
    assert_eq!(points(&metrics, 0, 0..later(1)).len(), 1);
    wait(metrics.roll_up(later(490))).unwrap();
    assert_eq!(points(&metrics, 0, 0..later(1)).len(), 0);
    assert!(wait(metrics.series(Owner { account: "x", region: "x" })).unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever was put when, and however often it was rolled up in between: the sums by the hour stay.
    #[test]
    fn roll_ups_keep_every_statistic(
        values in prop::collection::vec((0u32..100 * DAY, -500i32..500), 1..80),
        days in prop::collection::btree_set(0u32..120, 0..4),
    ) {
        let metrics = Metrics::of(memory());
        let mut expect = BTreeMap::<u32, Point>::new();
        for (ago, value) in &values {
            let (minute, value) = (NOW - ago, f64::from(*value));
            metrics.note(&name(), &name(), &[datum(0, minute, value)]);
            expect.entry(minute - minute % 60).or_default().merge(&Point::of(value, 1.0));
        }
        wait(metrics.flush()).unwrap();
        for day in days {
            wait(metrics.roll_up(NOW - 120 * DAY + day * DAY)).unwrap();
        }
        let mut got = BTreeMap::<u32, Point>::new();
        for (minute, point) in points(&metrics, 0, 0..NOW + 1) {
            got.entry(minute - minute % 60).or_default().merge(&point);
        }
        prop_assert_eq!(got.keys().collect::<Vec<_>>(), expect.keys().collect::<Vec<_>>());
        for (got, expect) in got.values().zip(expect.values()) {
            prop_assert_eq!((got.samples, got.sum, got.minimum, got.maximum),
                (expect.samples, expect.sum, expect.minimum, expect.maximum));
            let count = |point: &Point| point.values().map(|values| values.iter().map(|(_, n)| n).sum::<f64>());
            prop_assert_eq!(count(got), count(expect));
        }
    }
}
