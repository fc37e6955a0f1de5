//! UntagResource: tags of a group, removed where they are there.

use crate::group::Group;
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, name_of, region};
use model::ApiError;
use model::logs::{UntagResource, UntagResourceInput, UntagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for UntagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagResourceInput> = Validation::Own;
    type Plan = UntagResourceInput;

    fn check(input: UntagResourceInput) -> Result<UntagResourceInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a UntagResourceInput) -> Access<'a> {
        _ = cx;
        Need::new("logs:UntagResource", input.resource_arn.clone().unwrap_or_default())
            .tagged(Tags::removed(input.tag_keys.iter().flatten().cloned()))
            .into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: UntagResourceInput,
    ) -> Result<UntagResourceOutput, ApiError> {
        let removed = input.tag_keys.clone().unwrap_or_default();
        let name = name_of(input.resource_arn.as_deref().unwrap_or_default());
        let remove = |group: &mut Group| {
            group.tags.retain(|key, _| !removed.contains(key));
            Ok(())
        };
        cx.service.logs.change_group(&region(cx.caller), name, remove).await?;
        Ok(UntagResourceOutput {})
    }
}
