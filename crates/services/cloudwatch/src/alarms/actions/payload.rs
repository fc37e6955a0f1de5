//! What is told: the event of a function, and the message that topics and servers get.

use crate::alarms::alarm::{Alarm, MetricRule, Rule, State, Watched};
use crate::alarms::reason::long_time;
use crate::metrics::Owner;
use crate::queries::Stat;
use serde_json::{Map, Value, json};

/// The event that a function is invoked with.
pub(super) fn event(owner: Owner<'_>, alarm: &Alarm, before: &State) -> String {
    let mut configuration = Map::new();
    if let Some(description) = &alarm.description {
        configuration.insert("description".to_owned(), description.as_str().into());
    }
    match &alarm.rule {
        Rule::Metric(rule) => _ = configuration.insert("metrics".to_owned(), metrics(rule)),
        Rule::Composite(rule) => _ = configuration.insert("alarmRule".to_owned(), rule.text.as_str().into()),
    }
    json!({
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn(owner),
        "accountId": owner.account,
        "time": long_time(alarm.state.updated_micros / 1_000_000),
        "region": owner.region,
        "alarmData": {
            "alarmName": alarm.name,
            "state": state(&alarm.state),
            "previousState": state(before),
            "configuration": configuration,
        },
    })
    .to_string()
}

fn state(state: &State) -> Value {
    let mut shown = json!({
        "value": state.value.name(),
        "reason": state.reason,
        "timestamp": long_time(state.updated_micros / 1_000_000),
    });
    if let Some(data) = &state.reason_data {
        shown["reasonData"] = data.as_str().into();
    }
    shown
}

fn metrics(rule: &MetricRule) -> Value {
    let metric = |id: &str, stat: &Stat, is_returned: bool| {
        let dimensions: Map<String, Value> = stat
            .series
            .dimensions
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        json!({
            "id": id,
            "metricStat": {
                "metric": {"namespace": stat.series.namespace, "name": stat.series.name, "dimensions": dimensions},
                "period": stat.period,
                "stat": stat.statistic,
            },
            "returnData": is_returned,
        })
    };
    match &rule.watched {
        Watched::Metric(stat) => json!([metric("m1", stat, true)]),
        Watched::Queries(queries) => {
            let shown = queries.iter().map(|query| match &query.source {
                crate::queries::Source::Metric(stat) => metric(&query.id, stat, query.is_returned),
                crate::queries::Source::Expression { text, .. } => {
                    json!({"id": query.id, "expression": text, "returnData": query.is_returned})
                }
            });
            shown.collect()
        }
    }
}

/// The message that a topic would get.
pub(super) fn notification(owner: Owner<'_>, alarm: &Alarm, before: &State) -> String {
    let mut message = json!({
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": owner.account,
        "AlarmConfigurationUpdatedTimestamp": long_time(alarm.configured_micros / 1_000_000),
        "NewStateValue": alarm.state.value.name(),
        "NewStateReason": alarm.state.reason,
        "StateChangeTime": long_time(alarm.state.updated_micros / 1_000_000),
        "Region": owner.region,
        "AlarmArn": alarm.arn(owner),
        "OldStateValue": before.value.name(),
        "OKActions": alarm.actions.ok,
        "AlarmActions": alarm.actions.alarm,
        "InsufficientDataActions": alarm.actions.insufficient_data,
    });
    match &alarm.rule {
        Rule::Metric(rule) => message["Trigger"] = trigger(rule),
        Rule::Composite(rule) => message["AlarmRule"] = rule.text.as_str().into(),
    }
    message.to_string()
}

fn trigger(rule: &MetricRule) -> Value {
    let mut trigger = json!({
        "EvaluationPeriods": rule.evaluation_periods,
        "ComparisonOperator": rule.comparison.name(),
        "Threshold": rule.threshold,
        "TreatMissingData": rule.treat_missing.map_or("", |missing| missing.name()),
        "EvaluateLowSampleCountPercentile": rule.low_sample_count.as_deref().unwrap_or_default(),
    });
    match &rule.watched {
        Watched::Queries(_) => trigger["Metrics"] = metrics(rule),
        Watched::Metric(stat) => {
            let dimensions = stat.series.dimensions.iter();
            let dimensions: Vec<_> =
                dimensions.map(|(name, value)| json!({"value": value, "name": name})).collect();
            trigger["MetricName"] = stat.series.name.as_str().into();
            trigger["Namespace"] = stat.series.namespace.as_str().into();
            trigger["StatisticType"] = "Statistic".into();
            trigger["Statistic"] = stat.statistic.to_uppercase().into();
            trigger["Unit"] = stat.unit.clone().into();
            trigger["Dimensions"] = dimensions.into();
            trigger["Period"] = stat.period.into();
        }
    }
    trigger
}
