//! ListObjects: a page of keys in their order, as it was before ListObjectsV2.
//!
//! Order of refusals: the encoding and the number; the bucket.

use crate::access::on_listing;
use crate::encoding::Encoding;
use crate::lines::{Shown, limit};
use crate::listing::{Asked, page};
use crate::service::S3;
use crate::showing::owner;
use model::ApiError;
use model::s3::{ListObjects, ListObjectsInput, ListObjectsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// A page that may be read.
#[derive(Debug)]
pub struct Plan {
    input: ListObjectsInput,
    encoding: Encoding,
    limit: usize,
}

impl Operation<S3> for ListObjects {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<ListObjectsInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: ListObjectsInput) -> Result<Plan, ApiError> {
        let encoding = Encoding::of(input.encoding_type.as_deref())?;
        let limit = limit(input.max_keys)?;
        Ok(Plan { input, encoding, limit })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, plan: &'a Plan) -> Access<'a> {
        let input = &plan.input;
        on_listing(&input.bucket, &input.prefix, &input.delimiter, input.max_keys)
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<ListObjectsOutput, ApiError> {
        let Plan { input, encoding, limit } = plan;
        let (name, bucket) = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let asked = Asked {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().unwrap_or_default(),
            after: input.marker.as_deref().unwrap_or_default(),
            limit,
        };
        let page = page(cx.service.objects.shelf.store(), bucket.id, &asked).await?;
        // Without a delimiter the last key is where the next page begins.
        let has_next = page.is_truncated && !asked.delimiter.is_empty();
        let last = page.lines.last().map(|line| line.name().to_owned()).filter(|_| has_next);
        let is_truncated = page.is_truncated;
        let owner = owner(&bucket.account);
        let Shown { contents, common_prefixes } = Shown::of(page.lines, encoding, Some(&owner));
        let show = |name: String| encoding.show(&name);
        Ok(ListObjectsOutput {
            name: Some(name),
            prefix: Some(show(input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.filter(|delimiter| !delimiter.is_empty()).map(show),
            marker: Some(show(input.marker.unwrap_or_default())),
            next_marker: last.map(show),
            max_keys: Some(limit as i64),
            is_truncated: Some(is_truncated),
            contents,
            common_prefixes,
            encoding_type: encoding.name(),
            ..ListObjectsOutput::default()
        })
    }
}
