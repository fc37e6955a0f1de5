//! DeregisterStreamConsumer.
//!
//! Order of refusals: the constraints of the model → neither way of naming a consumer → no such stream → no such
//! consumer.

use super::stream_change;
use crate::consumer_ref::ConsumerRef;
use crate::errors;
use crate::service::{Kinesis, scope_of};
use model::ApiError;
use model::kinesis::{
    DeregisterStreamConsumer, DeregisterStreamConsumerInput, DeregisterStreamConsumerOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kinesis> for DeregisterStreamConsumer {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeregisterStreamConsumerInput> = Validation::MODEL;
    type Plan = ConsumerRef;

    fn check(input: DeregisterStreamConsumerInput) -> Result<ConsumerRef, ApiError> {
        ConsumerRef::of(input.consumer_arn, input.stream_arn, input.consumer_name)
    }

    fn access(_: &Cx<'_, Kinesis>, consumer: &ConsumerRef) -> Access<'static> {
        consumer.access("kinesis:DeregisterStreamConsumer")
    }

    async fn run(
        cx: &Cx<'_, Kinesis>,
        consumer: ConsumerRef,
    ) -> Result<DeregisterStreamConsumerOutput, ApiError> {
        stream_change::at_any_time(cx, &consumer.stream, |stream, _| {
            let name = consumer.find_in(stream).map(|(name, _)| name.clone());
            let name = name.ok_or_else(|| errors::consumer_not_found(&consumer.name))?;
            stream.consumers.remove(&name);
            Ok(())
        })
        .await?;
        let (scope, stream) = (scope_of(cx.caller), &consumer.stream.name);
        cx.service.subscriptions.forget(&scope, stream, Some(&consumer.name)).await?;
        Ok(DeregisterStreamConsumerOutput {})
    }
}
