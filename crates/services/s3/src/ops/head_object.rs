//! HeadObject: what GetObject would answer, without the bytes.

use crate::access::on_object;
use crate::checksum::Algorithm;
use crate::conditions::Conditions;
use crate::errors;
use crate::object::check_version;
use crate::service::S3;
use crate::showing::{Part, object_head};
use model::ApiError;
use model::s3::{HeadObject, HeadObjectInput, HeadObjectOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation, http_date};

impl Operation<S3> for HeadObject {
    const KIND: Kind = Kind::Read;
    const STREAMS: bool = true;
    const VALIDATION: Validation<HeadObjectInput> = Validation::Own;
    type Plan = HeadObjectInput;

    fn check(input: HeadObjectInput) -> Result<HeadObjectInput, ApiError> {
        check_version(input.version_id.as_deref())?;
        match input.range.is_some() && input.part_number.is_some() {
            true => Err(errors::range_and_part()),
            false => Ok(input),
        }
    }

    fn access<'a>(_: &'a Cx<'_, S3>, input: &'a HeadObjectInput) -> Access<'a> {
        on_object("s3:GetObject", &input.bucket, &input.key)
    }

    async fn run(cx: &Cx<'_, S3>, input: HeadObjectInput) -> Result<HeadObjectOutput, ApiError> {
        let (_, bucket) = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let key = input.key.unwrap_or_default();
        let object = cx.service.objects.shelf.find(bucket.id, &key).await?;
        let object = object.ok_or_else(|| errors::no_such_key(&key))?;
        let conditions = Conditions {
            matches: input.if_match,
            none_match: input.if_none_match,
            modified_since: input.if_modified_since,
            unmodified_since: input.if_unmodified_since,
        };
        conditions.check(&object, cx.now_micros / 1_000_000)?;
        let parts = match input.part_number {
            Some(_) => cx.service.objects.shelf.parts_of(&object).await?,
            None => Vec::new(),
        };
        let part = Part::of(&object, &parts, input.range.as_deref(), input.part_number)?;
        let output = object_head!(HeadObjectOutput, &object, &part, input);
        if let Some(streams) = cx.host.request().and_then(|request| request.streams.as_ref())
            && part.content_range.is_some()
        {
            streams.answer_with_status(206);
        }
        Ok(output)
    }
}
