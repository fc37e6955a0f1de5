use super::*;
use crate::{Fault, Metric, Outcome, TableNames};
use std::cell::Cell;
use std::sync::Arc;

const MINUTE: u64 = 60_000_000;

fn text(text: &str) -> Arc<str> {
    Arc::from(text)
}

fn names(table: &str) -> TableNames {
    TableNames {
        account: text("111122223333"),
        region: text("eu-west-1"),
        table: text(table),
        indexes: BTreeMap::from([(1, text("byOwner"))]),
    }
}

/// Each thread has a time of its own.
struct Now;

std::thread_local!(static NOW_MICROS: Cell<u64> = const { Cell::new(0) });

impl Clock for Now {
    fn now_micros(&self) -> u64 {
        NOW_MICROS.get()
    }
}

fn figures() -> Figures {
    Figures::new(Arc::new(Now))
}

/// A request at `began_micros` that took 2 ms.
fn request(
    figures: &Figures,
    began_micros: u64,
    operation: &'static str,
    outcome: Outcome,
    note: impl FnOnce(&Tally<'_>),
) {
    NOW_MICROS.set(began_micros + 2_000);
    let tally = figures.begin(began_micros);
    note(&tally);
    let (account, region) = (text("111122223333"), text("eu-west-1"));
    tally.finish(operation, (&account, &region), outcome);
}

const INVALID: Outcome = Outcome::Failed { error: "ValidationException", fault: Fault::User };

/// A line for each series: metric, dimensions, samples and sum of each minute.
fn listing(figures: &Figures) -> Vec<String> {
    let all = 0..=u64::MAX;
    let series = figures.series("111122223333", "eu-west-1", all.clone());
    let line = |id: &SeriesId| {
        let dimensions: Vec<_> = id.dimensions().map(|(_, value)| value).collect();
        let points = figures.points(id, all.clone());
        let points: Vec<_> = points
            .iter()
            .map(|(minute, point)| format!("{minute}: {}, {}", point.statistic.samples, point.statistic.sum))
            .collect();
        format!("{} {} [{}]", id.metric.name(), dimensions.join("/"), points.join("; "))
    };
    series.iter().map(line).collect()
}

#[test]
fn what_requests_did_is_series_of_points() {
    let figures = figures();
    for minute in [10, 10, 11] {
        request(&figures, minute * MINUTE, "Query", Outcome::Done, |tally| {
            tally.table(7, 1, || names("orders"));
            tally.consumed_read(7, 0, 0.5);
            tally.consumed_read(7, 1, 1.5);
            tally.returned_items(7, 3);
        });
    }
    request(&figures, 11 * MINUTE, "PutItem", INVALID, |tally| tally.table(7, 1, || names("orders")));
    request(&figures, 11 * MINUTE, "ListTables", INVALID, |_| {});
    assert_eq!(
        listing(&figures),
        [
            "ConsumedReadCapacityUnits orders [10: 2, 1; 11: 1, 0.5]",
            "ConsumedReadCapacityUnits orders/byOwner [10: 2, 3; 11: 1, 1.5]",
            "ReturnedItemCount orders/Query [10: 2, 6; 11: 1, 3]",
            "SuccessfulRequestLatency orders/Query [10: 2, 4; 11: 1, 2]",
            "UserErrors  [11: 2, 2]",
            "UserErrors orders [11: 1, 1]",
        ]
    );
    assert!(figures.series("111122223333", "us-east-1", 0..=u64::MAX).is_empty());
    assert!(figures.series("111122223333", "eu-west-1", 0..=9).is_empty());
}

#[test]
fn a_table_that_takes_the_name_of_another_goes_on_with_its_series() {
    let figures = figures();
    for table in [1, 2] {
        request(&figures, MINUTE, "PutItem", Outcome::Done, |tally| {
            tally.table(table, 1, || names("orders"));
            tally.consumed_write(table, 0, 1.0);
        });
    }
    assert!(listing(&figures).contains(&"ConsumedWriteCapacityUnits orders [1: 2, 2]".to_owned()));
}

#[test]
fn names_of_new_indexes_become_known() {
    let figures = figures();
    let ask = |version, names: &dyn Fn() -> TableNames| {
        request(&figures, MINUTE, "Scan", Outcome::Done, |tally| {
            tally.table(7, version, names);
            tally.consumed_read(7, 2, 1.0);
        });
    };
    ask(1, &|| names("orders"));
    ask(1, &|| panic!("they are known"));
    assert!(!listing(&figures).iter().any(|line| line.contains("orders/byTime")));
    let more = || TableNames { indexes: BTreeMap::from([(2, text("byTime"))]), ..names("orders") };
    ask(2, &more);
    assert!(listing(&figures).contains(&"ConsumedReadCapacityUnits orders/byTime [1: 3, 3]".to_owned()));
}

#[test]
fn subjects_beyond_the_limit_are_the_servers() {
    let figures = figures();
    for table in 0..6_000 {
        request(&figures, MINUTE, "GetItem", Outcome::Done, |tally| {
            tally.table(table, 1, || names(&format!("t{table}")));
            tally.consumed_read(table, 0, 0.5);
        });
    }
    let series = figures.series("111122223333", "eu-west-1", 1..=1);
    let of_metric = series.iter().filter(|id| id.metric == Metric::ConsumedReadCapacityUnits);
    assert_eq!(of_metric.count(), 5_000);
    let (mut samples, mut others) = (0, 0);
    figures.visit(&(1..=1), |_, _, subject, figures| {
        let count = figures.capacity[0].1.read.samples;
        samples += count;
        others += if *subject == Subject::Server { count } else { 0 };
    });
    assert_eq!((samples, others), (6_000, 1_000));
}

#[test]
fn threads_add_up_while_minutes_pass_and_are_read() {
    let figures = figures();
    const THREADS: u64 = 8;
    const MINUTES: u64 = 50;
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for minute in 1..=MINUTES {
                    request(&figures, minute * MINUTE, "GetItem", Outcome::Done, |tally| {
                        tally.table(3, 1, || names("orders"));
                        tally.consumed_read(3, 0, 1.0);
                    });
                }
            });
        }
        for _ in 0..50 {
            listing(&figures);
        }
    });
    let id = figures.series("111122223333", "eu-west-1", 0..=u64::MAX).remove(0);
    let points = figures.points(&id, 0..=u64::MAX);
    let samples: u64 = points.iter().map(|(_, point)| point.statistic.samples).sum();
    assert_eq!(samples, THREADS * MINUTES);
}

#[test]
fn refusals_before_an_operation_are_counted_by_reason() {
    let figures = figures();
    for reason in ["UnknownHost", "BodyTooLarge", "UnknownHost"] {
        NOW_MICROS.set(5 * MINUTE);
        figures.refuse(reason);
    }
    assert_eq!(figures.refused(5..=5), BTreeMap::from([("BodyTooLarge", 1), ("UnknownHost", 2)]));
    assert!(figures.refused(6..=9).is_empty());
}

#[test]
fn totals_outlast_the_minutes_and_the_table() {
    let figures = figures();
    for (minute, table) in [(100, 7), (101, 8), (300, 8)] {
        request(&figures, minute * MINUTE, "GetItem", Outcome::Done, |tally| {
            tally.table(table, 1, || names("orders"));
            tally.consumed_read(table, 1, 0.5);
        });
    }
    let totals = figures.totals();
    let (total, sums) = totals.first_key_value().expect("there is one");
    assert_eq!((totals.len(), total.table.as_deref()), (1, Some("orders")));
    assert_eq!(sums.capacity[&Some(text("byOwner"))].read, 1.5);
    assert_eq!((sums.operations["GetItem"].done, sums.operations["GetItem"].micros), (3, 6_000.0));
}
