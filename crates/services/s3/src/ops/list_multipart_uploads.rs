//! ListMultipartUploads: the uploads of a bucket that have not ended, in the order of their keys and beginnings.

use crate::access::on_bucket;
use crate::encoding::Encoding;
use crate::lines;
use crate::service::S3;
use crate::showing::{initiator, owner};
use crate::upload::UploadId;
use crate::uploads::{FoundUpload, UploadsAsked, page};
use model::ApiError;
use model::s3::{
    CommonPrefix, ListMultipartUploads, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    MultipartUpload,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for ListMultipartUploads {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<ListMultipartUploadsInput> = Validation::Own;
    type Plan = ListMultipartUploadsInput;

    fn check(input: ListMultipartUploadsInput) -> Result<ListMultipartUploadsInput, ApiError> {
        Encoding::of(input.encoding_type.as_deref())?;
        lines::limit(input.max_uploads)?;
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a ListMultipartUploadsInput) -> Access<'a> {
        on_bucket("s3:ListBucketMultipartUploads", &input.bucket)
    }

    async fn run(
        cx: &Cx<'_, S3>,
        input: ListMultipartUploadsInput,
    ) -> Result<ListMultipartUploadsOutput, ApiError> {
        let (name, bucket) = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let encoding = Encoding::of(input.encoding_type.as_deref())?;
        let limit = lines::limit(input.max_uploads)?;
        // The marker of an upload counts only with that of its key.
        let after = input.key_marker.as_deref().filter(|key| !key.is_empty());
        let upload = input.upload_id_marker.as_deref().filter(|id| !id.is_empty());
        let after = match (after, upload) {
            (Some(key), Some(id)) => Some((key, Some(UploadId::parse(id)?))),
            (after, _) => after.map(|key| (key, None)),
        };
        let asked = UploadsAsked {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().unwrap_or_default(),
            after,
            limit,
        };
        let page = page(cx.service.objects.shelf.store(), bucket.id, &asked).await?;
        let last_upload = page.uploads.last().map(|upload| (upload.key.clone(), upload.id.to_string()));
        let last_prefix = page.prefixes.last().map(|prefix| (prefix.clone(), String::new()));
        let next = last_upload.max(last_prefix).filter(|_| page.is_truncated);
        let show = |name: &str| encoding.show(name);
        let shown = |found: FoundUpload| MultipartUpload {
            upload_id: Some(found.id.to_string()),
            key: Some(show(&found.key)),
            initiated: Some((found.id.begun_millis / 1_000) as f64),
            storage_class: Some(found.upload.about.storage_class.unwrap_or_else(|| "STANDARD".to_owned())),
            owner: Some(owner(&bucket.account)),
            initiator: Some(initiator(&bucket.account)),
            checksum_algorithm: Some(found.upload.algorithm.name().to_owned()),
            checksum_type: Some(found.upload.covers.name().to_owned()),
            ..MultipartUpload::default()
        };
        let prefixes = page.prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(show(prefix)) });
        Ok(ListMultipartUploadsOutput {
            bucket: Some(name),
            key_marker: Some(show(input.key_marker.as_deref().unwrap_or_default())),
            upload_id_marker: Some(input.upload_id_marker.clone().unwrap_or_default()),
            next_key_marker: next.as_ref().map(|(key, _)| show(key)),
            next_upload_id_marker: next.map(|(_, id)| id).filter(|id| !id.is_empty()),
            prefix: input.prefix.as_deref().filter(|prefix| !prefix.is_empty()).map(show),
            delimiter: input.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty()).map(show),
            max_uploads: Some(limit as i64),
            is_truncated: Some(page.is_truncated),
            common_prefixes: Some(prefixes.collect()).filter(|prefixes: &Vec<_>| !prefixes.is_empty()),
            uploads: Some(page.uploads.into_iter().map(shown).collect()),
            encoding_type: encoding.name(),
            ..ListMultipartUploadsOutput::default()
        })
    }
}
