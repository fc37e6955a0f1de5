//! Decrypt: the key is named, or the ciphertext names it.

use super::blob_length;
use super::metadata::SYMMETRIC;
use crate::context::EncryptionContext;
use crate::errors;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{Decrypt, DecryptInput, DecryptOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
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

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a DecryptInput) -> Access<'a> {
        let named = plan.key_id.as_deref().unwrap_or("*");
        Need::new("kms:Decrypt", KeyRef::resource(named, &scope_of(cx.caller))).into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: DecryptInput) -> Result<DecryptOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let context = EncryptionContext::of(plan.encryption_context)?;
        let blob = plan.ciphertext_blob.unwrap_or_default().0;
        let decrypt = cx.service.keys.decrypt(&scope, plan.key_id.as_deref(), &context, &blob, cx.now_micros);
        let decrypted = decrypt.await?;
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
