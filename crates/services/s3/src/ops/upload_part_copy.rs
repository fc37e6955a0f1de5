//! UploadPartCopy: bytes of an object as a part of an upload.
//!
//! Order of refusals: the source, the number and the range; the buckets; the upload; the source and its
//! conditions; their keys of KMS.

use crate::access::object_arn;
use crate::checksum::{Algorithm, Expected};
use crate::conditions::Conditions;
use crate::encoding::copy_source;
use crate::errors;
use crate::locks::User;
use crate::object::{Object, PUT_BYTES_MAX, quoted};
use crate::part::{self, KeptPart};
use crate::range;
use crate::reading::Download;
use crate::sending;
use crate::service::S3;
use crate::upload::{Place, UploadId};
use crate::writing::Writing;
use model::ApiError;
use model::s3::{CopyPartResult, UploadPartCopy, UploadPartCopyInput, UploadPartCopyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// A part that may be copied.
#[derive(Debug)]
pub struct Plan {
    source: (String, String),
    range: Option<String>,
    conditions: Conditions,
    bucket: Option<String>,
    key: String,
    id: UploadId,
    number: u16,
}

impl Operation<S3> for UploadPartCopy {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<UploadPartCopyInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: UploadPartCopyInput) -> Result<Plan, ApiError> {
        let source = copy_source(input.copy_source.as_deref().unwrap_or_default())?;
        let number = part::number(input.part_number)?;
        let id = UploadId::parse(input.upload_id.as_deref().unwrap_or_default())?;
        let conditions = Conditions {
            matches: input.copy_source_if_match,
            none_match: input.copy_source_if_none_match,
            modified_since: input.copy_source_if_modified_since,
            unmodified_since: input.copy_source_if_unmodified_since,
        };
        let (range, key) = (input.copy_source_range, input.key.unwrap_or_default());
        Ok(Plan { source, range, conditions, bucket: input.bucket, key, id, number })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, plan: &'a Plan) -> Access<'a> {
        let bucket = plan.bucket.as_deref().unwrap_or_default();
        let from = Need::new("s3:GetObject", object_arn(&plan.source.0, &plan.source.1));
        [from, Need::new("s3:PutObject", object_arn(bucket, &plan.key))].into_iter().collect()
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<UploadPartCopyOutput, ApiError> {
        let shelf = &cx.service.objects.shelf;
        let bucket = cx.service.bucket(cx.caller, plan.bucket.as_deref()).await?;
        let source = cx.service.bucket(cx.caller, Some(&plan.source.0)).await?;
        let place = Place { bucket: &bucket, key: &plan.key, id: plan.id };
        let upload = shelf.upload(place).await?;
        let choose = |object: &Object, _: &[KeptPart]| {
            plan.conditions.check_source(object, cx.now_micros / 1_000_000)?;
            let size = object.size_bytes;
            let range = match &plan.range {
                None => 0..size,
                Some(asked) => range::parse(asked, size)?.ok_or_else(|| {
                    let text = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and \
                                last are the zero-based offsets of the first and last bytes to copy";
                    errors::invalid_argument(text, "x-amz-copy-source-range", asked)
                })?,
            };
            match range.end - range.start {
                length if length > PUT_BYTES_MAX => Err(errors::too_large(length, PUT_BYTES_MAX)),
                _ => Ok(range),
            }
        };
        let mut download = Download::open(shelf, User::Client(cx), &source, &plan.source.1, choose).await?;
        let expected = Expected { algorithm: Some(upload.algorithm), ..Expected::default() };
        let lock = shelf.unlock(User::Client(cx), upload.encryption.as_ref(), (&bucket.0, &plan.key)).await?;
        let mut writing = Writing::begin(shelf, &bucket.0, &expected, &lock).await?;
        while let Some(piece) = download.next().await? {
            writing.write(&piece).await?;
        }
        let part = KeptPart::of(plan.number, writing.finish(&expected).await?);
        let mut result = CopyPartResult {
            e_tag: Some(quoted(&part.etag)),
            last_modified: Some((part.modified_millis / 1_000) as f64),
            ..CopyPartResult::default()
        };
        sending::show_checksum!(result, upload.algorithm, part.checksum.clone());
        shelf.put_part(place, part).await?;
        Ok(UploadPartCopyOutput {
            copy_part_result: Some(result),
            server_side_encryption: Some(lock.encryption.name()),
            ssekms_key_id: lock.encryption.key_arn(),
            ..UploadPartCopyOutput::default()
        })
    }
}
