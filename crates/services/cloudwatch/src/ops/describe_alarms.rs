//! DescribeAlarms: alarms in the order of their names, 50 a page.
//!
//! Order of refusals: the model's constraints, all together; names together with a prefix; the token.

use crate::alarms::{ALARMS_MAX, Alarm, Rule, rule};
use crate::errors;
use crate::service::CloudWatch;
use crate::shown;
use crate::token;
use model::ApiError;
use model::cloudwatch::{DescribeAlarms, DescribeAlarmsInput, DescribeAlarmsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const ALARMS_A_PAGE: i64 = 50;

impl Operation<CloudWatch> for DescribeAlarms {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeAlarmsInput> = Validation::MODEL;
    type Plan = DescribeAlarmsInput;

    fn check(input: DescribeAlarmsInput) -> Result<DescribeAlarmsInput, ApiError> {
        if input.alarm_names.is_some() && input.alarm_name_prefix.is_some() {
            return Err(errors::mutually_exclusive("AlarmNames", "AlarmNamePrefix"));
        }
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, _: &'a DescribeAlarmsInput) -> Access<'a> {
        Need::new("cloudwatch:DescribeAlarms", "*").into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatch>,
        input: DescribeAlarmsInput,
    ) -> Result<DescribeAlarmsOutput, ApiError> {
        let after = input.next_token.as_deref().map(token::text).transpose()?;
        let owner = cx.service.owner(cx);
        let all =
            cx.service.alarms.list(owner, after.as_deref(), ALARMS_MAX).await.map_err(errors::record)?;
        let family = family(cx, &input).await?;
        let is_of_family = |alarm: &Alarm| family.as_ref().is_none_or(|names| names.contains(&alarm.name));
        let mut found: Vec<Alarm> =
            all.into_iter().filter(|alarm| takes(&input, alarm) && is_of_family(alarm)).collect();
        let size = input.max_records.unwrap_or(ALARMS_A_PAGE) as usize;
        let has_more = found.len() > size;
        found.truncate(size);
        let last = found.last().filter(|_| has_more).map(|alarm| token::of_text(&alarm.name));
        Ok(DescribeAlarmsOutput {
            metric_alarms: Some(found.iter().filter_map(|alarm| shown::metric_alarm(owner, alarm)).collect()),
            composite_alarms: Some(
                found.iter().filter_map(|alarm| shown::composite_alarm(owner, alarm)).collect(),
            ),
            log_alarms: None,
            next_token: last,
        })
    }
}

/// Without types, metric alarms are listed, and composite ones that are named.
fn takes(input: &DescribeAlarmsInput, alarm: &Alarm) -> bool {
    let is_named = input.alarm_names.as_ref().is_none_or(|names| names.contains(&alarm.name));
    let has_prefix =
        input.alarm_name_prefix.as_ref().is_none_or(|prefix| alarm.name.starts_with(prefix.as_str()));
    let is_of_type = match &input.alarm_types {
        Some(types) => types.iter().any(|kind| kind == alarm.kind()),
        None => matches!(alarm.rule, Rule::Metric(_)) || input.alarm_names.is_some() || is_of_a_family(input),
    };
    let is_in_state = input.state_value.as_ref().is_none_or(|state| state == alarm.state.value.name());
    let tells = |prefix: &String| {
        let actions = [&alarm.actions.ok, &alarm.actions.alarm, &alarm.actions.insufficient_data];
        actions.into_iter().flatten().any(|action| action.starts_with(prefix.as_str()))
    };
    is_named && has_prefix && is_of_type && is_in_state && input.action_prefix.as_ref().is_none_or(tells)
}

fn is_of_a_family(input: &DescribeAlarmsInput) -> bool {
    input.children_of_alarm_name.is_some() || input.parents_of_alarm_name.is_some()
}

/// The names of the children or parents that are asked for.
async fn family(
    cx: &Cx<'_, CloudWatch>,
    input: &DescribeAlarmsInput,
) -> Result<Option<Vec<String>>, ApiError> {
    let (alarms, owner) = (&cx.service.alarms, cx.service.owner(cx));
    if let Some(parent) = &input.children_of_alarm_name {
        let parent = alarms.get(owner, parent).await.map_err(errors::record)?;
        return Ok(Some(parent.as_ref().map(children).unwrap_or_default()));
    }
    let Some(child) = &input.parents_of_alarm_name else { return Ok(None) };
    let all = alarms.list(owner, None, ALARMS_MAX).await.map_err(errors::record)?;
    let parents = all.into_iter().filter(|alarm| children(alarm).contains(child));
    Ok(Some(parents.map(|alarm| alarm.name).collect()))
}

fn children(alarm: &Alarm) -> Vec<String> {
    let Rule::Composite(composite) = &alarm.rule else { return Vec::new() };
    let parsed = rule::parse(&composite.text);
    parsed.iter().flat_map(rule::Expression::children).map(str::to_owned).collect()
}
