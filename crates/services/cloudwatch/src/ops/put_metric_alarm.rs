//! PutMetricAlarm: makes an alarm of a metric or an expression, or changes it; its state stays.
//!
//! Order of refusals: the model's constraints, all together; options that are not there; what is watched; the period
//! and how many of them; the comparison and its threshold; then how many alarms there are.

mod watched;

use crate::alarms::{
    ALARMS_MAX, Actions, Alarm, Changed, Comparison, Item, MetricRule, Missing, Rule, State,
};
use crate::errors;
use crate::metrics::Owner;
use crate::service::CloudWatch;
use crate::tags;
use model::ApiError;
use model::cloudwatch::{PutMetricAlarm, PutMetricAlarmInput, PutMetricAlarmOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const DAY_SECONDS: u64 = 86_400;
const HOUR_SECONDS: u64 = 3_600;

impl Operation<CloudWatch> for PutMetricAlarm {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutMetricAlarmInput> = Validation::MODEL;
    type Plan = Alarm;

    fn check(input: PutMetricAlarmInput) -> Result<Alarm, ApiError> {
        not_supported(&input)?;
        let tags = tags::read(input.tags.clone().unwrap_or_default())?;
        let watched = watched::read(&input)?;
        let evaluation_periods =
            input.evaluation_periods.ok_or_else(|| errors::missing("EvaluationPeriods"))?;
        let seconds = watched::period(&watched);
        let evaluation_periods = u32::try_from(evaluation_periods).unwrap_or(u32::MAX);
        let longest = if seconds >= HOUR_SECONDS { 7 * DAY_SECONDS } else { DAY_SECONDS };
        if seconds.saturating_mul(u64::from(evaluation_periods)) > longest {
            return Err(errors::too_long_a_time(longest));
        }
        let datapoints_to_alarm =
            input.datapoints_to_alarm.map(|points| u32::try_from(points).unwrap_or(u32::MAX));
        if datapoints_to_alarm.is_some_and(|points| points > evaluation_periods) {
            return Err(errors::more_datapoints_than_periods());
        }
        let comparison = input.comparison_operator.as_deref().unwrap_or_default();
        let rule = MetricRule {
            watched,
            evaluation_periods,
            datapoints_to_alarm,
            threshold: input
                .threshold
                .filter(|threshold| threshold.is_finite())
                .ok_or_else(|| errors::missing("Threshold"))?,
            comparison: Comparison::named(comparison).ok_or_else(|| errors::no_bands(comparison))?,
            treat_missing: treat_missing(input.treat_missing_data.as_deref())?,
            low_sample_count: low_sample_count(input.evaluate_low_sample_count_percentile)?,
        };
        Ok(Alarm {
            name: input.alarm_name.unwrap_or_default(),
            description: input.alarm_description,
            rule: Rule::Metric(rule),
            actions: Actions {
                are_enabled: input.actions_enabled.unwrap_or(true),
                ok: input.ok_actions.unwrap_or_default(),
                alarm: input.alarm_actions.unwrap_or_default(),
                insufficient_data: input.insufficient_data_actions.unwrap_or_default(),
            },
            state: State::initial(0),
            configured_micros: 0,
            tags,
        })
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, alarm: &'a Alarm) -> Access<'a> {
        Need::new("cloudwatch:PutMetricAlarm", alarm.arn(cx.service.owner(cx)))
            .tagged(Tags::set(alarm.tags.clone()))
            .into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, alarm: Alarm) -> Result<PutMetricAlarmOutput, ApiError> {
        put(cx, alarm).await?;
        Ok(PutMetricAlarmOutput {})
    }
}

/// Makes or changes an alarm. What is there keeps its state and its tags.
pub(super) async fn put(cx: &Cx<'_, CloudWatch>, alarm: Alarm) -> Result<(), ApiError> {
    let owner = Owner { account: &cx.caller.account, region: &cx.caller.region };
    let alarms = &cx.service.alarms;
    let now = cx.now_micros;
    if alarms.get(owner, &alarm.name).await.map_err(errors::record)?.is_some() {
        let change = |current: Option<Alarm>| match current {
            Some(current) => Ok((configured(&alarm, Some(current), now), ())),
            None => Err(IsGone),
        };
        let changed = alarms.change(owner, &alarm.name, now, change).await.map_err(errors::record)?;
        if changed.is_ok() {
            return Ok(());
        }
    }
    let make = |current: Option<Alarm>, count: usize| match current.is_none() && count >= ALARMS_MAX {
        true => Err(errors::too_many_alarms(ALARMS_MAX)),
        false => Ok((configured(&alarm, current, now), ())),
    };
    alarms.change_counted(owner, &alarm.name, now, make).await.map_err(errors::record)?
}

/// An alarm that was changed was deleted meanwhile, and is made anew.
struct IsGone;

fn configured(alarm: &Alarm, current: Option<Alarm>, now_micros: u64) -> Changed {
    let what = if current.is_some() { "updated" } else { "created" };
    let (state, tags) = match current {
        Some(current) => (current.state, current.tags),
        None => (State::initial(now_micros), alarm.tags.clone()),
    };
    let alarm = Alarm { state, tags, configured_micros: now_micros, ..alarm.clone() };
    let item = Item::configured(&alarm, what, now_micros);
    Changed { alarm: Some(alarm), item: Some(item) }
}

/// Members for kinds of alarms that are not built.
fn not_supported(input: &PutMetricAlarmInput) -> Result<(), ApiError> {
    for (is_given, member) in [
        (input.threshold_metric_id.is_some(), "ThresholdMetricId"),
        (input.evaluation_window.is_some(), "EvaluationWindow"),
        (input.warm_up_configuration.is_some(), "WarmUpConfiguration"),
        (input.evaluation_criteria.is_some(), "EvaluationCriteria"),
        (input.evaluation_interval.is_some(), "EvaluationInterval"),
        (input.action_configuration.is_some(), "ActionConfiguration"),
    ] {
        if is_given {
            return Err(errors::not_supported(member));
        }
    }
    Ok(())
}

fn treat_missing(given: Option<&str>) -> Result<Option<Missing>, ApiError> {
    let supported = "breaching, notBreaching, ignore and missing";
    let read = |given| {
        Missing::named(given).ok_or_else(|| errors::no_such_option(given, "TreatMissingData", supported))
    };
    given.map(read).transpose()
}

fn low_sample_count(given: Option<String>) -> Result<Option<String>, ApiError> {
    match given {
        Some(given) if !matches!(given.as_str(), "evaluate" | "ignore") => {
            Err(errors::no_such_option(&given, "EvaluateLowSampleCountPercentile", "evaluate and ignore"))
        }
        given => Ok(given),
    }
}
