//! CreateLogGroup.

use crate::errors;
use crate::group::Group;
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{CreateLogGroup, CreateLogGroupInput, CreateLogGroupOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for CreateLogGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateLogGroupInput> = Validation::Own;
    type Plan = CreateLogGroupInput;

    fn check(input: CreateLogGroupInput) -> Result<CreateLogGroupInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a CreateLogGroupInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:CreateLogGroup", region(cx.caller).group_arn(name))
            .tagged(Tags::set(input.tags.clone().unwrap_or_default()))
            .into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: CreateLogGroupInput,
    ) -> Result<CreateLogGroupOutput, ApiError> {
        let logs = &cx.service.logs;
        let name = input.log_group_name.as_deref().unwrap_or_default();
        let tags = input.tags.unwrap_or_default();
        let new = Group { tags, class: input.log_group_class, ..logs.new_group() };
        match logs.make_group(&region(cx.caller), name, new).await? {
            (_, true) => Ok(CreateLogGroupOutput {}),
            (_, false) => Err(errors::group_exists()),
        }
    }
}
