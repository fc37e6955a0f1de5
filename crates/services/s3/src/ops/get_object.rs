//! GetObject: the bytes of an object, or a range of them.
//!
//! Order of refusals: a range and a part at once; the bucket; the object; the conditions; the range; its key of KMS.

use crate::access::on_object;
use crate::checksum::Algorithm;
use crate::conditions::Conditions;
use crate::errors;
use crate::locks::User;
use crate::object::{Object, check_version};
use crate::part::KeptPart;
use crate::reading::Download;
use crate::service::S3;
use crate::showing::{Part, object_head};
use model::ApiError;
use model::s3::{GetObject, GetObjectInput, GetObjectOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation, http_date};
use wire::document::Blob;

impl Operation<S3> for GetObject {
    const KIND: Kind = Kind::Read;
    const STREAMS: bool = true;
    const VALIDATION: Validation<GetObjectInput> = Validation::Own;
    type Plan = GetObjectInput;

    fn check(input: GetObjectInput) -> Result<GetObjectInput, ApiError> {
        check_version(input.version_id.as_deref())?;
        match input.range.is_some() && input.part_number.is_some() {
            true => Err(errors::range_and_part()),
            false => Ok(input),
        }
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a GetObjectInput) -> Access<'a> {
        on_object("s3:GetObject", &input.bucket, &input.key)
    }

    async fn run(cx: &Cx<'_, S3>, input: GetObjectInput) -> Result<GetObjectOutput, ApiError> {
        let bucket = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let conditions = Conditions {
            matches: input.if_match,
            none_match: input.if_none_match,
            modified_since: input.if_modified_since,
            unmodified_since: input.if_unmodified_since,
        };
        let mut part = None;
        let choose = |object: &Object, parts: &[KeptPart]| {
            conditions.check(object, cx.now_micros / 1_000_000)?;
            let chosen = Part::of(object, parts, input.range.as_deref(), input.part_number)?;
            let range = chosen.range.clone();
            part = Some(chosen);
            Ok(range)
        };
        let key = input.key.unwrap_or_default();
        let download =
            Download::open(&cx.service.objects.shelf, User::Client(cx), &bucket, &key, choose).await?;
        let part = part.ok_or_else(errors::damaged)?;
        let mut output = object_head!(GetObjectOutput, &download.object, &part, input);
        match cx.host.request().and_then(|request| request.streams.as_ref()) {
            Some(streams) => {
                if part.content_range.is_some() {
                    streams.answer_with_status(206);
                }
                streams.answer(download.into_body());
            }
            None => output.body = Some(whole(download).await?),
        }
        Ok(output)
    }
}

/// All bytes, for a caller inside the server.
async fn whole(mut download: Download) -> Result<Blob, ApiError> {
    let mut whole = Vec::new();
    while let Some(piece) = download.next().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(Blob(whole))
}
