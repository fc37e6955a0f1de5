//! PutBucketEncryption: how the bucket's new objects are encrypted whose requests do not say it. Objects that are there
//! stay as they are.
//!
//! Order of refusals: the document; the bucket.

use crate::access::on_bucket;
use crate::encryption::{BucketEncryption, ByDefault};
use crate::errors;
use crate::service::S3;
use model::ApiError;
use model::s3::{
    PutBucketEncryption, PutBucketEncryptionInput, PutBucketEncryptionOutput, ServerSideEncryptionByDefault,
    ServerSideEncryptionRule,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Characters of the name of a key.
const KEY_CHARS_MAX: usize = 2_048;

/// An encryption that may be set.
#[derive(Debug)]
pub struct Plan {
    bucket: Option<String>,
    encryption: BucketEncryption,
}

impl Operation<S3> for PutBucketEncryption {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutBucketEncryptionInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: PutBucketEncryptionInput) -> Result<Plan, ApiError> {
        let configuration = input.server_side_encryption_configuration.unwrap_or_default();
        let [rule] = <[_; 1]>::try_from(configuration.rules.unwrap_or_default())
            .map_err(|_| errors::malformed_xml())?;
        Ok(Plan { bucket: input.bucket, encryption: encryption(rule)? })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, plan: &'a Plan) -> Access<'a> {
        on_bucket("s3:PutEncryptionConfiguration", &plan.bucket)
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<PutBucketEncryptionOutput, ApiError> {
        let bucket = cx.service.bucket(cx.caller, plan.bucket.as_deref()).await?;
        cx.service.objects.shelf.encrypt_bucket(&bucket, Some(plan.encryption)).await?;
        Ok(PutBucketEncryptionOutput {})
    }
}

fn encryption(rule: ServerSideEncryptionRule) -> Result<BucketEncryption, ApiError> {
    let blocked =
        rule.blocked_encryption_types.and_then(|blocked| blocked.encryption_type).unwrap_or_default();
    let is_kind = |kind: &String| matches!(kind.as_str(), "NONE" | "SSE-C");
    if blocked.len() > 2 || !blocked.iter().all(is_kind) {
        return Err(errors::malformed_xml());
    }
    let by = rule.apply_server_side_encryption_by_default.map_or(Ok(ByDefault::Aes256), by_default)?;
    Ok(BucketEncryption { by, bucket_key: rule.bucket_key_enabled.unwrap_or_default(), blocked })
}

fn by_default(asked: ServerSideEncryptionByDefault) -> Result<ByDefault, ApiError> {
    let key = asked.kms_master_key_id.filter(|key| !key.is_empty());
    match (asked.sse_algorithm.as_deref(), key) {
        (Some("AES256"), None) => Ok(ByDefault::Aes256),
        (Some("AES256"), Some(key)) => Err(errors::key_without_kms(&key)),
        (Some("aws:kms"), key) if key.as_ref().is_none_or(|key| key.len() <= KEY_CHARS_MAX) => {
            Ok(ByDefault::Kms(key))
        }
        (Some("aws:kms:dsse"), _) => Err(errors::not_implemented("SSEAlgorithm aws:kms:dsse")),
        _ => Err(errors::malformed_xml()),
    }
}
