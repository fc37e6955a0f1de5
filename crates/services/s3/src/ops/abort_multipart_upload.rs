//! AbortMultipartUpload: an upload ends with nothing, and its parts go.

use crate::access::on_object;
use crate::service::S3;
use crate::upload::{Place, UploadId};
use model::ApiError;
use model::s3::{AbortMultipartUpload, AbortMultipartUploadInput, AbortMultipartUploadOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for AbortMultipartUpload {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<AbortMultipartUploadInput> = Validation::Own;
    type Plan = AbortMultipartUploadInput;

    fn check(input: AbortMultipartUploadInput) -> Result<AbortMultipartUploadInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a AbortMultipartUploadInput) -> Access<'a> {
        on_object("s3:AbortMultipartUpload", &input.bucket, &input.key)
    }

    async fn run(
        cx: &Cx<'_, S3>,
        input: AbortMultipartUploadInput,
    ) -> Result<AbortMultipartUploadOutput, ApiError> {
        let bucket = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let id = UploadId::parse(input.upload_id.as_deref().unwrap_or_default())?;
        let key = input.key.unwrap_or_default();
        cx.service.objects.shelf.abort(Place { bucket: &bucket, key: &key, id }).await?;
        Ok(AbortMultipartUploadOutput::default())
    }
}
