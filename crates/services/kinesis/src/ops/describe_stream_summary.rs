//! DescribeStreamSummary: a stream without its shards.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream.

use crate::describe;
use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{
    DescribeStreamSummary, DescribeStreamSummaryInput, DescribeStreamSummaryOutput, StreamDescriptionSummary,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kinesis> for DescribeStreamSummary {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeStreamSummaryInput> = Validation::MODEL;
    type Plan = StreamRef;

    fn check(input: DescribeStreamSummaryInput) -> Result<StreamRef, ApiError> {
        StreamRef::of(input.stream_name, input.stream_arn)
    }

    fn access(cx: &Cx<'_, Kinesis>, stream: &StreamRef) -> Access<'static> {
        stream.access(cx, "kinesis:DescribeStreamSummary")
    }

    async fn run(cx: &Cx<'_, Kinesis>, stream: StreamRef) -> Result<DescribeStreamSummaryOutput, ApiError> {
        let stream = stream.find(cx).await?;
        let summary = StreamDescriptionSummary {
            stream_name: Some(stream.name.clone()),
            stream_arn: Some(stream.arn()),
            stream_status: Some(stream.status(cx.now_micros).name().to_owned()),
            stream_mode_details: Some(describe::mode(&stream)),
            retention_period_hours: Some(stream.retention_hours.into()),
            stream_creation_timestamp: Some(describe::seconds(stream.created_micros)),
            enhanced_monitoring: Some(describe::monitoring(&stream)),
            encryption_type: describe::encryption(&stream),
            key_id: stream.encryption_key.clone(),
            open_shard_count: Some(stream.open_shards().count() as i64),
            consumer_count: Some(stream.consumers.len() as i64),
            max_record_size_in_ki_b: Some(stream.max_record_kib.into()),
            ..StreamDescriptionSummary::default()
        };
        Ok(DescribeStreamSummaryOutput { stream_description_summary: Some(summary) })
    }
}
