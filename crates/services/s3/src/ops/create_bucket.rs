//! CreateBucket: a name for objects, which no other account has. Any region may be named.
//!
//! Order of refusals: the name; headers that ask for what is not there; a bucket of the name.

use crate::access::on_bucket;
use crate::bucket::check_name;
use crate::errors;
use crate::sending::refuse_unsupported;
use crate::service::S3;
use model::ApiError;
use model::s3::{CreateBucket, CreateBucketInput, CreateBucketOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for CreateBucket {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateBucketInput> = Validation::Own;
    type Plan = CreateBucketInput;

    fn check(input: CreateBucketInput) -> Result<CreateBucketInput, ApiError> {
        check_name(input.bucket.as_deref().unwrap_or_default())?;
        refuse_unsupported(&[
            ("x-amz-acl", input.acl.as_ref()),
            ("x-amz-grant-full-control", input.grant_full_control.as_ref()),
            ("x-amz-grant-read", input.grant_read.as_ref()),
            ("x-amz-grant-read-acp", input.grant_read_acp.as_ref()),
            ("x-amz-grant-write", input.grant_write.as_ref()),
            ("x-amz-grant-write-acp", input.grant_write_acp.as_ref()),
        ])?;
        if input.object_lock_enabled_for_bucket == Some(true) {
            return Err(errors::not_implemented("x-amz-bucket-object-lock-enabled"));
        }
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a CreateBucketInput) -> Access<'a> {
        on_bucket("s3:CreateBucket", &input.bucket)
    }

    async fn run(cx: &Cx<'_, S3>, input: CreateBucketInput) -> Result<CreateBucketOutput, ApiError> {
        let name = input.bucket.unwrap_or_default();
        let asked = input.create_bucket_configuration.and_then(|asked| asked.location_constraint);
        let region =
            asked.filter(|region| !region.is_empty()).unwrap_or_else(|| cx.caller.region.to_string());
        let shelf = &cx.service.objects.shelf;
        let new = shelf.draw_bucket(&cx.caller.account, &region);
        if let Some(there) = shelf.make_bucket(&name, new).await? {
            if *there.account != *cx.caller.account {
                return Err(errors::bucket_exists(&name));
            }
            // In the first of all regions the call may be repeated.
            if there.region != DEFAULT_REGION || region != DEFAULT_REGION {
                return Err(errors::bucket_owned(&name));
            }
        }
        Ok(CreateBucketOutput {
            location: Some(format!("/{name}")),
            bucket_arn: Some(crate::access::bucket_arn(&name)),
        })
    }
}

const DEFAULT_REGION: &str = "us-east-1";
