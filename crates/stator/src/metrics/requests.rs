//! What requests cost and how they ended, by account, region, table, index and operation. Requests that name no table
//! have no label for it; what exceeds the registry's bound, and what was refused before its operation was known, has no
//! account either.

use super::exposition::Exposition;
use super::exposition::Kind::{Counter, Gauge, Histogram};
use figures::{Fault, LATENCY_BOUNDS_MICROS, OperationSums, Sums, Total};
use std::collections::BTreeMap;

const MICROS_PER_SECOND: f64 = 1e6;

type Totals = BTreeMap<Total, Sums>;

pub(super) fn write(text: &mut Exposition, totals: &Totals) {
    latencies(text, totals);
    errors(text, totals);
    operations(text, totals);
    capacity(text, totals);
    tables(text, totals);
    builds(text, totals);
    refusals(text, totals);
}

/// Account, region and table, with two more.
fn labels<'a>(total: &'a Total, more: [(&'static str, &'a str); 2]) -> [(&'static str, &'a str); 5] {
    let (account, region) = match &total.place {
        Some((account, region)) => (&**account, &**region),
        None => ("", ""),
    };
    let table = total.table.as_deref().unwrap_or_default();
    [("account", account), ("region", region), ("table", table), more[0], more[1]]
}

const NONE: (&str, &str) = ("", "");

fn each_operation(totals: &Totals, mut see: impl FnMut(&Total, &'static str, &OperationSums)) {
    for (total, sums) in totals {
        sums.operations.iter().for_each(|(name, operation)| see(total, name, operation));
    }
}

fn latencies(text: &mut Exposition, totals: &Totals) {
    let help = "Time of requests that succeeded.";
    let mut family = text.family("stator_request_duration_seconds", Histogram, help);
    each_operation(totals, |total, name, sums| {
        if sums.done > 0 {
            let seconds = |micros: u64| micros as f64 / MICROS_PER_SECOND;
            let within = LATENCY_BOUNDS_MICROS.into_iter().map(seconds).zip(sums.within);
            let labels = labels(total, [("operation", name), NONE]);
            family.histogram(&labels, within, sums.done, sums.micros / MICROS_PER_SECOND);
        }
    });
}

fn errors(text: &mut Exposition, totals: &Totals) {
    let help = "Requests that failed, by the name of the error and whose fault it was.";
    let mut family = text.family("stator_request_errors_total", Counter, help);
    each_operation(totals, |total, name, sums| {
        for (error, (fault, count)) in &sums.errors {
            let [account, region, table, operation, error] =
                labels(total, [("operation", name), ("error", error)]);
            family.events(&[account, region, table, operation, error, ("fault", fault_name(*fault))], *count);
        }
    });
}

fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::User => "user",
        Fault::System => "system",
        Fault::Throttled => "throttled",
        Fault::ConditionFailed => "condition",
    }
}

fn operations(text: &mut Exposition, totals: &Totals) {
    let returned: fn(&OperationSums) -> f64 = |sums| sums.returned_items;
    let bytes: fn(&OperationSums) -> f64 = |sums| sums.item_bytes;
    for (name, help, figure) in [
        ("stator_returned_items_total", "Items that Query and Scan returned.", returned),
        ("stator_item_bytes_total", "Bytes of items that were read or written.", bytes),
    ] {
        let mut family = text.family(name, Counter, help);
        each_operation(totals, |total, name, sums| {
            family.sum(&labels(total, [("operation", name), NONE]), figure(sums));
        });
    }
}

fn capacity(text: &mut Exposition, totals: &Totals) {
    let each = |see: &mut dyn FnMut(&Total, &str, &figures::CapacitySums)| {
        for (total, sums) in totals {
            sums.capacity
                .iter()
                .for_each(|(index, sums)| see(total, index.as_deref().unwrap_or_default(), sums));
        }
    };
    let mut reads = text.family("stator_consumed_read_units_total", Counter, "Consumed read capacity units.");
    each(&mut |total, index, sums| reads.sum(&labels(total, [("index", index), NONE]), sums.read));
    let mut writes =
        text.family("stator_consumed_write_units_total", Counter, "Consumed write capacity units.");
    each(&mut |total, index, sums| writes.sum(&labels(total, [("index", index), NONE]), sums.write));
    let help = "Reads and writes of a table or index that were throttled.";
    let mut throttles = text.family("stator_throttle_events_total", Counter, help);
    each(&mut |total, index, sums| {
        for (access, count) in [("read", sums.read_throttle_events), ("write", sums.write_throttle_events)] {
            throttles.events(&labels(total, [("index", index), ("access", access)]), count);
        }
    });
    let help =
        "Reads and writes above a limit of a table or index that were served, as limits are only observed.";
    let mut observed = text.family("stator_observed_throttle_events_total", Counter, help);
    each(&mut |total, index, sums| {
        let (reads, writes) = (sums.observed_read_throttle_events, sums.observed_write_throttle_events);
        for (access, count) in [("read", reads), ("write", writes)] {
            observed.events(&labels(total, [("index", index), ("access", access)]), count);
        }
    });
}

fn tables(text: &mut Exposition, totals: &Totals) {
    type Count = fn(&Sums) -> u64;
    let families: [(&'static str, &str, Count); 4] = [
        ("stator_condition_check_failures_total", "Conditions that did not hold.", |sums| {
            sums.condition_failures
        }),
        ("stator_transaction_conflicts_total", "Items that another transaction held.", |sums| {
            sums.transaction_conflicts
        }),
        ("stator_expired_items_total", "Items that time to live deleted.", |sums| sums.expired_items),
        ("stator_user_errors_total", "Requests that were wrong.", |sums| sums.user_errors),
    ];
    for (name, help, count) in families {
        let mut family = text.family(name, Counter, help);
        totals.iter().for_each(|(total, sums)| family.events(&labels(total, [NONE, NONE]), count(sums)));
    }
}

fn builds(text: &mut Exposition, totals: &Totals) {
    let each = |see: &mut dyn FnMut(&Total, &str, &figures::BuildSums)| {
        for (total, sums) in totals {
            sums.builds.iter().for_each(|(index, sums)| see(total, index, sums));
        }
    };
    let help = "The part of its entries that an index being built has.";
    let mut progress = text.family("stator_index_build_progress_ratio", Gauge, help);
    each(&mut |total, index, sums| {
        progress.sample(&labels(total, [("index", index), NONE]), sums.percent / 100.0);
    });
    let help = "Write capacity units of the entries of indexes that were built.";
    let mut writes = text.family("stator_index_build_write_units_total", Counter, help);
    each(&mut |total, index, sums| writes.sum(&labels(total, [("index", index), NONE]), sums.write));
}

fn refusals(text: &mut Exposition, totals: &Totals) {
    let help = "Requests that were refused before their operation was known.";
    let mut family = text.family("stator_refused_requests_total", Counter, help);
    let server = totals.get(&Total::default());
    for (reason, count) in server.into_iter().flat_map(|sums| &sums.refused) {
        family.events(&[("reason", reason)], *count);
    }
}
