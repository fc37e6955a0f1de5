//! DeleteObjects: up to a thousand objects go, each by itself; refusals of single ones are in the answer.

use crate::access::object_arn;
use crate::errors;
use crate::object::check_version;
use crate::service::S3;
use crate::shelf::{Named, When};
use model::ApiError;
use model::s3::{
    DeleteObjects, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error, ObjectIdentifier,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Objects of a request.
const OBJECTS_MAX: usize = 1_000;

/// Objects that may be deleted.
#[derive(Debug)]
pub struct Plan {
    bucket: Option<String>,
    objects: Vec<ObjectIdentifier>,
    is_quiet: bool,
}

impl Operation<S3> for DeleteObjects {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<DeleteObjectsInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: DeleteObjectsInput) -> Result<Plan, ApiError> {
        let delete = input.delete.unwrap_or_default();
        let objects = delete.objects.unwrap_or_default();
        let has_keys = objects.iter().all(|object| object.key.as_ref().is_some_and(|key| !key.is_empty()));
        if !(1..=OBJECTS_MAX).contains(&objects.len()) || !has_keys {
            return Err(errors::malformed_xml());
        }
        Ok(Plan { bucket: input.bucket, objects, is_quiet: delete.quiet.unwrap_or_default() })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, _: &'a Plan) -> Access<'a> {
        // What each of them needs is asked for it alone.
        Access::default()
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<DeleteObjectsOutput, ApiError> {
        let bucket = cx.service.bucket(cx.caller, plan.bucket.as_deref()).await?;
        let mut output = DeleteObjectsOutput::default();
        for object in plan.objects {
            let key = object.key.unwrap_or_default();
            match delete(cx, &bucket, &key, object.e_tag, object.version_id.as_deref()).await {
                Ok(()) if plan.is_quiet => {}
                Ok(()) => output.deleted.get_or_insert_default().push(deleted(key)),
                Err(error) => output.errors.get_or_insert_default().push(refused(key, &error)),
            }
        }
        Ok(output)
    }
}

async fn delete(
    cx: &Cx<'_, S3>,
    bucket: &Named,
    key: &str,
    etag: Option<String>,
    version: Option<&str>,
) -> Result<(), ApiError> {
    check_version(version)?;
    pipeline::permitted(cx, &Need::new("s3:DeleteObject", object_arn(&bucket.0, key)))?;
    cx.service.objects.shelf.delete(bucket, key, &When::of(etag, None)?).await
}

fn deleted(key: String) -> DeletedObject {
    DeletedObject { key: Some(key), ..DeletedObject::default() }
}

fn refused(key: String, error: &ApiError) -> Error {
    Error {
        key: Some(key),
        code: Some(error.code.rest_xml().code.to_owned()),
        message: error.message.as_ref().map(|text| text.to_string()),
        ..Error::default()
    }
}
