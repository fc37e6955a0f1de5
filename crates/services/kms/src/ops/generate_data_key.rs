//! GenerateDataKey: a key to encrypt with elsewhere, plain and encrypted.

use super::data_key;
use crate::authorize::Asked;
use crate::context::EncryptionContext;
use crate::errors;
use crate::service::Kms;
use model::ApiError;
use model::kms::{GenerateDataKey, GenerateDataKeyInput, GenerateDataKeyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use wire::document::Blob;

impl Operation<Kms> for GenerateDataKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GenerateDataKeyInput> = Validation::MODEL;
    type Plan = GenerateDataKeyInput;

    fn check(input: GenerateDataKeyInput) -> Result<GenerateDataKeyInput, ApiError> {
        if input.recipient.is_some() {
            return Err(errors::unsupported(
                "This server answers no attested enclaves: leave Recipient out.",
            ));
        }
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a GenerateDataKeyInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: GenerateDataKeyInput) -> Result<GenerateDataKeyOutput, ApiError> {
        let bytes = data_key::bytes(plan.key_spec.as_deref(), plan.number_of_bytes)?;
        let context = EncryptionContext::of(plan.encryption_context)?;
        let asked = Asked::new("kms:GenerateDataKey", plan.key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted(cx, asked.with_context(&context)).await?;
        key.check_usable()?;
        if plan.dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        let plaintext = data_key::random(bytes);
        let encrypted = cx.service.keys.encrypt(&key, &context, &plaintext)?;
        Ok(GenerateDataKeyOutput {
            ciphertext_blob: Some(Blob(encrypted.blob)),
            plaintext: Some(Blob(plaintext.to_vec())),
            key_id: Some(encrypted.key_arn),
            ciphertext_for_recipient: None,
            key_material_id: Some(encrypted.material_id),
        })
    }
}
