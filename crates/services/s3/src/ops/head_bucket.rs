//! HeadBucket: whether a bucket is there, and where.

use crate::access::{bucket_arn, on_bucket};
use crate::service::S3;
use model::ApiError;
use model::s3::{HeadBucket, HeadBucketInput, HeadBucketOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for HeadBucket {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<HeadBucketInput> = Validation::Own;
    type Plan = HeadBucketInput;

    fn check(input: HeadBucketInput) -> Result<HeadBucketInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a HeadBucketInput) -> Access<'a> {
        on_bucket("s3:ListBucket", &input.bucket)
    }

    async fn run(cx: &Cx<'_, S3>, input: HeadBucketInput) -> Result<HeadBucketOutput, ApiError> {
        let (name, bucket) = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        Ok(HeadBucketOutput {
            bucket_arn: Some(bucket_arn(&name)),
            bucket_region: Some(bucket.region),
            access_point_alias: Some(false),
            ..HeadBucketOutput::default()
        })
    }
}
