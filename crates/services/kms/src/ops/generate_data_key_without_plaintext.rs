//! GenerateDataKeyWithoutPlaintext: a key to decrypt later.

use super::data_key;
use crate::context::EncryptionContext;
use crate::errors;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{
    GenerateDataKeyWithoutPlaintext, GenerateDataKeyWithoutPlaintextInput,
    GenerateDataKeyWithoutPlaintextOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use wire::document::Blob;

impl Operation<Kms> for GenerateDataKeyWithoutPlaintext {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GenerateDataKeyWithoutPlaintextInput> = Validation::MODEL;
    type Plan = GenerateDataKeyWithoutPlaintextInput;

    fn check(
        input: GenerateDataKeyWithoutPlaintextInput,
    ) -> Result<GenerateDataKeyWithoutPlaintextInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a GenerateDataKeyWithoutPlaintextInput) -> Access<'a> {
        Need::new(
            "kms:GenerateDataKeyWithoutPlaintext",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: GenerateDataKeyWithoutPlaintextInput,
    ) -> Result<GenerateDataKeyWithoutPlaintextOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let bytes = data_key::bytes(plan.key_spec.as_deref(), plan.number_of_bytes)?;
        let key =
            cx.service.keys.find(&scope, plan.key_id.as_deref().unwrap_or_default(), cx.now_micros).await?;
        let context = EncryptionContext::of(plan.encryption_context)?;
        key.check_usable()?;
        if plan.dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        let plaintext = data_key::random(bytes);
        let encrypted = cx.service.keys.encrypt(&key, &context, &plaintext)?;
        Ok(GenerateDataKeyWithoutPlaintextOutput {
            ciphertext_blob: Some(Blob(encrypted.blob)),
            key_id: Some(encrypted.key_arn),
            key_material_id: Some(encrypted.material_id),
        })
    }
}
