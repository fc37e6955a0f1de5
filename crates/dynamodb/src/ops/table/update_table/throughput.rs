//! Provisioned throughput of the table: that it changes, the budget of decreases, and the books that are kept of it.

use super::{When, show};
use crate::checks::throughput::below_the_maximum;
use crate::errors::{codes, java_date};
use crate::warm_throughput;
use engine::Table;
use engine::table::{Change, ProvisionedThroughput};
use model::ApiError;
use model::dynamodb::UpdateTableInput;

/// Decreases of a day that need no waiting.
const FREE_DECREASES: u32 = 4;
/// How long the next decrease of a day has to wait behind the last.
const DECREASE_INTERVAL_MICROS: u64 = 3_600 * 1_000_000;
const MICROS_PER_DAY: u64 = 24 * 3_600 * 1_000_000;

/// Sets what is asked for.
pub fn apply(read: &Table, next: &mut Table, input: &UpdateTableInput, when: When) -> Result<(), ApiError> {
    let Some(asked) = &input.provisioned_throughput else { return Ok(()) };
    below_the_maximum(asked, None, &read.scope.region)?;
    let asked = crate::table_settings::throughput(Some(asked));
    let now = &read.settings.throughput;
    changes(now, &asked, "table")?;
    decrease_is_allowed(now, &asked, when.now_micros)?;
    show(next, Change::Throughput { throughput: *now, warm: read.settings.warm }, when);
    let settings = &mut next.settings;
    let before = warm_throughput::units(settings.billing_mode, settings.warm, now);
    settings.throughput = booked(now, &asked, when.now_micros);
    let mode = engine::table::BillingMode::Provisioned;
    settings.warm = Some(warm_throughput::raised(before, mode, &settings.throughput));
    Ok(())
}

/// `of` is `table`, or `index <name>`.
fn changes(now: &ProvisionedThroughput, asked: &ProvisionedThroughput, of: &str) -> Result<(), ApiError> {
    if (now.read_units, now.write_units) != (asked.read_units, asked.write_units) {
        return Ok(());
    }
    let kind = of.split(' ').next().unwrap_or(of);
    Err(ApiError::validation(format!(
        "The provisioned throughput for the {of} will not change. The requested value equals the current value. \
         Current ReadCapacityUnits provisioned for the {kind}: {}. Requested ReadCapacityUnits: {}. \
         Current WriteCapacityUnits provisioned for the {kind}: {}. Requested WriteCapacityUnits: {}. \
         Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
        now.read_units, asked.read_units, now.write_units, asked.write_units
    )))
}

fn is_decrease(now: &ProvisionedThroughput, asked: &ProvisionedThroughput) -> bool {
    asked.read_units < now.read_units || asked.write_units < now.write_units
}

/// Four decreases in a day of UTC, then one an hour after the last.
fn decrease_is_allowed(
    now: &ProvisionedThroughput,
    asked: &ProvisionedThroughput,
    now_micros: u64,
) -> Result<(), ApiError> {
    let today = now.decreases_on_day_of(now_micros);
    if !is_decrease(now, asked) || today < FREE_DECREASES {
        return Ok(());
    }
    let last = now.last_decrease_micros.unwrap_or(0);
    let tomorrow = (now_micros / MICROS_PER_DAY + 1) * MICROS_PER_DAY;
    let next = (last + DECREASE_INTERVAL_MICROS).min(tomorrow);
    if now_micros >= next {
        return Ok(());
    }
    Err(ApiError::new(
        codes::LIMIT_EXCEEDED,
        format!(
            "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. \
             After the first {FREE_DECREASES} decreases, each subsequent decrease in the same UTC day can be \
             performed at most once every 3600 seconds. Number of decreases today: {today}. \
             Last decrease at {}. Next decrease can be made at {}",
            java_date::full(last),
            java_date::full(next)
        ),
    ))
}

/// A call that lowers one of the units and raises the other is a decrease; each of the two times is kept.
fn booked(
    now: &ProvisionedThroughput,
    asked: &ProvisionedThroughput,
    now_micros: u64,
) -> ProvisionedThroughput {
    let mut booked =
        ProvisionedThroughput { read_units: asked.read_units, write_units: asked.write_units, ..*now };
    if asked.read_units > now.read_units || asked.write_units > now.write_units {
        booked.last_increase_micros = Some(now_micros);
    }
    if is_decrease(now, asked) {
        booked.decreases_that_day = now.decreases_on_day_of(now_micros) + 1;
        booked.last_decrease_micros = Some(now_micros);
    }
    booked
}
