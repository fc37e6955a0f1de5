//! GetShardIterator: where reading a shard begins.
//!
//! Order of refusals: constraints → the ARN → members that the type needs or has not → a time to come → no such
//! stream → no such shard → a number that is not the shard's → records that were trimmed.

use crate::errors::{self, invalid_parameter, invalid_sequence_number, shard_not_found, store_error};
use crate::sequence_number::SequenceNumber;
use crate::service::DynamoDbStreams;
use crate::shard_iterator::{self, ShardIterator};
use crate::stream_arn;
use engine::stream::{ReadFrom, Shard, Stream};
use model::ApiError;
use model::dynamodb_streams::{GetShardIterator, GetShardIteratorInput, GetShardIteratorOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;
use store::FeedCursor;

/// The requested position.
#[derive(Debug)]
pub struct Plan {
    stream_arn: String,
    shard_id: String,
    start: Start,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Start {
    TrimHorizon,
    Latest,
    At(SequenceNumber),
    After(SequenceNumber),
    Time(u64),
}

impl Operation<DynamoDbStreams> for GetShardIterator {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetShardIteratorInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: GetShardIteratorInput) -> Result<Plan, ApiError> {
        stream_arn::check(input.stream_arn.as_deref())?;
        let start = start(&input)?;
        let (stream_arn, shard_id) =
            (input.stream_arn.unwrap_or_default(), input.shard_id.unwrap_or_default());
        Ok(Plan { stream_arn, shard_id, start })
    }

    fn access(cx: &Cx<'_, DynamoDbStreams>, plan: &Plan) -> Access<'static> {
        crate::access::stream(cx, "dynamodb:GetShardIterator", Some(&plan.stream_arn))
    }

    async fn run(cx: &Cx<'_, DynamoDbStreams>, plan: Plan) -> Result<GetShardIteratorOutput, ApiError> {
        if matches!(plan.start, Start::Time(micros) if micros > cx.now_micros) {
            return Err(errors::timestamp_in_the_future());
        }
        let engine = &cx.service.engine;
        // Shards as they are behind all that can be read now, so that no place of a child is taken for its parent's.
        let newest = engine.store().newest().await.map_err(|error| store_error(&error))?;
        let stream = stream_arn::find(cx, &plan.stream_arn).await?;
        let shard = stream
            .listed_shards(engine.stream_horizon(cx.now_micros))
            .find(|shard| shard.id == plan.shard_id);
        let shard = shard.ok_or_else(shard_not_found)?;
        let from = place(cx, &stream, shard, plan.start, FeedCursor::behind(newest)).await?;
        let secret = engine.secret(shard_iterator::SECRET).await.map_err(|error| store_error(&error))?;
        let iterator = ShardIterator { stream_arn: plan.stream_arn, shard_id: plan.shard_id, from };
        Ok(GetShardIteratorOutput { shard_iterator: Some(iterator.seal(&secret, cx.now_micros)) })
    }
}

fn start(input: &GetShardIteratorInput) -> Result<Start, ApiError> {
    let number = input.sequence_number.as_deref();
    let kind = input.shard_iterator_type.as_deref().unwrap_or_default();
    match (kind, number) {
        ("AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER", None) => {
            return Err(invalid_parameter("SequenceNumber cannot be null for this iterator type"));
        }
        ("TRIM_HORIZON" | "LATEST" | "AT_TIMESTAMP", Some(_)) => {
            return Err(invalid_parameter("SequenceNumber should not be passed for this iterator type"));
        }
        _ => {}
    }
    match (kind, input.timestamp) {
        ("AT_TIMESTAMP", None) => {
            return Err(invalid_parameter("Timestamp cannot be null for this iterator type"));
        }
        ("AT_TIMESTAMP", Some(seconds)) => return Ok(Start::Time((seconds * 1e6) as u64)),
        (_, Some(_)) => {
            return Err(invalid_parameter("Timestamp should not be passed for this iterator type"));
        }
        _ => {}
    }
    let number = || SequenceNumber::parse(number.unwrap_or_default()).ok_or_else(invalid_sequence_number);
    Ok(match kind {
        "TRIM_HORIZON" => Start::TrimHorizon,
        "LATEST" => Start::Latest,
        "AT_SEQUENCE_NUMBER" => Start::At(number()?),
        _ => Start::After(number()?),
    })
}

async fn place(
    cx: &Cx<'_, DynamoDbStreams>,
    stream: &Arc<Stream>,
    shard: &Shard,
    start: Start,
    newest: FeedCursor,
) -> Result<ReadFrom, ApiError> {
    let (bounds, horizon) = (shard.bounds(), cx.service.engine.stream_horizon(cx.now_micros));
    let end = bounds.end.map_or(newest, FeedCursor::behind).max(bounds.first());
    let at_time = async |micros: u64| {
        let place = cx.service.engine.stream_place_at(stream, micros).await;
        place.map(|place| place.clamp(bounds.first(), end)).map_err(|error| store_error(&error))
    };
    let (after, skips_trimmed) = match start {
        Start::TrimHorizon => (at_time(horizon + 1).await?, true),
        Start::Time(micros) => (at_time(micros.max(horizon + 1)).await?, micros <= horizon),
        Start::Latest => (end, false),
        Start::At(number) => (checked(shard, number, newest)?.before(), false),
        Start::After(number) => (checked(shard, number, newest)?.behind(), false),
    };
    if let Start::At(number) | Start::After(number) = start {
        let oldest = at_time(horizon + 1).await?;
        if number.behind() < oldest && shard.created_micros() <= horizon {
            return Err(errors::trimmed_data_access());
        }
    }
    Ok(ReadFrom { after: after.max(bounds.first()), skips_trimmed })
}

/// A number between the first and the last of the shard; of an open one, the newest there is.
fn checked(shard: &Shard, number: SequenceNumber, newest: FeedCursor) -> Result<SequenceNumber, ApiError> {
    let bounds = shard.bounds();
    let first = SequenceNumber::starting(bounds.start);
    let is_behind = match bounds.end {
        Some(end) => number > SequenceNumber::ending(end),
        None => number > first && number.behind() > newest,
    };
    if number < first || is_behind { Err(invalid_sequence_number()) } else { Ok(number) }
}
