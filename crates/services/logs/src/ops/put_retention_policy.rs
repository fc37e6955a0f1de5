//! PutRetentionPolicy: after how many days the events of a group go.

use crate::errors;
use crate::group::Group;
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{PutRetentionPolicy, PutRetentionPolicyInput, PutRetentionPolicyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const DAYS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

impl Operation<CloudWatchLogs> for PutRetentionPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutRetentionPolicyInput> = Validation::Own;
    type Plan = PutRetentionPolicyInput;

    fn check(input: PutRetentionPolicyInput) -> Result<PutRetentionPolicyInput, ApiError> {
        constraints(&input)?;
        if !DAYS.contains(&input.retention_in_days.unwrap_or_default()) {
            return Err(errors::invalid_retention());
        }
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a PutRetentionPolicyInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:PutRetentionPolicy", region(cx.caller).group_arn(name)).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: PutRetentionPolicyInput,
    ) -> Result<PutRetentionPolicyOutput, ApiError> {
        let days = input.retention_in_days.unwrap_or_default() as u64;
        let name = input.log_group_name.as_deref().unwrap_or_default();
        let (logs, region) = (&cx.service.logs, region(cx.caller));
        let set = |group: &mut Group| {
            group.retention_days = Some(days);
            Ok(())
        };
        logs.change_group(&region, name, set).await?;
        Ok(PutRetentionPolicyOutput {})
    }
}
