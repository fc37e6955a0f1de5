//! Provisioned throughput, of the table and of its indexes: that it changes, the budget of decreases, and what is kept
//! about changes.

use super::{When, show};
use crate::checks::capacity_quota;
use crate::checks::throughput::Of;
use crate::errors::{codes, java_date};
use crate::{table_settings, warm_throughput};
use capacity::{DECREASE_INTERVAL_SECONDS, FREE_DECREASES};
use engine::Table;
use engine::table::{BillingMode, Change, ProvisionedThroughput, Settings};
use model::ApiError;
use model::dynamodb::UpdateTableInput;

const MICROS_PER_DAY: u64 = 24 * 3_600 * 1_000_000;

/// Applies the request.
pub fn apply(read: &Table, next: &mut Table, input: &UpdateTableInput, when: When) -> Result<(), ApiError> {
    let Some(asked) = &input.provisioned_throughput else { return Ok(()) };
    capacity_quota::provisioned(asked, Of::Table, &read.scope.region)?;
    let Settings { billing_mode, throughput: old, warm, .. } = read.settings;
    let new = changed(&old, &table_settings::throughput(Some(asked)), Of::Table, when.now_micros)?;
    let before = warm_throughput::units(billing_mode, warm, &old);
    next.settings.warm = Some(warm_throughput::raised(before, BillingMode::Provisioned, &new));
    next.settings.throughput = new;
    show(next, Change::Throughput { throughput: old, warm }, when);
    Ok(())
}

/// The new units with what is kept about changes, if they may be set.
pub fn changed(
    old: &ProvisionedThroughput,
    asked: &ProvisionedThroughput,
    of: Of<'_>,
    now_micros: u64,
) -> Result<ProvisionedThroughput, ApiError> {
    if (old.read_units, old.write_units) == (asked.read_units, asked.write_units) {
        return Err(unchanged(old, of));
    }
    decrease_is_allowed(old, asked, now_micros)?;
    Ok(booked(old, asked, now_micros))
}

fn unchanged(old: &ProvisionedThroughput, of: Of<'_>) -> ApiError {
    let kind = of.kind();
    let (read, write) = (old.read_units, old.write_units);
    ApiError::validation(format!(
        "The provisioned throughput for the {of} will not change. The requested value equals the current value. \
         Current ReadCapacityUnits provisioned for the {kind}: {read}. Requested ReadCapacityUnits: {read}. \
         Current WriteCapacityUnits provisioned for the {kind}: {write}. Requested WriteCapacityUnits: {write}. \
         Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
    ))
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
    let next = (last + DECREASE_INTERVAL_SECONDS * 1_000_000).min(tomorrow);
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

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600 * 1_000_000;
    /// 2026-01-01
    const DAY: u64 = 1_767_225_600_000_000;

    fn units(read_units: u64, write_units: u64) -> ProvisionedThroughput {
        ProvisionedThroughput { read_units, write_units, ..Default::default() }
    }

    #[test]
    fn four_decreases_of_a_day_are_free() {
        let mut now = units(100, 100);
        for decrease in 1..=4 {
            let asked = units(100 - decrease, 100);
            now = changed(&now, &asked, Of::Table, DAY + decrease * HOUR).unwrap();
            assert_eq!(u64::from(now.decreases_that_day), decrease);
        }
        let refused = changed(&now, &units(1, 100), Of::Table, DAY + 4 * HOUR + 1).unwrap_err();
        assert_eq!(
            refused.message.as_deref(),
            Some(
                "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After \
                 the first 4 decreases, each subsequent decrease in the same UTC day can be performed at most once \
                 every 3600 seconds. Number of decreases today: 4. Last decrease at Thursday, January 1, 2026 at \
                 4:00:00 AM UTC. Next decrease can be made at Thursday, January 1, 2026 at 5:00:00 AM UTC"
            )
        );
        let later = changed(&now, &units(1, 100), Of::Table, DAY + 5 * HOUR).unwrap();
        assert_eq!(later.decreases_that_day, 5);
        let tomorrow = changed(&now, &units(1, 100), Of::Table, DAY + 24 * HOUR).unwrap();
        assert_eq!(tomorrow.decreases_that_day, 1);
    }

    #[test]
    fn increases_are_free_and_keep_the_count() {
        let lowered = changed(&units(9, 9), &units(8, 9), Of::Table, DAY).unwrap();
        let raised = changed(&lowered, &units(9, 9), Of::Table, DAY + 1).unwrap();
        assert_eq!((raised.last_increase_micros, raised.last_decrease_micros), (Some(DAY + 1), Some(DAY)));
        assert_eq!(raised.decreases_that_day, 1);
        let both = changed(&raised, &units(8, 10), Of::Table, DAY + 2).unwrap();
        assert_eq!((both.decreases_that_day, both.last_increase_micros), (2, Some(DAY + 2)));
    }
}
