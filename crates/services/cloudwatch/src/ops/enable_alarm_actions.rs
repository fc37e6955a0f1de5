//! EnableAlarmActions: lets alarms tell whom they name. Names that no alarm has are passed over.

use super::alarm_actions::set_enabled;
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{EnableAlarmActions, EnableAlarmActionsInput, EnableAlarmActionsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatch> for EnableAlarmActions {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<EnableAlarmActionsInput> = Validation::MODEL;
    type Plan = Vec<String>;

    fn check(input: EnableAlarmActionsInput) -> Result<Vec<String>, ApiError> {
        Ok(input.alarm_names.unwrap_or_default())
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, names: &'a Vec<String>) -> Access<'a> {
        let need = |name: &String| Need::new("cloudwatch:EnableAlarmActions", cx.service.alarm_arn(cx, name));
        names.iter().map(need).collect()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, names: Vec<String>) -> Result<EnableAlarmActionsOutput, ApiError> {
        set_enabled(cx, &names, true).await?;
        Ok(EnableAlarmActionsOutput {})
    }
}
