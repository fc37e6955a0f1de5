//! Encrypt: up to 4 KB under a key.

use super::metadata::SYMMETRIC;
use super::{algorithm, blob_length};
use crate::authorize::Asked;
use crate::context::EncryptionContext;
use crate::errors;
use crate::service::Kms;
use model::ApiError;
use model::kms::{Encrypt, EncryptInput, EncryptOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use wire::document::Blob;
use zeroize::Zeroizing;

impl Operation<Kms> for Encrypt {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<EncryptInput> = Validation::MODEL;
    type Plan = EncryptInput;

    fn check(input: EncryptInput) -> Result<EncryptInput, ApiError> {
        blob_length::check(input.plaintext.as_ref(), "plaintext", blob_length::PLAINTEXT_MAX)?;
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a EncryptInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: EncryptInput) -> Result<EncryptOutput, ApiError> {
        let context = EncryptionContext::of(plan.encryption_context)?;
        let asked = Asked::new("kms:Encrypt", plan.key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted(cx, asked.with_context(&context)).await?;
        let plaintext = Zeroizing::new(plan.plaintext.unwrap_or_default().0);
        algorithm::check(&key, plan.encryption_algorithm.as_deref())?;
        key.check_usable()?;
        if plan.dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        let encrypted = cx.service.keys.encrypt(&key, &context, &plaintext)?;
        Ok(EncryptOutput {
            ciphertext_blob: Some(Blob(encrypted.blob)),
            key_id: Some(encrypted.key_arn),
            encryption_algorithm: Some(SYMMETRIC.to_owned()),
        })
    }
}
