//! Encrypt: up to 4 KB under a key.

use super::metadata::SYMMETRIC;
use super::{algorithm, blob_length};
use crate::context::EncryptionContext;
use crate::errors;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{Encrypt, EncryptInput, EncryptOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
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

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a EncryptInput) -> Access<'a> {
        Need::new(
            "kms:Encrypt",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: EncryptInput) -> Result<EncryptOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let key =
            cx.service.keys.find(&scope, plan.key_id.as_deref().unwrap_or_default(), cx.now_micros).await?;
        let context = EncryptionContext::of(plan.encryption_context)?;
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
