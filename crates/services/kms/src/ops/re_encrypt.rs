//! ReEncrypt: from one key to another, or into another context, without showing the plaintext.

use super::blob_length;
use super::metadata::SYMMETRIC;
use crate::authorize::Asked;
use crate::context::EncryptionContext;
use crate::errors;
use crate::service::Kms;
use model::ApiError;
use model::kms::{ReEncrypt, ReEncryptInput, ReEncryptOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use wire::document::Blob;

impl Operation<Kms> for ReEncrypt {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ReEncryptInput> = Validation::MODEL;
    type Plan = ReEncryptInput;

    fn check(input: ReEncryptInput) -> Result<ReEncryptInput, ApiError> {
        blob_length::check(input.ciphertext_blob.as_ref(), "ciphertextBlob", blob_length::CIPHERTEXT_MAX)?;
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a ReEncryptInput) -> Access<'a> {
        Access::default() // asked of the policies of the keys
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ReEncryptInput) -> Result<ReEncryptOutput, ApiError> {
        let keys = &cx.service.keys;
        let source = EncryptionContext::of(plan.source_encryption_context)?;
        let destination = EncryptionContext::of(plan.destination_encryption_context)?;
        let to = Asked::new("kms:ReEncryptTo", plan.destination_key_id.as_deref().unwrap_or_default());
        let to = keys.permitted(cx, to.with_context(&destination)).await?;
        let blob = plan.ciphertext_blob.unwrap_or_default().0;
        let asked = |named| Asked::new("kms:ReEncryptFrom", named).with_context(&source);
        let from = keys.permitted_of_blob(cx, plan.source_key_id.as_deref(), &blob, asked).await?;
        let from = keys.decrypt_with(&from, &source, &blob)?;
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
