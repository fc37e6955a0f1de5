//! Where the records of a mapping come from.

use super::EventSources;
use super::settings::service_of;
use crate::errors;
use dynamodb::stream_arn::StreamArn;
use engine::Scope;
use event_source::Place;
use model::ApiError;
use pipeline::Caller;

/// Refuses sources that no mapping can have here.
pub(crate) fn check(arn: Option<&str>) -> Result<&str, ApiError> {
    let arn = arn.ok_or_else(errors::unrecognized_source)?;
    match service_of(arn) {
        "dynamodb" => Ok(arn),
        service @ ("kinesis" | "sqs" | "kafka" | "mq") => {
            Err(errors::not_offered(&format!("event sources of {service}")))
        }
        _ => Err(errors::unrecognized_source()),
    }
}

/// `TRIM_HORIZON` or `LATEST`: streams of DynamoDB have no other.
pub(crate) fn check_position(position: Option<&str>, arn: &str) -> Result<String, ApiError> {
    match position {
        None => Err(errors::no_starting_position()),
        Some("AT_TIMESTAMP") => Err(errors::unsupported_starting_position(arn)),
        Some(position) => Ok(position.to_owned()),
    }
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
    let StreamArn { table, label } = StreamArn::parse(arn).ok_or_else(not_found)?;
    let scope = Scope { account: table.account.into(), region: table.region.into() };
    if (&*scope.account, &*scope.region) != (&*caller.account, &*caller.region) {
        return Err(not_found());
    }
    let stream = sources.engine.current_stream(&scope, table.table, label).await;
    let stream = stream.map_err(|error| errors::store(&error))?;
    stream.filter(|stream| stream.is_listed(now_micros)).ok_or_else(not_found)?;
    Ok(match position {
        "LATEST" => event_source::newest(&sources.engine),
        _ => Place::default(),
    })
}
