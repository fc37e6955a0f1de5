//! ListTagsForResource: of a stream or a consumer.
//!
//! Order of refusals: the constraints of the model → not an ARN of either → not there.

use super::list_tags_for_stream::tag;
use super::tags::Tagged;
use crate::service::Kinesis;
use model::ApiError;
use model::kinesis::{ListTagsForResource, ListTagsForResourceInput, ListTagsForResourceOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kinesis> for ListTagsForResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTagsForResourceInput> = Validation::MODEL;
    type Plan = Tagged;

    fn check(input: ListTagsForResourceInput) -> Result<Tagged, ApiError> {
        Tagged::parse(input.resource_arn)
    }

    fn access(cx: &Cx<'_, Kinesis>, tagged: &Tagged) -> Access<'static> {
        tagged.access(cx, "kinesis:ListTagsForResource")
    }

    async fn run(cx: &Cx<'_, Kinesis>, tagged: Tagged) -> Result<ListTagsForResourceOutput, ApiError> {
        let tags = tagged.read(cx).await?;
        Ok(ListTagsForResourceOutput { tags: Some(tags.iter().map(tag).collect()) })
    }
}
