//! DescribeStream: a stream with a page of its shards.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream.

use crate::describe;
use crate::service::Kinesis;
use crate::stream::Stream;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{DescribeStream, DescribeStreamInput, DescribeStreamOutput, StreamDescription};
use pipeline::{Access, Cx, Kind, Operation, Validation};

const SHARDS_PER_PAGE: usize = 100;

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    after: Option<String>,
    limit: usize,
}

impl Operation<Kinesis> for DescribeStream {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeStreamInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: DescribeStreamInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(SHARDS_PER_PAGE);
        Ok(Plan { stream, after: input.exclusive_start_shard_id, limit })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:DescribeStream")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<DescribeStreamOutput, ApiError> {
        let stream = plan.stream.find(cx).await?;
        let description = description(&stream, &plan, cx.now_micros);
        Ok(DescribeStreamOutput { stream_description: Some(description) })
    }
}

fn description(stream: &Stream, plan: &Plan, now_micros: u64) -> StreamDescription {
    let is_behind = |id: &str| plan.after.as_deref().is_none_or(|after| id > after);
    let mut shards = stream.listed_shards(now_micros).filter(|shard| is_behind(&shard.id()));
    let page: Vec<_> = shards.by_ref().take(plan.limit).map(describe::shard).collect();
    StreamDescription {
        stream_name: Some(stream.name.clone()),
        stream_arn: Some(stream.arn()),
        stream_status: Some(stream.status(now_micros).name().to_owned()),
        stream_mode_details: Some(describe::mode(stream)),
        shards: Some(page),
        has_more_shards: Some(shards.next().is_some()),
        retention_period_hours: Some(stream.retention_hours.into()),
        stream_creation_timestamp: Some(describe::seconds(stream.created_micros)),
        enhanced_monitoring: Some(describe::monitoring(stream)),
        encryption_type: describe::encryption(stream),
        key_id: stream.encryption_key.clone(),
    }
}
