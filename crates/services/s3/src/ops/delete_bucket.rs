//! DeleteBucket: a bucket that is empty goes.

use crate::access::on_bucket;
use crate::service::S3;
use model::ApiError;
use model::s3::{DeleteBucket, DeleteBucketInput, DeleteBucketOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for DeleteBucket {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteBucketInput> = Validation::Own;
    type Plan = DeleteBucketInput;

    fn check(input: DeleteBucketInput) -> Result<DeleteBucketInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a DeleteBucketInput) -> Access<'a> {
        on_bucket("s3:DeleteBucket", &input.bucket)
    }

    async fn run(cx: &Cx<'_, S3>, input: DeleteBucketInput) -> Result<DeleteBucketOutput, ApiError> {
        let bucket = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        cx.service.objects.shelf.delete_bucket(&bucket).await?;
        Ok(DeleteBucketOutput {})
    }
}
