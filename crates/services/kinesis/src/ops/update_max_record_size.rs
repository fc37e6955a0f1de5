//! UpdateMaxRecordSize: how large the records of a stream may be.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream → it is being changed.

use super::stream_change;
use crate::service::Kinesis;
use crate::stream::RECORD_KIB_MIN;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{UpdateMaxRecordSize, UpdateMaxRecordSizeInput, UpdateMaxRecordSizeOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    kib: u32,
}

impl Operation<Kinesis> for UpdateMaxRecordSize {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateMaxRecordSizeInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: UpdateMaxRecordSizeInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(None, input.stream_arn)?;
        let kib = input.max_record_size_in_ki_b.and_then(|kib| u32::try_from(kib).ok());
        Ok(Plan { stream, kib: kib.unwrap_or(RECORD_KIB_MIN) })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:UpdateMaxRecordSize")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<UpdateMaxRecordSizeOutput, ApiError> {
        stream_change::updating(cx, &plan.stream, |stream, _| {
            stream.max_record_kib = plan.kib;
            Ok(UpdateMaxRecordSizeOutput {})
        })
        .await
    }
}
