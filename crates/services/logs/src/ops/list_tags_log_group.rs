//! ListTagsLogGroup: the tags of a group.

use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{ListTagsLogGroup, ListTagsLogGroupInput, ListTagsLogGroupOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for ListTagsLogGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTagsLogGroupInput> = Validation::Own;
    type Plan = ListTagsLogGroupInput;

    fn check(input: ListTagsLogGroupInput) -> Result<ListTagsLogGroupInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a ListTagsLogGroupInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:ListTagsLogGroup", region(cx.caller).group_arn(name)).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: ListTagsLogGroupInput,
    ) -> Result<ListTagsLogGroupOutput, ApiError> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        let group = cx.service.logs.group(&region(cx.caller), name).await?;
        Ok(ListTagsLogGroupOutput { tags: Some(group.tags) })
    }
}
