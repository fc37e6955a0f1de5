//! DescribeStreamConsumer.
//!
//! Order of refusals: the constraints of the model → neither way of naming a consumer → no such stream → no such
//! consumer.

use crate::consumer_ref::{self, ConsumerRef};
use crate::errors;
use crate::service::Kinesis;
use model::ApiError;
use model::kinesis::{
    ConsumerDescription, DescribeStreamConsumer, DescribeStreamConsumerInput, DescribeStreamConsumerOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kinesis> for DescribeStreamConsumer {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeStreamConsumerInput> = Validation::MODEL;
    type Plan = ConsumerRef;

    fn check(input: DescribeStreamConsumerInput) -> Result<ConsumerRef, ApiError> {
        ConsumerRef::of(input.consumer_arn, input.stream_arn, input.consumer_name)
    }

    fn access(_: &Cx<'_, Kinesis>, consumer: &ConsumerRef) -> Access<'static> {
        consumer.access("kinesis:DescribeStreamConsumer")
    }

    async fn run(cx: &Cx<'_, Kinesis>, named: ConsumerRef) -> Result<DescribeStreamConsumerOutput, ApiError> {
        let stream = named.stream.find(cx).await?;
        let (name, consumer) =
            named.find_in(&stream).ok_or_else(|| errors::consumer_not_found(&named.name))?;
        let shown = consumer_ref::describe(&stream, name, consumer);
        let description = ConsumerDescription {
            consumer_name: shown.consumer_name,
            consumer_arn: shown.consumer_arn,
            consumer_status: shown.consumer_status,
            consumer_creation_timestamp: shown.consumer_creation_timestamp,
            stream_arn: Some(stream.arn()),
        };
        Ok(DescribeStreamConsumerOutput { consumer_description: Some(description) })
    }
}
