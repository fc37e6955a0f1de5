//! GetBucketEncryption: how the bucket's new objects are encrypted whose requests do not say it. Where nothing was said
//! that is AES256.

use crate::access::on_bucket;
use crate::encryption::{BucketEncryption, ByDefault};
use crate::service::S3;
use model::ApiError;
use model::s3::{
    BlockedEncryptionTypes, GetBucketEncryption, GetBucketEncryptionInput, GetBucketEncryptionOutput,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for GetBucketEncryption {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetBucketEncryptionInput> = Validation::Own;
    type Plan = GetBucketEncryptionInput;

    fn check(input: GetBucketEncryptionInput) -> Result<GetBucketEncryptionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a GetBucketEncryptionInput) -> Access<'a> {
        on_bucket("s3:GetEncryptionConfiguration", &input.bucket)
    }

    async fn run(
        cx: &Cx<'_, S3>,
        input: GetBucketEncryptionInput,
    ) -> Result<GetBucketEncryptionOutput, ApiError> {
        let (_, bucket) = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let rules = Some(vec![rule(bucket.encryption.unwrap_or_default())]);
        let configuration = ServerSideEncryptionConfiguration { rules };
        Ok(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(configuration) })
    }
}

fn rule(encryption: BucketEncryption) -> ServerSideEncryptionRule {
    let BucketEncryption { by, bucket_key, blocked } = encryption;
    let (algorithm, key) = match by {
        ByDefault::Aes256 => ("AES256", None),
        ByDefault::Kms(key) => ("aws:kms", key),
    };
    let blocked = Some(blocked).filter(|blocked| !blocked.is_empty());
    ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
            sse_algorithm: Some(algorithm.to_owned()),
            kms_master_key_id: key,
        }),
        bucket_key_enabled: Some(bucket_key),
        blocked_encryption_types: blocked
            .map(|blocked| BlockedEncryptionTypes { encryption_type: Some(blocked) }),
    }
}
