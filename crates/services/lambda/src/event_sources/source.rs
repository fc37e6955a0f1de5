//! Where the records of a mapping come from.

use super::EventSources;
use super::settings::service_of;
use crate::errors;
use event_source::{Place, SourceKind};
use model::ApiError;
use pipeline::Caller;

/// Where a new mapping begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Start {
    /// As the request says it.
    pub(crate) position: String,
    /// With `AT_TIMESTAMP`, in microseconds since the Unix epoch.
    pub(crate) micros: Option<u64>,
}

/// Refuses sources that no mapping can have here.
pub(crate) fn check(arn: Option<&str>) -> Result<&str, ApiError> {
    let arn = arn.ok_or_else(errors::unrecognized_source)?;
    match service_of(arn) {
        "dynamodb" | "kinesis" => Ok(arn),
        service @ ("sqs" | "kafka" | "mq") => {
            Err(errors::not_offered(&format!("event sources of {service}")))
        }
        _ => Err(errors::unrecognized_source()),
    }
}

/// Streams of tables have no `AT_TIMESTAMP`.
pub(crate) fn check_position(
    position: Option<&str>,
    timestamp: Option<f64>,
    arn: &str,
    now_micros: u64,
) -> Result<Start, ApiError> {
    let position = position.ok_or_else(errors::no_starting_position)?;
    let micros = match (position, SourceKind::of(arn)) {
        ("AT_TIMESTAMP", Some(SourceKind::Kinesis)) => {
            Some((timestamp.ok_or_else(errors::no_starting_timestamp)? * 1e6) as u64)
        }
        ("AT_TIMESTAMP", _) => return Err(errors::unsupported_starting_position(arn)),
        _ => None,
    };
    if micros.is_some_and(|micros| micros > now_micros) {
        return Err(errors::starting_timestamp_in_future());
    }
    Ok(Start { position: position.to_owned(), micros })
}

/// The place that a new mapping begins behind. Its stream must be the caller's, and be there.
pub(crate) async fn start(
    sources: &EventSources,
    caller: &Caller,
    arn: &str,
    position: &str,
    now_micros: u64,
) -> Result<Place, ApiError> {
    let not_found = || errors::stream_not_found(arn);
    let source = sources.sources.find(arn).await.map_err(errors::record)?.ok_or_else(not_found)?;
    let scope = source.scope();
    let is_own = (&*scope.account, &*scope.region) == (&*caller.account, &*caller.region);
    if !is_own || !source.is_listed(now_micros) {
        return Err(not_found());
    }
    Ok(match position {
        "LATEST" => sources.sources.newest(),
        _ => Place::default(),
    })
}
