//! The stream: each time it is enabled it gets a new label and ARN, which the answer contains.

use super::{When, show};
use crate::errors::invalid_parameter;
use crate::table_settings;
use engine::Table;
use engine::table::Change;
use model::ApiError;
use model::dynamodb::UpdateTableInput;

/// The view type of an enabled stream.
pub fn check(input: &UpdateTableInput) -> Result<(), ApiError> {
    let Some(stream) = &input.stream_specification else { return Ok(()) };
    match (stream.stream_enabled, &stream.stream_view_type) {
        (Some(true), None) => {
            Err(invalid_parameter("If stream is being enabled then UpdateViewType is required"))
        }
        (Some(false), Some(_)) => {
            Err(invalid_parameter("If stream is being disabled, then UpdateViewType must not be specified"))
        }
        _ => Ok(()),
    }
}

/// Enables or disables. Another view of an enabled stream needs both, one after the other. Of a disabled stream the
/// label stays.
pub fn apply(read: &Table, next: &mut Table, input: &UpdateTableInput, when: When) -> Result<(), ApiError> {
    let Some(asked) = &input.stream_specification else { return Ok(()) };
    let is_enabled = read.settings.stream.as_ref().is_some_and(|stream| stream.enabled);
    match table_settings::stream_specification(asked, when.now_micros) {
        Some(_) if is_enabled => return Err(already_enabled(read)),
        None if read.global().is_some() => return Err(needed_by_replicas()),
        None if !is_enabled => return Err(nothing_to_disable(read)),
        Some(stream) => next.settings.stream = Some(stream),
        None => next.settings.stream.iter_mut().for_each(|stream| stream.enabled = false),
    }
    show(next, Change::Stream { enabling: !is_enabled }, when);
    Ok(())
}

fn already_enabled(table: &Table) -> ApiError {
    ApiError::validation(format!("Table already has an enabled stream: TableName: {}", table.name))
}

fn needed_by_replicas() -> ApiError {
    invalid_parameter("Disabling Stream is not allowed for a Global Table replica.")
}

fn nothing_to_disable(table: &Table) -> ApiError {
    ApiError::validation(format!("Table has no stream to disable: TableName: {}", table.name))
}
