//! What is told: the event of a function, and the message that topics and servers get.

use super::region::spoken;
use crate::alarms::alarm::{Alarm, CompositeRule, MetricRule, Rule, State, Watched};
use crate::alarms::reason::time_of;
use crate::metrics::Owner;
use crate::queries::{Source, Stat};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The event that a function is invoked with.
pub(super) fn event(owner: Owner<'_>, alarm: &Alarm, before: &State) -> String {
    let mut configuration = Map::new();
    if let Some(description) = &alarm.description {
        configuration.insert("description".to_owned(), description.as_str().into());
    }
    match &alarm.rule {
        Rule::Metric(rule) => {
            let id = id(&alarm.arn(owner));
            configuration.insert("metrics".to_owned(), metrics(rule, &id));
        }
        Rule::Composite(rule) => configuration.extend(composite(rule)),
    }
    json!({
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn(owner),
        "accountId": owner.account,
        "time": time_of(alarm.state.updated_micros),
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
        "timestamp": time_of(state.updated_micros),
    });
    if let Some(data) = &state.reason_data {
        shown["reasonData"] = data.as_str().into();
    }
    shown
}

fn composite(rule: &CompositeRule) -> Map<String, Value> {
    let members = [
        ("alarmRule", Some(rule.text.as_str().into())),
        ("actionsSuppressor", rule.suppressor.as_deref().map(Value::from)),
        ("actionsSuppressorWaitPeriod", rule.suppressor_wait.map(Value::from)),
        ("actionsSuppressorExtensionPeriod", rule.suppressor_extension.map(Value::from)),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// What an alarm's only metric is called: an id in the form of a UUID, always the same for one alarm.
fn id(arn: &str) -> String {
    let digest = Sha256::digest(arn);
    let hex = stdx::hex::encode(&digest[..16]);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn metrics(rule: &MetricRule, own_id: &str) -> Value {
    let metric = |id: &str, stat: &Stat, is_returned: bool| {
        let dimensions: Map<String, Value> = stat
            .series
            .dimensions
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        let mut metric_stat = json!({
            "metric": {"namespace": stat.series.namespace, "name": stat.series.name, "dimensions": dimensions},
            "period": stat.period,
            "stat": stat.statistic,
        });
        if let Some(unit) = &stat.unit {
            metric_stat["unit"] = unit.as_str().into();
        }
        json!({"id": id, "metricStat": metric_stat, "returnData": is_returned})
    };
    match &rule.watched {
        Watched::Metric(stat) => json!([metric(own_id, stat, true)]),
        Watched::Queries(queries) => {
            let shown = queries.iter().map(|query| match &query.source {
                Source::Metric(stat) => metric(&query.id, stat, query.is_returned),
                Source::Expression { text, .. } => {
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
        "AlarmConfigurationUpdatedTimestamp": time_of(alarm.configured_micros),
        "NewStateValue": alarm.state.value.name(),
        "NewStateReason": alarm.state.reason,
        "StateChangeTime": time_of(alarm.state.updated_micros),
        "Region": spoken(owner.region),
        "AlarmArn": alarm.arn(owner),
        "OldStateValue": before.value.name(),
        "OKActions": alarm.actions.ok,
        "AlarmActions": alarm.actions.alarm,
        "InsufficientDataActions": alarm.actions.insufficient_data,
    });
    match &alarm.rule {
        Rule::Metric(rule) => message["Trigger"] = trigger(rule, &id(&alarm.arn(owner))),
        Rule::Composite(rule) => message["AlarmRule"] = rule.text.as_str().into(),
    }
    message.to_string()
}

fn trigger(rule: &MetricRule, own_id: &str) -> Value {
    let mut trigger = json!({
        "EvaluationPeriods": rule.evaluation_periods,
        "ComparisonOperator": rule.comparison.name(),
        "Threshold": rule.threshold,
        "TreatMissingData": rule.treat_missing.map_or("", |missing| missing.name()),
        "EvaluateLowSampleCountPercentile": rule.low_sample_count.as_deref().unwrap_or_default(),
    });
    match &rule.watched {
        Watched::Queries(_) => trigger["Metrics"] = metrics(rule, own_id),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarms::alarm::{Actions, Comparison, StateValue};
    use crate::metrics::Series;

    const AT: u64 = 1_691_152_575_490_000;

    fn alarm(rule: Rule) -> Alarm {
        let state = State::initial(AT).then(StateValue::Alarm, "test".to_owned(), None, AT);
        let (name, description) = ("high".to_owned(), Some("of a test".to_owned()));
        let (actions, tags) = (Actions::default(), Default::default());
        Alarm { name, description, rule, actions, state, configured_micros: AT, tags }
    }

    #[test]
    fn a_function_is_told_what_the_alarm_watches_and_how_its_state_changed() {
        let dimensions = [("InstanceId".to_owned(), "i-1".to_owned())];
        let stat = Stat {
            series: Series::new("AWS/Logs", "CallCount", dimensions),
            statistic: "Average".to_owned(),
            period: 60,
            unit: Some("Percent".to_owned()),
        };
        let alarm = alarm(Rule::Metric(MetricRule {
            watched: Watched::Metric(stat),
            evaluation_periods: 1,
            datapoints_to_alarm: None,
            threshold: 5.0,
            comparison: Comparison::GreaterThan,
            treat_missing: None,
            low_sample_count: None,
        }));
        let owner = Owner { account: "444455556666", region: "us-east-1" };
        let event: Value = serde_json::from_str(&event(owner, &alarm, &State::initial(AT))).unwrap();
        let time = "2023-08-04T12:36:15.490+0000";
        let metric =
            json!({"namespace": "AWS/Logs", "name": "CallCount", "dimensions": {"InstanceId": "i-1"}});
        let id = event["alarmData"]["configuration"]["metrics"][0]["id"].clone();
        assert_eq!(id.as_str().map(|id| id.split('-').map(str::len).collect()), Some(vec![8, 4, 4, 4, 12]));
        let expected = json!({
            "source": "aws.cloudwatch",
            "alarmArn": "arn:aws:cloudwatch:us-east-1:444455556666:alarm:high",
            "accountId": "444455556666",
            "time": time,
            "region": "us-east-1",
            "alarmData": {
                "alarmName": "high",
                "state": {"value": "ALARM", "reason": "test", "timestamp": time},
                "previousState": {
                    "value": "INSUFFICIENT_DATA", "reason": "Unchecked: Initial alarm creation", "timestamp": time,
                },
                "configuration": {
                    "description": "of a test",
                    "metrics": [{
                        "id": id,
                        "metricStat": {"metric": metric, "period": 60, "stat": "Average", "unit": "Percent"},
                        "returnData": true,
                    }],
                },
            },
        });
        assert_eq!(event, expected);
    }

    #[test]
    fn a_composite_alarm_is_told_with_its_rule_and_suppressor() {
        let rule = CompositeRule {
            text: "ALARM(a)".to_owned(),
            suppressor: Some("b".to_owned()),
            suppressor_wait: Some(60),
            suppressor_extension: None,
        };
        let shown = composite(&rule);
        let expected =
            json!({"alarmRule": "ALARM(a)", "actionsSuppressor": "b", "actionsSuppressorWaitPeriod": 60});
        assert_eq!(Value::Object(shown), expected);
    }
}
