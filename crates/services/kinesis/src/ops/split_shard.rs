//! SplitShard: a shard goes on as two, the second of which begins at a hash key.
//!
//! Order of refusals: the constraints of the model → no stream named → a hash key beyond 128 bits → no such stream →
//! it is being changed → it is on demand → no such shard, or a closed one → a hash key that does not split it → more
//! shards than an account may have.

use super::create_stream::admit_shards;
use super::{new_record, stream_change};
use crate::errors;
use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{SplitShard, SplitShardInput, SplitShardOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    shard_id: String,
    at: u128,
}

impl Operation<Kinesis> for SplitShard {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<SplitShardInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: SplitShardInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        let at = input.new_starting_hash_key.unwrap_or_default();
        let at = new_record::parse_hash_key("NewStartingHashKey", &at)?;
        Ok(Plan { stream, shard_id: input.shard_to_split.unwrap_or_default(), at })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:SplitShard")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<SplitShardOutput, ApiError> {
        stream_change::opening(cx, &plan.stream, |stream, open, feeds| {
            errors::refuse_on_demand(stream)?;
            let split = stream.split(&plan.shard_id, plan.at, cx.now_micros, feeds);
            split.map_err(|error| errors::lineage(stream, "SplitShard", error))?;
            admit_shards(&stream.scope, open, 1)?;
            Ok(SplitShardOutput {})
        })
        .await
    }
}
