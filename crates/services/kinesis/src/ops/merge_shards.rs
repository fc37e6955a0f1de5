//! MergeShards: two shards whose ranges meet go on as one.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream → it is being changed → it is on
//! demand → no such shards, or closed ones → ranges that do not meet.

use super::stream_change;
use crate::errors;
use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{MergeShards, MergeShardsInput, MergeShardsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    shard_id: String,
    adjacent_id: String,
}

impl Operation<Kinesis> for MergeShards {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<MergeShardsInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: MergeShardsInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        let shard_id = input.shard_to_merge.unwrap_or_default();
        Ok(Plan { stream, shard_id, adjacent_id: input.adjacent_shard_to_merge.unwrap_or_default() })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:MergeShards")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<MergeShardsOutput, ApiError> {
        stream_change::updating(cx, &plan.stream, |stream, feeds| {
            errors::refuse_on_demand(stream)?;
            let merged = stream.merge(&plan.shard_id, &plan.adjacent_id, cx.now_micros, feeds);
            merged.map_err(|error| errors::lineage(stream, "MergeShards", error))?;
            Ok(MergeShardsOutput {})
        })
        .await
    }
}
