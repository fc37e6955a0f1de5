//! GetBucketLocation: where a bucket is; nothing for the first of all regions.

use crate::access::on_bucket;
use crate::service::S3;
use model::ApiError;
use model::s3::{GetBucketLocation, GetBucketLocationInput, GetBucketLocationOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for GetBucketLocation {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetBucketLocationInput> = Validation::Own;
    type Plan = GetBucketLocationInput;

    fn check(input: GetBucketLocationInput) -> Result<GetBucketLocationInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a GetBucketLocationInput) -> Access<'a> {
        on_bucket("s3:GetBucketLocation", &input.bucket)
    }

    async fn run(
        cx: &Cx<'_, S3>,
        input: GetBucketLocationInput,
    ) -> Result<GetBucketLocationOutput, ApiError> {
        let (_, bucket) = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let region = if bucket.region == "us-east-1" { String::new() } else { bucket.region };
        Ok(GetBucketLocationOutput { location_constraint: Some(region) })
    }
}
