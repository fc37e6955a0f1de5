//! TagLogGroup: tags of a group, added to those it has.

use crate::errors;
use crate::group::Group;
use crate::ops::{TAGS_MAX, constraints};
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{TagLogGroup, TagLogGroupInput, TagLogGroupOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for TagLogGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagLogGroupInput> = Validation::Own;
    type Plan = TagLogGroupInput;

    fn check(input: TagLogGroupInput) -> Result<TagLogGroupInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a TagLogGroupInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:TagLogGroup", region(cx.caller).group_arn(name))
            .tagged(Tags::set(input.tags.clone().unwrap_or_default()))
            .into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: TagLogGroupInput,
    ) -> Result<TagLogGroupOutput, ApiError> {
        let added = input.tags.clone().unwrap_or_default();
        let name = input.log_group_name.as_deref().unwrap_or_default();
        let add = |group: &mut Group| {
            group.tags.extend(added.clone());
            if group.tags.len() > TAGS_MAX { Err(errors::too_many_tags()) } else { Ok(()) }
        };
        cx.service.logs.change_group(&region(cx.caller), name, add).await?;
        Ok(TagLogGroupOutput {})
    }
}
