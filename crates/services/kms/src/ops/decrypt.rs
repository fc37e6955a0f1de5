//! Decrypt: the key is named, or the ciphertext names it.

use super::blob_length;
use super::metadata::SYMMETRIC;
use crate::authorize::Asked;
use crate::context::EncryptionContext;
use crate::errors;
use crate::service::Kms;
use model::ApiError;
use model::kms::{Decrypt, DecryptInput, DecryptOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use wire::document::Blob;

impl Operation<Kms> for Decrypt {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DecryptInput> = Validation::MODEL;
    type Plan = DecryptInput;

    fn check(input: DecryptInput) -> Result<DecryptInput, ApiError> {
        if input.recipient.is_some() {
            return Err(errors::unsupported(
                "This server answers no attested enclaves: leave Recipient out.",
            ));
        }
        blob_length::check(input.ciphertext_blob.as_ref(), "ciphertextBlob", blob_length::CIPHERTEXT_MAX)?;
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a DecryptInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: DecryptInput) -> Result<DecryptOutput, ApiError> {
        let context = EncryptionContext::of(plan.encryption_context)?;
        let blob = plan.ciphertext_blob.unwrap_or_default().0;
        let keys = &cx.service.keys;
        let asked = |named| Asked::new("kms:Decrypt", named).with_context(&context);
        let key = keys.permitted_of_blob(cx, plan.key_id.as_deref(), &blob, asked).await?;
        let decrypted = keys.decrypt_with(&key, &context, &blob)?;
        if plan.dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        Ok(DecryptOutput {
            key_id: Some(decrypted.key_arn),
            plaintext: Some(Blob(decrypted.plaintext.to_vec())),
            encryption_algorithm: Some(SYMMETRIC.to_owned()),
            ciphertext_for_recipient: None,
            key_material_id: Some(decrypted.material_id),
        })
    }
}
