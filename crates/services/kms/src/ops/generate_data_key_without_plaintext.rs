//! GenerateDataKeyWithoutPlaintext: a key to decrypt later.

use super::data_key;
use crate::authorize::Asked;
use crate::context::EncryptionContext;
use crate::errors;
use crate::service::Kms;
use model::ApiError;
use model::kms::{
    GenerateDataKeyWithoutPlaintext, GenerateDataKeyWithoutPlaintextInput,
    GenerateDataKeyWithoutPlaintextOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
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

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a GenerateDataKeyWithoutPlaintextInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: GenerateDataKeyWithoutPlaintextInput,
    ) -> Result<GenerateDataKeyWithoutPlaintextOutput, ApiError> {
        let bytes = data_key::bytes(plan.key_spec.as_deref(), plan.number_of_bytes)?;
        let context = EncryptionContext::of(plan.encryption_context)?;
        let asked =
            Asked::new("kms:GenerateDataKeyWithoutPlaintext", plan.key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted(cx, asked.with_context(&context)).await?;
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
