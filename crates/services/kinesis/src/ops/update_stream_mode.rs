//! UpdateStreamMode: paid by shard, or by use. The shards stay.
//!
//! Order of refusals: the constraints of the model → not the ARN of a stream → no such stream → it is being changed.

use super::stream_change;
use crate::service::Kinesis;
use crate::stream::Mode;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{UpdateStreamMode, UpdateStreamModeInput, UpdateStreamModeOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    mode: Mode,
}

impl Operation<Kinesis> for UpdateStreamMode {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateStreamModeInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: UpdateStreamModeInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(None, input.stream_arn)?;
        let mode = input.stream_mode_details.and_then(|details| details.stream_mode).unwrap_or_default();
        Ok(Plan { stream, mode: Mode::of(&mode) })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:UpdateStreamMode")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<UpdateStreamModeOutput, ApiError> {
        stream_change::updating(cx, &plan.stream, |stream, _| {
            stream.mode = plan.mode;
            Ok(UpdateStreamModeOutput {})
        })
        .await
    }
}
