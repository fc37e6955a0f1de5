//! StartStreamEncryption: the stream and its records are described as encrypted with the service's own key. Records lie
//! in the store as those of other streams do; a key of one's own, which would promise more, is refused.
//!
//! Order of refusals: the constraints of the model → no stream named → a type that is none, a key of one's own → no
//! such stream → it is being changed.

use super::stream_change;
use crate::errors;
use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{StartStreamEncryption, StartStreamEncryptionInput, StartStreamEncryptionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// The key that the service has for every account.
const OWN_KEY: &str = "alias/aws/kinesis";

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    key: String,
}

impl Operation<Kinesis> for StartStreamEncryption {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<StartStreamEncryptionInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: StartStreamEncryptionInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        if input.encryption_type.as_deref() != Some("KMS") {
            return Err(errors::no_encryption());
        }
        let key = input.key_id.unwrap_or_default();
        let is_own = key == OWN_KEY || key.ends_with(&format!(":{OWN_KEY}"));
        if is_own { Ok(Plan { stream, key }) } else { Err(errors::own_key(&key)) }
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:StartStreamEncryption")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<StartStreamEncryptionOutput, ApiError> {
        stream_change::updating(cx, &plan.stream, |stream, _| {
            stream.encryption_key = Some(plan.key.clone());
            Ok(StartStreamEncryptionOutput {})
        })
        .await
    }
}
