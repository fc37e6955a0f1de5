//! DisableAlarmActions: lets alarms no longer tell whom they name. Names that no alarm has are passed over.

use super::alarm_actions::set_enabled;
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{DisableAlarmActions, DisableAlarmActionsInput, DisableAlarmActionsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatch> for DisableAlarmActions {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DisableAlarmActionsInput> = Validation::MODEL;
    type Plan = Vec<String>;

    fn check(input: DisableAlarmActionsInput) -> Result<Vec<String>, ApiError> {
        Ok(input.alarm_names.unwrap_or_default())
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, names: &'a Vec<String>) -> Access<'a> {
        let need =
            |name: &String| Need::new("cloudwatch:DisableAlarmActions", cx.service.alarm_arn(cx, name));
        names.iter().map(need).collect()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, names: Vec<String>) -> Result<DisableAlarmActionsOutput, ApiError> {
        set_enabled(cx, &names, false).await?;
        Ok(DisableAlarmActionsOutput {})
    }
}
