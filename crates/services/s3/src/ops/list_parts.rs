//! ListParts: the parts that have come of an upload, in the order of their numbers.

use crate::access::on_object;
use crate::checksum::Algorithm;
use crate::lines;
use crate::object::quoted;
use crate::part::{self, KeptPart};
use crate::sending;
use crate::service::S3;
use crate::showing::{initiator, owner};
use crate::upload::{Place, Upload, UploadId};
use model::ApiError;
use model::s3::{ListParts, ListPartsInput, ListPartsOutput, Part};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<S3> for ListParts {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<ListPartsInput> = Validation::Own;
    type Plan = ListPartsInput;

    fn check(input: ListPartsInput) -> Result<ListPartsInput, ApiError> {
        lines::limit(input.max_parts)?;
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a ListPartsInput) -> Access<'a> {
        on_object("s3:ListMultipartUploadParts", &input.bucket, &input.key)
    }

    async fn run(cx: &Cx<'_, S3>, input: ListPartsInput) -> Result<ListPartsOutput, ApiError> {
        let bucket = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let id = UploadId::parse(input.upload_id.as_deref().unwrap_or_default())?;
        let (shelf, key) = (&cx.service.objects.shelf, input.key.unwrap_or_default());
        let upload = shelf.upload(Place { bucket: &bucket, key: &key, id }).await?;
        let (limit, marker) = (lines::limit(input.max_parts)?, input.part_number_marker.unwrap_or_default());
        let mut parts = part::all(shelf.store(), id.id).await?;
        parts.retain(|part| i64::from(part.number) > marker);
        let is_truncated = parts.len() > limit;
        parts.truncate(limit);
        Ok(ListPartsOutput {
            bucket: Some(bucket.0),
            key: Some(key),
            upload_id: Some(id.to_string()),
            part_number_marker: Some(marker),
            next_part_number_marker: Some(parts.last().map_or(0, |part| i64::from(part.number))),
            max_parts: Some(limit as i64),
            is_truncated: Some(is_truncated),
            parts: Some(parts.into_iter().map(|part| shown(part, &upload)).collect()),
            initiator: Some(initiator(&bucket.1.account)),
            owner: Some(owner(&bucket.1.account)),
            storage_class: Some(upload.about.storage_class.unwrap_or_else(|| "STANDARD".to_owned())),
            checksum_algorithm: Some(upload.algorithm.name().to_owned()),
            checksum_type: Some(upload.covers.name().to_owned()),
            ..ListPartsOutput::default()
        })
    }
}

fn shown(kept: KeptPart, upload: &Upload) -> Part {
    let mut part = Part {
        part_number: Some(i64::from(kept.number)),
        last_modified: Some((kept.modified_millis / 1_000) as f64),
        e_tag: Some(quoted(&kept.etag)),
        size: Some(kept.size_bytes as i64),
        ..Part::default()
    };
    sending::show_checksum!(part, upload.algorithm, kept.checksum);
    part
}
