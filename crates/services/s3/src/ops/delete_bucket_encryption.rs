//! DeleteBucketEncryption: new objects are encrypted by AES256 again where their requests do not say how.

use crate::access::on_bucket;
use crate::service::S3;
use model::ApiError;
use model::s3::{DeleteBucketEncryption, DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for DeleteBucketEncryption {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteBucketEncryptionInput> = Validation::Own;
    type Plan = DeleteBucketEncryptionInput;

    fn check(input: DeleteBucketEncryptionInput) -> Result<DeleteBucketEncryptionInput, ApiError> {
        Ok(input)
    }

    /// There is no permission of its own.
    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a DeleteBucketEncryptionInput) -> Access<'a> {
        on_bucket("s3:PutEncryptionConfiguration", &input.bucket)
    }

    async fn run(
        cx: &Cx<'_, S3>,
        input: DeleteBucketEncryptionInput,
    ) -> Result<DeleteBucketEncryptionOutput, ApiError> {
        let bucket = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        cx.service.objects.shelf.encrypt_bucket(&bucket, None).await?;
        Ok(DeleteBucketEncryptionOutput {})
    }
}
