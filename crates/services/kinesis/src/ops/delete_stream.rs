//! DeleteStream: the stream is gone at once, whatever is in it.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream → it has consumers.

use crate::errors::{self, store_error, stream_not_found};
use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{DeleteStream, DeleteStreamInput, DeleteStreamOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    takes_consumers: bool,
}

impl Operation<Kinesis> for DeleteStream {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteStreamInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: DeleteStreamInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        Ok(Plan { stream, takes_consumers: input.enforce_consumer_deletion == Some(true) })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:DeleteStream")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<DeleteStreamOutput, ApiError> {
        let (scope, name) = (plan.stream.scope(cx)?, &plan.stream.name);
        let deleted = cx.service.streams.change(&scope, name, |old, _| {
            let stream = old.ok_or_else(|| stream_not_found(&scope, name))?;
            if !stream.consumers.is_empty() && !plan.takes_consumers {
                return Err(errors::has_consumers(&stream));
            }
            Ok((None, ()))
        });
        deleted.await.map_err(|error| store_error(&error))??;
        cx.service.subscriptions.forget(&scope, name, None).await?;
        Ok(DeleteStreamOutput {})
    }
}
