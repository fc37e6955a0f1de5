//! UpdateShardCount: so many open shards, with ranges of the same size.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream → it is being changed → it is on
//! demand → more than twice or less than half of what it has → ten times in 24 hours → more shards than an account may
//! have.

use super::create_stream::admit_shards;
use super::stream_change;
use crate::errors;
use crate::service::Kinesis;
use crate::stream::Stream;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{UpdateShardCount, UpdateShardCountInput, UpdateShardCountOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

const CHANGES_A_DAY: usize = 10;
const DAY_MICROS: u64 = 24 * 3_600 * 1_000_000;

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    target: u32,
}

impl Operation<Kinesis> for UpdateShardCount {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateShardCountInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: UpdateShardCountInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        let target = input.target_shard_count.unwrap_or_default();
        Ok(Plan { stream, target: u32::try_from(target).unwrap_or(u32::MAX) })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:UpdateShardCount")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<UpdateShardCountOutput, ApiError> {
        stream_change::opening(cx, &plan.stream, |stream, open, feeds| {
            check_target(stream, plan.target, cx.now_micros)?;
            let before = stream.open_shards().count();
            admit_shards(&stream.scope, open, (plan.target as usize).saturating_sub(before))?;
            stream.scale(plan.target, cx.now_micros, feeds);
            stream.scaled_micros.retain(|at| cx.now_micros < at + DAY_MICROS);
            stream.scaled_micros.push(cx.now_micros);
            Ok(UpdateShardCountOutput {
                stream_name: Some(stream.name.clone()),
                stream_arn: Some(stream.arn()),
                current_shard_count: Some(before as i64),
                target_shard_count: Some(plan.target.into()),
            })
        })
        .await
    }
}

fn check_target(stream: &Stream, target: u32, now_micros: u64) -> Result<(), ApiError> {
    errors::refuse_on_demand(stream)?;
    let (open, target) = (stream.open_shards().count(), target as usize);
    if target > open * 2 {
        return Err(errors::target_too_high(target, open));
    }
    if target < open.div_ceil(2) {
        return Err(errors::target_too_low(target, open));
    }
    let that_day = stream.scaled_micros.iter().filter(|at| now_micros < **at + DAY_MICROS).count();
    if that_day >= CHANGES_A_DAY { Err(errors::scaled_too_often(stream)) } else { Ok(()) }
}
