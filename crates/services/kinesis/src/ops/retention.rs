//! Changing how long the records of a stream are kept, in either direction.

use super::stream_change;
use crate::errors::invalid_argument;
use crate::service::Kinesis;
use crate::stream::{RETENTION_HOURS_MAX, RETENTION_HOURS_MIN, Stream};
use crate::stream_ref::StreamRef;
use model::ApiError;
use pipeline::Cx;

/// What is asked for, checked.
pub struct Plan {
    pub(super) stream: StreamRef,
    hours: u32,
}

/// Which of the two operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// IncreaseStreamRetentionPeriod
    Increase,
    /// DecreaseStreamRetentionPeriod
    Decrease,
}

/// A retention that a stream may have.
pub(super) fn check(name: Option<String>, arn: Option<String>, hours: Option<i64>) -> Result<Plan, ApiError> {
    let stream = StreamRef::of(name, arn)?;
    let (hours, min, max) = (hours.unwrap_or_default(), RETENTION_HOURS_MIN, RETENTION_HOURS_MAX);
    if hours < min.into() {
        return Err(invalid_argument(format!(
            "Minimum allowed retention period is {min} hours. Requested retention period ({hours} hours) is too short."
        )));
    }
    match u32::try_from(hours).ok().filter(|hours| *hours <= max) {
        Some(hours) => Ok(Plan { stream, hours }),
        None => Err(invalid_argument(format!(
            "Maximum allowed retention period is {max} hours. Requested retention period ({hours} hours) is too long."
        ))),
    }
}

/// Changes it. What stays as it is, is in both directions.
pub(super) async fn change(cx: &Cx<'_, Kinesis>, plan: &Plan, direction: Direction) -> Result<(), ApiError> {
    stream_change::updating(cx, &plan.stream, |stream, _| {
        fits(stream, plan.hours, direction)?;
        stream.retention_hours = plan.hours;
        Ok(())
    })
    .await
}

fn fits(stream: &Stream, hours: u32, direction: Direction) -> Result<(), ApiError> {
    let (name, existing) = (&stream.name, stream.retention_hours);
    let (relation, other) = match direction {
        Direction::Increase if hours < existing => ("shorter", "DecreaseRetentionPeriod"),
        Direction::Decrease if hours > existing => ("longer", "IncreaseRetentionPeriod"),
        _ => return Ok(()),
    };
    Err(invalid_argument(format!(
        "Requested retention period ({hours} hours) for stream {name} can not be {relation} than existing retention \
         period ({existing} hours). Use {other} API."
    )))
}
