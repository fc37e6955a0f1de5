//! DeleteRetentionPolicy: the events of a group stay.

use crate::group::Group;
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{DeleteRetentionPolicy, DeleteRetentionPolicyInput, DeleteRetentionPolicyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for DeleteRetentionPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteRetentionPolicyInput> = Validation::Own;
    type Plan = DeleteRetentionPolicyInput;

    fn check(input: DeleteRetentionPolicyInput) -> Result<DeleteRetentionPolicyInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a DeleteRetentionPolicyInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:DeleteRetentionPolicy", region(cx.caller).group_arn(name)).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: DeleteRetentionPolicyInput,
    ) -> Result<DeleteRetentionPolicyOutput, ApiError> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        let clear = |group: &mut Group| {
            group.retention_days = None;
            Ok(())
        };
        cx.service.logs.change_group(&region(cx.caller), name, clear).await?;
        Ok(DeleteRetentionPolicyOutput {})
    }
}
