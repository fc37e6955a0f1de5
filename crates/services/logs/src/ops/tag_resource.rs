//! TagResource: tags of a group, added to those it has.

use crate::errors;
use crate::group::Group;
use crate::ops::{TAGS_MAX, constraints};
use crate::service::{CloudWatchLogs, name_of, region};
use model::ApiError;
use model::logs::{TagResource, TagResourceInput, TagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for TagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagResourceInput> = Validation::Own;
    type Plan = TagResourceInput;

    fn check(input: TagResourceInput) -> Result<TagResourceInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a TagResourceInput) -> Access<'a> {
        _ = cx;
        Need::new("logs:TagResource", input.resource_arn.clone().unwrap_or_default())
            .tagged(Tags::set(input.tags.clone().unwrap_or_default()))
            .into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: TagResourceInput,
    ) -> Result<TagResourceOutput, ApiError> {
        let added = input.tags.clone().unwrap_or_default();
        let name = name_of(input.resource_arn.as_deref().unwrap_or_default());
        let add = |group: &mut Group| {
            group.tags.extend(added.clone());
            if group.tags.len() > TAGS_MAX { Err(errors::too_many_tags()) } else { Ok(()) }
        };
        cx.service.logs.change_group(&region(cx.caller), name, add).await?;
        Ok(TagResourceOutput {})
    }
}
