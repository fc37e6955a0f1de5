//! ReEncrypt: from one key to another, or into another context, without showing the plaintext.

use super::blob_length;
use super::metadata::SYMMETRIC;
use crate::context::EncryptionContext;
use crate::errors;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{ReEncrypt, ReEncryptInput, ReEncryptOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use wire::document::Blob;

impl Operation<Kms> for ReEncrypt {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ReEncryptInput> = Validation::MODEL;
    type Plan = ReEncryptInput;

    fn check(input: ReEncryptInput) -> Result<ReEncryptInput, ApiError> {
        blob_length::check(input.ciphertext_blob.as_ref(), "ciphertextBlob", blob_length::CIPHERTEXT_MAX)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a ReEncryptInput) -> Access<'a> {
        let scope = scope_of(cx.caller);
        let from = KeyRef::resource(plan.source_key_id.as_deref().unwrap_or("*"), &scope);
        let to = KeyRef::resource(plan.destination_key_id.as_deref().unwrap_or_default(), &scope);
        [Need::new("kms:ReEncryptFrom", from), Need::new("kms:ReEncryptTo", to)].into_iter().collect()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ReEncryptInput) -> Result<ReEncryptOutput, ApiError> {
        let (scope, keys) = (scope_of(cx.caller), &cx.service.keys);
        let source = EncryptionContext::of(plan.source_encryption_context)?;
        let destination = EncryptionContext::of(plan.destination_encryption_context)?;
        let to =
            keys.find(&scope, plan.destination_key_id.as_deref().unwrap_or_default(), cx.now_micros).await?;
        let blob = plan.ciphertext_blob.unwrap_or_default().0;
        let from = keys.decrypt(&scope, plan.source_key_id.as_deref(), &source, &blob, cx.now_micros).await?;
        to.check_usable()?;
        if plan.dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        let encrypted = keys.encrypt(&to, &destination, &from.plaintext)?;
        Ok(ReEncryptOutput {
            ciphertext_blob: Some(Blob(encrypted.blob)),
            source_key_id: Some(from.key_arn),
            key_id: Some(encrypted.key_arn),
            source_encryption_algorithm: Some(SYMMETRIC.to_owned()),
            destination_encryption_algorithm: Some(SYMMETRIC.to_owned()),
            source_key_material_id: Some(from.material_id),
            destination_key_material_id: Some(encrypted.material_id),
        })
    }
}
