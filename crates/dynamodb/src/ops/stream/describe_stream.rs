//! DescribeStream: a stream and its shards, page by page.
//!
//! Order of refusals: constraints → the ARN → the filter → no such stream. A shard to start behind need not be there.

use crate::describe::{key_elements, seconds};
use crate::errors::{incomplete_shard_filter, limit_at_most};
use crate::sequence_number;
use crate::service::DynamoDbStreams;
use crate::{stream_arn, stream_record, stream_status};
use engine::stream::{Shard, Stream};
use model::dynamodb_streams::{self as shapes, DescribeStream, DescribeStreamInput, DescribeStreamOutput};
use model::{ApiError, Constraints};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use stdx::limits::SHARDS_PER_PAGE_MAX;

impl Operation<DynamoDbStreams> for DescribeStream {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeStreamInput> = Validation::Own;
    type Plan = DescribeStreamInput;

    fn check(input: DescribeStreamInput) -> Result<DescribeStreamInput, ApiError> {
        let mut violations = Vec::new();
        input.violations(&mut violations);
        violations.extend(limit_at_most(input.limit, SHARDS_PER_PAGE_MAX as i64));
        refuse(&violations)?;
        stream_arn::check(input.stream_arn.as_deref())?;
        match &input.shard_filter {
            Some(filter) if filter.r#type.is_none() || filter.shard_id.is_none() => {
                Err(incomplete_shard_filter())
            }
            _ => Ok(input),
        }
    }

    fn access(cx: &Cx<'_, DynamoDbStreams>, input: &DescribeStreamInput) -> Access<'static> {
        crate::access::stream(cx, "dynamodb:DescribeStream", input.stream_arn.as_deref())
    }

    async fn run(
        cx: &Cx<'_, DynamoDbStreams>,
        input: DescribeStreamInput,
    ) -> Result<DescribeStreamOutput, ApiError> {
        let stream = stream_arn::find(cx, input.stream_arn.as_deref().unwrap_or_default()).await?;
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(SHARDS_PER_PAGE_MAX);
        let horizon = cx.service.engine.stream_horizon(cx.now_micros);
        let mut shards: Vec<_> =
            stream.listed_shards(horizon).filter(|shard| is_asked_for(&input, shard)).collect();
        let more = shards.len() > limit;
        shards.truncate(limit);
        let last = shards.last().filter(|_| more).map(|shard| shard.id.clone());
        let shards = shards.into_iter().map(self::shard).collect();
        let status = stream_status::status(cx, &stream).await?;
        Ok(DescribeStreamOutput { stream_description: Some(description(&stream, status, shards, last)) })
    }
}

/// Ids are compared as texts: one that is not there may still be started behind.
fn is_asked_for(input: &DescribeStreamInput, shard: &Shard) -> bool {
    let parent = input.shard_filter.as_ref().map(|filter| filter.shard_id.as_deref());
    let after = input.exclusive_start_shard_id.as_deref();
    parent.is_none_or(|parent| shard.parent.as_deref() == parent)
        && after.is_none_or(|after| &*shard.id > after)
}

fn description(
    stream: &Stream,
    status: &str,
    shards: Vec<shapes::Shard>,
    last_evaluated_shard_id: Option<String>,
) -> shapes::StreamDescription {
    let element = |(name, key_type): (&str, &str)| shapes::KeySchemaElement {
        attribute_name: Some(name.to_owned()),
        key_type: Some(key_type.to_owned()),
    };
    shapes::StreamDescription {
        stream_arn: Some(stream.arn()),
        stream_label: Some(stream.label.clone()),
        stream_status: Some(status.to_owned()),
        stream_view_type: Some(stream_record::view_type(stream.view).to_owned()),
        creation_request_date_time: Some(seconds(stream.created_micros)),
        table_name: Some(stream.table_name.clone()),
        key_schema: Some(key_elements(&stream.key).map(element).collect()),
        shards: Some(shards),
        last_evaluated_shard_id,
    }
}

fn shard(shard: &Shard) -> shapes::Shard {
    let bounds = shard.bounds();
    let range = shapes::SequenceNumberRange {
        starting_sequence_number: Some(sequence_number::starting(bounds.start)),
        ending_sequence_number: bounds.end.map(sequence_number::ending),
    };
    shapes::Shard {
        shard_id: Some(shard.id.clone()),
        sequence_number_range: Some(range),
        parent_shard_id: shard.parent.clone(),
    }
}
