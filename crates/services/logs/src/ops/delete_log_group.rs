//! DeleteLogGroup: a group with its streams and events.

use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{DeleteLogGroup, DeleteLogGroupInput, DeleteLogGroupOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for DeleteLogGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteLogGroupInput> = Validation::Own;
    type Plan = DeleteLogGroupInput;

    fn check(input: DeleteLogGroupInput) -> Result<DeleteLogGroupInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a DeleteLogGroupInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:DeleteLogGroup", region(cx.caller).group_arn(name)).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: DeleteLogGroupInput,
    ) -> Result<DeleteLogGroupOutput, ApiError> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        cx.service.logs.delete_group(&region(cx.caller), name).await?;
        Ok(DeleteLogGroupOutput {})
    }
}
