//! ListTagsOfResource: the tags of a table or a stream in the order of their keys, page by page.
//!
//! Order of refusals: the ARN → region and account → no such resource. A NextToken that this operation has not
//! given is ignored, as DynamoDB does.

use crate::checks::tagged_resource::TaggedResource;
use crate::checks::tags::Tags;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{ListTagsOfResource, ListTagsOfResourceInput, ListTagsOfResourceOutput, Tag};
use pipeline::{Access, Cx, Kind, Operation, Validation, access};
use std::ops::Bound;

const PAGE_TAGS_MAX: usize = 10;
/// What a token begins with; the key of the last tag shown follows.
const TOKEN_PREFIX: &str = "1:";

impl Operation<DynamoDb> for ListTagsOfResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTagsOfResourceInput> = Validation::Own;
    type Plan = (TaggedResource, Option<String>);

    fn check(input: ListTagsOfResourceInput) -> Result<Self::Plan, ApiError> {
        Ok((TaggedResource::read(input.resource_arn)?, input.next_token))
    }

    fn access(cx: &Cx<'_, DynamoDb>, (resource, _): &Self::Plan) -> Access<'static> {
        crate::access::resource(cx, "dynamodb:ListTagsOfResource", resource, access::Tags::default())
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        (resource, token): Self::Plan,
    ) -> Result<ListTagsOfResourceOutput, ApiError> {
        let table = resource.find(cx).await?;
        Ok(page(resource.tags(&table), token.as_deref()))
    }
}

fn page(tags: Option<&Tags>, token: Option<&str>) -> ListTagsOfResourceOutput {
    let after = token.and_then(|token| token.strip_prefix(TOKEN_PREFIX));
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rest = tags.into_iter().flat_map(|tags| tags.range::<str, _>((start, Bound::Unbounded)));
    let page: Vec<_> = rest.by_ref().take(PAGE_TAGS_MAX).collect();
    let last = page.last().filter(|_| rest.next().is_some());
    let next_token = last.map(|(key, _)| format!("{TOKEN_PREFIX}{key}"));
    let tag = |(key, value): (&String, &String)| Tag { key: Some(key.clone()), value: Some(value.clone()) };
    ListTagsOfResourceOutput { next_token, tags: Some(page.into_iter().map(tag).collect()) }
}
