//! DeleteObject: an object goes; one that is not there is gone already.

use crate::access::on_object;
use crate::object::check_version;
use crate::service::S3;
use crate::shelf::When;
use model::ApiError;
use model::s3::{DeleteObject, DeleteObjectInput, DeleteObjectOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for DeleteObject {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<DeleteObjectInput> = Validation::Own;
    type Plan = DeleteObjectInput;

    fn check(input: DeleteObjectInput) -> Result<DeleteObjectInput, ApiError> {
        check_version(input.version_id.as_deref())?;
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a DeleteObjectInput) -> Access<'a> {
        on_object("s3:DeleteObject", &input.bucket, &input.key)
    }

    async fn run(cx: &Cx<'_, S3>, input: DeleteObjectInput) -> Result<DeleteObjectOutput, ApiError> {
        let bucket = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let key = input.key.unwrap_or_default();
        let when = When::of(input.if_match, None)?;
        cx.service.objects.shelf.delete(&bucket, &key, &when).await?;
        Ok(DeleteObjectOutput::default())
    }
}
