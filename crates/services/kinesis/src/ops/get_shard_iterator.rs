//! GetShardIterator: where reading a shard begins.
//!
//! Order of refusals: the constraints of the model → no stream named → members that the type needs or does not take →
//! no such stream → no such shard → a number that is not the shard's → a time to come.

use crate::errors;
use crate::service::Kinesis;
use crate::shard_iterator::ShardIterator;
use crate::starting_position::Start;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{GetShardIterator, GetShardIteratorInput, GetShardIteratorOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for, checked.
#[derive(Debug)]
pub struct Plan {
    stream: StreamRef,
    shard_id: String,
    start: Start,
    is_dry: bool,
}

impl Operation<Kinesis> for GetShardIterator {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetShardIteratorInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: GetShardIteratorInput) -> Result<Plan, ApiError> {
        let kind = input.shard_iterator_type.as_deref();
        let start = Start::of(kind, input.starting_sequence_number, input.timestamp);
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
        let after = plan.start.place(&cx.service.streams, &stream, shard, cx.now_micros).await?;
        if plan.is_dry {
            return Err(errors::dry_run());
        }
        let iterator = ShardIterator { stream: stream.name.clone(), feed: shard.feed(), after };
        let sealed = iterator.seal(cx.service, &stream.scope, cx.now_micros).await?;
        Ok(GetShardIteratorOutput { shard_iterator: Some(sealed) })
    }
}
