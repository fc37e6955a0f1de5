//! UploadPart: bytes of an upload, in the place of those that came under their number.
//!
//! Order of refusals: the number and the headers; the bucket; the upload; the length of the body; its key of KMS; its
//! signature and checksums, when it is here.

use crate::access::on_object;
use crate::checksum::{Algorithm, Expected};
use crate::locks::User;
use crate::object::quoted;
use crate::part::{self, KeptPart};
use crate::sending::{self, Incoming, checksums};
use crate::service::S3;
use crate::upload::{Place, UploadId};
use crate::writing::Writing;
use model::ApiError;
use model::s3::{UploadPart, UploadPartInput, UploadPartOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// A part that may come.
#[derive(Debug)]
pub struct Plan {
    bucket: Option<String>,
    key: Option<String>,
    id: UploadId,
    number: u16,
    expected: Expected,
}

impl Operation<S3> for UploadPart {
    const KIND: Kind = Kind::Write;
    const STREAMS: bool = true;
    const VALIDATION: Validation<UploadPartInput> = Validation::Own;
    type Plan = Plan;

    fn check(mut input: UploadPartInput) -> Result<Plan, ApiError> {
        let number = part::number(input.part_number)?;
        let checksums = checksums!(input);
        let algorithm = input.checksum_algorithm.as_deref();
        let expected = sending::expected(input.content_md5.take(), algorithm, checksums)?;
        let id = UploadId::parse(input.upload_id.as_deref().unwrap_or_default())?;
        Ok(Plan { bucket: input.bucket, key: input.key, id, number, expected })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, plan: &'a Plan) -> Access<'a> {
        on_object("s3:PutObject", &plan.bucket, &plan.key)
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<UploadPartOutput, ApiError> {
        let Plan { bucket, key, id, number, mut expected } = plan;
        let bucket = cx.service.bucket(cx.caller, bucket.as_deref()).await?;
        let (shelf, key) = (&cx.service.objects.shelf, key.unwrap_or_default());
        let place = Place { bucket: &bucket, key: &key, id };
        let upload = shelf.upload(place).await?;
        let incoming = Incoming::of(cx, &mut expected)?;
        sending::agree(&mut expected, upload.algorithm)?;
        let lock = shelf.unlock(User::Client(cx), upload.encryption.as_ref(), (&bucket.0, &key)).await?;
        let mut writing = Writing::begin(shelf, &bucket.0, &expected, &lock).await?;
        incoming.write_to(&mut writing, &mut expected).await?;
        let part = KeptPart::of(number, writing.finish(&expected).await?);
        let (etag, checksum) = (quoted(&part.etag), part.checksum.clone());
        shelf.put_part(place, part).await?;
        let mut output = UploadPartOutput {
            e_tag: Some(etag),
            server_side_encryption: Some(lock.encryption.name()),
            ssekms_key_id: lock.encryption.key_arn(),
            ..UploadPartOutput::default()
        };
        sending::show_checksum!(output, upload.algorithm, checksum);
        Ok(output)
    }
}
