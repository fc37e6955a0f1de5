//! StopStreamEncryption: the stream and its records are described as not encrypted.
//!
//! Order of refusals: the constraints of the model → no stream named → a type that is none → no such stream → it is
//! being changed.

use super::stream_change;
use crate::errors;
use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{StopStreamEncryption, StopStreamEncryptionInput, StopStreamEncryptionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kinesis> for StopStreamEncryption {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<StopStreamEncryptionInput> = Validation::MODEL;
    type Plan = StreamRef;

    fn check(input: StopStreamEncryptionInput) -> Result<StreamRef, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        let is_kms = input.encryption_type.as_deref() == Some("KMS");
        if is_kms { Ok(stream) } else { Err(errors::no_encryption()) }
    }

    fn access(cx: &Cx<'_, Kinesis>, stream: &StreamRef) -> Access<'static> {
        stream.access(cx, "kinesis:StopStreamEncryption")
    }

    async fn run(cx: &Cx<'_, Kinesis>, stream: StreamRef) -> Result<StopStreamEncryptionOutput, ApiError> {
        stream_change::updating(cx, &stream, |stream, _| {
            stream.encryption_key = None;
            Ok(StopStreamEncryptionOutput {})
        })
        .await
    }
}
