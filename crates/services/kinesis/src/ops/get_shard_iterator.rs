//! GetShardIterator: where reading a shard begins.
//!
//! Order of refusals: the constraints of the model → no stream named → members that the type needs or does not take →
//! no such stream → no such shard → a number that is not the shard's → a time to come.

use crate::describe::micros;
use crate::errors::{self, invalid_argument, store_error};
use crate::sequence_number;
use crate::service::Kinesis;
use crate::shard_iterator::ShardIterator;
use crate::stream::{Shard, Stream};
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{GetShardIterator, GetShardIteratorInput, GetShardIteratorOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use store::FeedCursor;

/// What is asked for, checked.
#[derive(Debug)]
pub struct Plan {
    stream: StreamRef,
    shard_id: String,
    start: Start,
    is_dry: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Start {
    TrimHorizon,
    Latest,
    At(String),
    After(String),
    Time(u64),
}

impl Operation<Kinesis> for GetShardIterator {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetShardIteratorInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: GetShardIteratorInput) -> Result<Plan, ApiError> {
        let start = start(&input);
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        Ok(Plan {
            stream,
            shard_id: input.shard_id.unwrap_or_default(),
            start: start?,
            is_dry: input.dry_run == Some(true),
        })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:GetShardIterator")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<GetShardIteratorOutput, ApiError> {
        let stream = plan.stream.find(cx).await?;
        let shard = stream.shard(&plan.shard_id, cx.now_micros);
        let shard = shard.ok_or_else(|| errors::no_shard_to_read(&stream, &plan.shard_id))?;
        let after = place(cx, &stream, shard, &plan.start).await?;
        if plan.is_dry {
            return Err(errors::dry_run());
        }
        let iterator = ShardIterator { stream: stream.name.clone(), feed: shard.feed(), after };
        let sealed = iterator.seal(cx.service, &stream.scope, cx.now_micros).await?;
        Ok(GetShardIteratorOutput { shard_iterator: Some(sealed) })
    }
}

fn start(input: &GetShardIteratorInput) -> Result<Start, ApiError> {
    let kind = input.shard_iterator_type.as_deref().unwrap_or_default();
    let number = input.starting_sequence_number.clone();
    let mismatch = |what: &str| {
        invalid_argument(format!(
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) \
             TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {kind} and {what}."
        ))
    };
    match (kind, number) {
        ("AT_SEQUENCE_NUMBER", Some(number)) => Ok(Start::At(number)),
        ("AFTER_SEQUENCE_NUMBER", Some(number)) => Ok(Start::After(number)),
        ("AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER", None) => Err(mismatch("no StartingSequenceNumber")),
        ("TRIM_HORIZON" | "LATEST", Some(_)) => Err(mismatch("also a StartingSequenceNumber")),
        ("TRIM_HORIZON", None) => Ok(Start::TrimHorizon),
        ("LATEST", None) => Ok(Start::Latest),
        _ => match input.timestamp {
            Some(seconds) => Ok(Start::Time(micros(seconds))),
            None => Err(invalid_argument(
                "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no \
                 timestamp parameter.",
            )),
        },
    }
}

async fn place(
    cx: &Cx<'_, Kinesis>,
    stream: &Stream,
    shard: &Shard,
    start: &Start,
) -> Result<FeedCursor, ApiError> {
    let behind = |number: &str| {
        let place = sequence_number::place_behind(shard, number);
        place.ok_or_else(|| errors::foreign_sequence_number(stream, &shard.id(), number))
    };
    let streams = &cx.service.streams;
    match start {
        Start::TrimHorizon => Ok(FeedCursor::START),
        Start::Latest => Ok(FeedCursor::behind(streams.store().durable().position)),
        Start::After(number) => behind(number),
        Start::At(number) => behind(number).map(before),
        Start::Time(micros) if *micros > cx.now_micros => Err(invalid_argument(format!(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. \
             timestampInMillis: {}, currentTimestampInMillis: {}",
            micros / 1_000,
            cx.now_micros / 1_000
        ))),
        Start::Time(micros) => streams.place_at(shard, *micros).await.map_err(|error| store_error(&error)),
    }
}

/// The place before the record that a place lies behind.
fn before(FeedCursor { position, index }: FeedCursor) -> FeedCursor {
    match index.checked_sub(1) {
        Some(index) => FeedCursor { position, index },
        None => FeedCursor::behind(store::Position(position.0.saturating_sub(1))),
    }
}
