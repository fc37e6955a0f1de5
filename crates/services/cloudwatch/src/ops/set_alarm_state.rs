//! SetAlarmState: makes an alarm enter a state until it is evaluated next, and tells whom it names.
//!
//! Order of refusals: the model's constraints, all together; the reason as JSON; then whether there is such an alarm.

use crate::alarms::{Alarm, Changed, Item, StateValue};
use crate::errors;
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{SetAlarmState, SetAlarmStateInput, SetAlarmStateOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// What is asked for.
pub struct Asked {
    name: String,
    state: StateValue,
    reason: String,
    reason_data: Option<String>,
}

impl Operation<CloudWatch> for SetAlarmState {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<SetAlarmStateInput> = Validation::MODEL;
    type Plan = Asked;

    fn check(input: SetAlarmStateInput) -> Result<Asked, ApiError> {
        let is_json = |data: &String| serde_json::from_str::<serde_json::Value>(data).is_ok();
        if input.state_reason_data.as_ref().is_some_and(|data| !is_json(data)) {
            return Err(errors::invalid_format());
        }
        let state = input.state_value.as_deref().and_then(StateValue::named);
        Ok(Asked {
            name: input.alarm_name.unwrap_or_default(),
            state: state.ok_or_else(|| errors::missing("StateValue"))?,
            reason: input.state_reason.unwrap_or_default(),
            reason_data: input.state_reason_data,
        })
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, asked: &'a Asked) -> Access<'a> {
        Need::new("cloudwatch:SetAlarmState", cx.service.alarm_arn(cx, &asked.name)).into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, asked: Asked) -> Result<SetAlarmStateOutput, ApiError> {
        let (owner, now) = (cx.service.owner(cx), cx.now_micros);
        let change = |current: Option<Alarm>| {
            let before: Alarm = current.ok_or_else(errors::no_alarm)?;
            let mut alarm = before.clone();
            alarm.state =
                before.state.then(asked.state, asked.reason.clone(), asked.reason_data.clone(), now);
            let has_changed = alarm.state.value != before.state.value;
            let item = has_changed.then(|| Item::changed(&alarm, &before.state, now));
            Ok::<_, ApiError>((Changed { alarm: Some(alarm.clone()), item }, (alarm, before.state)))
        };
        let changed =
            cx.service.alarms.change(owner, &asked.name, now, change).await.map_err(errors::record)?;
        let (alarm, before) = changed?;
        if alarm.state.value != before.value {
            _ = cx.service.teller.tell(&cx.service.alarms, owner, &alarm, &before, now);
        }
        Ok(SetAlarmStateOutput {})
    }
}
