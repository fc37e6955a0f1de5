//! Encryption: switched on, off, or begun again with the key that there is. Changes of it are few.

use super::{When, show};
use crate::checks::encryption;
use crate::errors::{codes, invalid_parameter, java_date};
use crate::table_settings;
use engine::Table;
use engine::table::Change;
use kms::Key;
use model::ApiError;
use model::dynamodb::UpdateTableInput;

/// Changes of a day that need no waiting, the length of the day, and how long the next one waits.
const FREE_CHANGES: usize = 4;
const WINDOW_MICROS: u64 = 24 * 3_600 * 1_000_000;
const INTERVAL_MICROS: u64 = 21_600 * 1_000_000;

/// Applies the request, which names this key.
pub fn apply(
    read: &Table,
    next: &mut Table,
    (input, key): (&UpdateTableInput, Option<&Key>),
    when: When,
) -> Result<(), ApiError> {
    let Some(asked) = &input.sse_specification else { return Ok(()) };
    let (before, after) = (read.settings.sse.clone(), key.map(table_settings::sse));
    if before.is_none() && after.is_none() {
        return Err(invalid_parameter("Table is already encrypted by default"));
    }
    if before == after && encryption::names_the_key_of(asked, read) {
        return Err(invalid_parameter(
            "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to \
             change Master Key",
        ));
    }
    let changes = &mut next.settings.sse_changes_micros;
    changes.retain(|change| change + WINDOW_MICROS > when.now_micros);
    is_allowed(changes, when.now_micros)?;
    changes.push(when.now_micros);
    next.settings.sse = after;
    show(next, Change::Encryption { sse: before }, when);
    Ok(())
}

fn is_allowed(changes: &[u64], now_micros: u64) -> Result<(), ApiError> {
    let Some(last) = changes.last().filter(|_| changes.len() >= FREE_CHANGES) else { return Ok(()) };
    let next = (last + INTERVAL_MICROS).min(changes[changes.len() - FREE_CHANGES] + WINDOW_MICROS);
    if now_micros >= next {
        return Ok(());
    }
    Err(ApiError::new(
        codes::LIMIT_EXCEEDED,
        format!(
            "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at {}. After \
             the first {FREE_CHANGES} change, each subsequent change in the same window can be performed at most \
             once every 21600 seconds. Number of updates today: {}. Last change at {}. Next changes can be made at \
             {}.",
            java_date::full(now_micros),
            changes.len(),
            java_date::full(*last),
            java_date::full(next)
        ),
    ))
}
