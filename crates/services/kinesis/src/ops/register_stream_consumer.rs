//! RegisterStreamConsumer: a consumer of a stream, active at once.
//!
//! Order of refusals: the constraints of the model → not the ARN of a stream → no such stream → it is being changed →
//! the name is taken → more than 20 consumers.

use super::stream_change;
use crate::consumer_ref;
use crate::errors;
use crate::service::Kinesis;
use crate::stream::Consumer;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{RegisterStreamConsumer, RegisterStreamConsumerInput, RegisterStreamConsumerOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::BTreeMap;

const CONSUMERS_MAX: usize = 20;

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    name: String,
    tags: BTreeMap<String, String>,
}

impl Operation<Kinesis> for RegisterStreamConsumer {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RegisterStreamConsumerInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: RegisterStreamConsumerInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(None, input.stream_arn)?;
        let name = input.consumer_name.unwrap_or_default();
        Ok(Plan { stream, name, tags: input.tags.unwrap_or_default() })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:RegisterStreamConsumer")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<RegisterStreamConsumerOutput, ApiError> {
        stream_change::at_any_time(cx, &plan.stream, |stream, _| {
            if stream.consumers.contains_key(&plan.name) {
                return Err(errors::consumer_exists(stream, &plan.name));
            }
            if stream.consumers.len() >= CONSUMERS_MAX {
                return Err(errors::too_many_consumers(stream));
            }
            let consumer = Consumer { created_micros: cx.now_micros, tags: plan.tags.clone() };
            let shown = consumer_ref::describe(stream, &plan.name, &consumer);
            stream.consumers.insert(plan.name.clone(), consumer);
            Ok(RegisterStreamConsumerOutput { consumer: Some(shown) })
        })
        .await
    }
}
