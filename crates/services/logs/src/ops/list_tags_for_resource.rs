//! ListTagsForResource: the tags of a group.

use crate::ops::constraints;
use crate::service::{CloudWatchLogs, name_of, region};
use model::ApiError;
use model::logs::{ListTagsForResource, ListTagsForResourceInput, ListTagsForResourceOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for ListTagsForResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTagsForResourceInput> = Validation::Own;
    type Plan = ListTagsForResourceInput;

    fn check(input: ListTagsForResourceInput) -> Result<ListTagsForResourceInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a ListTagsForResourceInput) -> Access<'a> {
        _ = cx;
        Need::new("logs:ListTagsForResource", input.resource_arn.clone().unwrap_or_default()).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: ListTagsForResourceInput,
    ) -> Result<ListTagsForResourceOutput, ApiError> {
        let name = name_of(input.resource_arn.as_deref().unwrap_or_default());
        let group = cx.service.logs.group(&region(cx.caller), name).await?;
        Ok(ListTagsForResourceOutput { tags: Some(group.tags) })
    }
}
