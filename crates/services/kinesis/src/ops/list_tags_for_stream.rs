//! ListTagsForStream: tags in the order of their keys, page by page.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream.

use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{ListTagsForStream, ListTagsForStreamInput, ListTagsForStreamOutput, Tag};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::ops::Bound;
use stdx::limits::TAGS_PER_RESOURCE_MAX;

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    after: Option<String>,
    limit: usize,
}

impl Operation<Kinesis> for ListTagsForStream {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTagsForStreamInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ListTagsForStreamInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        let limit =
            input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(TAGS_PER_RESOURCE_MAX);
        Ok(Plan { stream, after: input.exclusive_start_tag_key, limit })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:ListTagsForStream")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<ListTagsForStreamOutput, ApiError> {
        let stream = plan.stream.find(cx).await?;
        let start = plan.after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut tags = stream.tags.range((start, Bound::Unbounded));
        let page = tags.by_ref().take(plan.limit).map(tag).collect();
        Ok(ListTagsForStreamOutput { tags: Some(page), has_more_tags: Some(tags.next().is_some()) })
    }
}

/// A tag as answers show it.
pub(super) fn tag((key, value): (&String, &String)) -> Tag {
    Tag { key: Some(key.clone()), value: Some(value.clone()) }
}
