//! UntagLogGroup: tags of a group, removed where they are there.

use crate::group::Group;
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{UntagLogGroup, UntagLogGroupInput, UntagLogGroupOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for UntagLogGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagLogGroupInput> = Validation::Own;
    type Plan = UntagLogGroupInput;

    fn check(input: UntagLogGroupInput) -> Result<UntagLogGroupInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a UntagLogGroupInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:UntagLogGroup", region(cx.caller).group_arn(name))
            .tagged(Tags::removed(input.tags.iter().flatten().cloned()))
            .into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: UntagLogGroupInput,
    ) -> Result<UntagLogGroupOutput, ApiError> {
        let removed = input.tags.clone().unwrap_or_default();
        let name = input.log_group_name.as_deref().unwrap_or_default();
        let remove = |group: &mut Group| {
            group.tags.retain(|key, _| !removed.contains(key));
            Ok(())
        };
        cx.service.logs.change_group(&region(cx.caller), name, remove).await?;
        Ok(UntagLogGroupOutput {})
    }
}
