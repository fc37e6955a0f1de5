//! PutCompositeAlarm: makes an alarm of other alarms, or changes it; its state stays.
//!
//! Order of refusals: the model's constraints, all together; the rule; then how many alarms there are.

use super::put_metric_alarm::put;
use crate::alarms::{Actions, Alarm, CompositeRule, Rule, State, rule};
use crate::errors;
use crate::service::CloudWatch;
use crate::tags;
use model::ApiError;
use model::cloudwatch::{PutCompositeAlarm, PutCompositeAlarmInput, PutCompositeAlarmOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatch> for PutCompositeAlarm {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutCompositeAlarmInput> = Validation::MODEL;
    type Plan = Alarm;

    fn check(input: PutCompositeAlarmInput) -> Result<Alarm, ApiError> {
        let text = input.alarm_rule.unwrap_or_default();
        if rule::parse(&text).is_none() {
            return Err(errors::invalid_rule(&text));
        }
        if input.action_configuration.is_some() {
            return Err(errors::not_supported("ActionConfiguration"));
        }
        let rule = CompositeRule {
            text,
            suppressor: input.actions_suppressor,
            suppressor_wait: input.actions_suppressor_wait_period,
            suppressor_extension: input.actions_suppressor_extension_period,
        };
        Ok(Alarm {
            name: input.alarm_name.unwrap_or_default(),
            description: input.alarm_description,
            rule: Rule::Composite(rule),
            actions: Actions {
                are_enabled: input.actions_enabled.unwrap_or(true),
                ok: input.ok_actions.unwrap_or_default(),
                alarm: input.alarm_actions.unwrap_or_default(),
                insufficient_data: input.insufficient_data_actions.unwrap_or_default(),
            },
            state: State::initial(0),
            configured_micros: 0,
            tags: tags::read(input.tags.unwrap_or_default())?,
        })
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, alarm: &'a Alarm) -> Access<'a> {
        Need::new("cloudwatch:PutCompositeAlarm", alarm.arn(cx.service.owner(cx)))
            .tagged(Tags::set(alarm.tags.clone()))
            .into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, alarm: Alarm) -> Result<PutCompositeAlarmOutput, ApiError> {
        put(cx, alarm).await?;
        Ok(PutCompositeAlarmOutput {})
    }
}
