//! ListObjectsV2: a page of keys in their order.
//!
//! Order of refusals: the encoding, the number and the token; the bucket.

use crate::access::on_listing;
use crate::encoding::Encoding;
use crate::lines::{Shown, limit, token, untoken};
use crate::listing::{Asked, page};
use crate::service::S3;
use crate::showing::owner;
use model::ApiError;
use model::s3::{ListObjectsV2, ListObjectsV2Input, ListObjectsV2Output};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// A page that may be read.
#[derive(Debug)]
pub struct Plan {
    input: ListObjectsV2Input,
    encoding: Encoding,
    limit: usize,
    /// Where the page before has ended.
    after: Option<String>,
}

impl Operation<S3> for ListObjectsV2 {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<ListObjectsV2Input> = Validation::Own;
    type Plan = Plan;

    fn check(input: ListObjectsV2Input) -> Result<Plan, ApiError> {
        let encoding = Encoding::of(input.encoding_type.as_deref())?;
        let limit = limit(input.max_keys)?;
        let after = input.continuation_token.as_deref().map(untoken).transpose()?;
        Ok(Plan { input, encoding, limit, after })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, plan: &'a Plan) -> Access<'a> {
        let input = &plan.input;
        on_listing(&input.bucket, &input.prefix, &input.delimiter, input.max_keys)
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<ListObjectsV2Output, ApiError> {
        let Plan { input, encoding, limit, after } = plan;
        let (name, bucket) = cx.service.bucket(cx.caller, input.bucket.as_deref()).await?;
        let asked = Asked {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().unwrap_or_default(),
            after: after.as_deref().or(input.start_after.as_deref()).unwrap_or_default(),
            limit,
        };
        let page = page(cx.service.objects.shelf.store(), bucket.id, &asked).await?;
        let last = page.lines.last().map(|line| line.name().to_owned());
        let is_truncated = page.is_truncated;
        let key_count = page.lines.len() as i64;
        let owner = input.fetch_owner.unwrap_or_default().then(|| owner(&bucket.account));
        let Shown { contents, common_prefixes } = Shown::of(page.lines, encoding, owner.as_ref());
        let show = |name: String| encoding.show(&name);
        Ok(ListObjectsV2Output {
            name: Some(name),
            prefix: Some(show(input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.filter(|delimiter| !delimiter.is_empty()).map(show),
            max_keys: Some(limit as i64),
            key_count: Some(key_count),
            is_truncated: Some(is_truncated),
            contents,
            common_prefixes,
            next_continuation_token: last.filter(|_| is_truncated).map(|last| token(&last)),
            continuation_token: input.continuation_token,
            start_after: input.start_after.map(show),
            encoding_type: encoding.name(),
            ..ListObjectsV2Output::default()
        })
    }
}
