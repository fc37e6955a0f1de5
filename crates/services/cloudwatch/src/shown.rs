//! Alarms as answers show them.

use crate::alarms::{Alarm, CompositeRule, MetricRule, Rule, Watched};
use crate::metrics::{Owner, Series};
use crate::queries::{Query, Source, Stat};
use crate::statistic::Statistic;
use model::cloudwatch::{CompositeAlarm, Dimension, Metric, MetricAlarm, MetricDataQuery, MetricStat};

/// Seconds with milliseconds.
pub(crate) fn seconds(micros: u64) -> Option<f64> {
    Some((micros / 1_000) as f64 / 1_000.0)
}

/// A series as an answer shows it.
pub(crate) fn metric(series: &Series) -> Metric {
    Metric {
        namespace: Some(series.namespace.clone()),
        metric_name: Some(series.name.clone()),
        dimensions: Some(dimensions(series)),
    }
}

fn dimensions(series: &Series) -> Vec<Dimension> {
    let pairs = series.dimensions.iter();
    pairs.map(|(name, value)| Dimension { name: Some(name.clone()), value: Some(value.clone()) }).collect()
}

/// An alarm of a metric; `None` for another.
pub(crate) fn metric_alarm(owner: Owner<'_>, alarm: &Alarm) -> Option<MetricAlarm> {
    let Rule::Metric(rule) = &alarm.rule else { return None };
    let base = MetricAlarm {
        alarm_name: Some(alarm.name.clone()),
        alarm_arn: Some(alarm.arn(owner)),
        alarm_description: alarm.description.clone(),
        alarm_configuration_updated_timestamp: seconds(alarm.configured_micros),
        actions_enabled: Some(alarm.actions.are_enabled),
        ok_actions: Some(alarm.actions.ok.clone()),
        alarm_actions: Some(alarm.actions.alarm.clone()),
        insufficient_data_actions: Some(alarm.actions.insufficient_data.clone()),
        state_value: Some(alarm.state.value.name().to_owned()),
        state_reason: Some(alarm.state.reason.clone()),
        state_reason_data: alarm.state.reason_data.clone(),
        state_updated_timestamp: seconds(alarm.state.updated_micros),
        state_transitioned_timestamp: seconds(alarm.state.transitioned_micros),
        ..MetricAlarm::default()
    };
    Some(with_rule(base, rule))
}

fn with_rule(alarm: MetricAlarm, rule: &MetricRule) -> MetricAlarm {
    let alarm = MetricAlarm {
        evaluation_periods: Some(i64::from(rule.evaluation_periods)),
        datapoints_to_alarm: rule.datapoints_to_alarm.map(i64::from),
        threshold: Some(rule.threshold),
        comparison_operator: Some(rule.comparison.name().to_owned()),
        treat_missing_data: rule.treat_missing.map(|missing| missing.name().to_owned()),
        evaluate_low_sample_count_percentile: rule.low_sample_count.clone(),
        ..alarm
    };
    match &rule.watched {
        Watched::Queries(queries) => {
            MetricAlarm { metrics: Some(queries.iter().map(query).collect()), ..alarm }
        }
        Watched::Metric(stat) => {
            let is_simple = Statistic::simple(&stat.statistic).is_some();
            let name = Some(stat.statistic.clone());
            let (statistic, extended_statistic) = if is_simple { (name, None) } else { (None, name) };
            MetricAlarm {
                metric_name: Some(stat.series.name.clone()),
                namespace: Some(stat.series.namespace.clone()),
                statistic,
                extended_statistic,
                dimensions: Some(dimensions(&stat.series)),
                period: Some(stat.period as i64),
                unit: stat.unit.clone(),
                ..alarm
            }
        }
    }
}

fn query(query: &Query) -> MetricDataQuery {
    let base = MetricDataQuery {
        id: Some(query.id.clone()),
        label: query.label.clone(),
        return_data: Some(query.is_returned),
        ..MetricDataQuery::default()
    };
    match &query.source {
        Source::Expression { text, period } => MetricDataQuery {
            expression: Some(text.clone()),
            period: period.map(|period| period as i64),
            ..base
        },
        Source::Metric(Stat { series, statistic, period, unit }) => {
            let stat = MetricStat {
                metric: Some(metric(series)),
                period: Some(*period as i64),
                stat: Some(statistic.clone()),
                unit: unit.clone(),
            };
            MetricDataQuery { metric_stat: Some(stat), ..base }
        }
    }
}

/// An alarm of other alarms; `None` for another.
pub(crate) fn composite_alarm(owner: Owner<'_>, alarm: &Alarm) -> Option<CompositeAlarm> {
    let Rule::Composite(CompositeRule { text, suppressor, suppressor_wait, suppressor_extension }) =
        &alarm.rule
    else {
        return None;
    };
    Some(CompositeAlarm {
        alarm_name: Some(alarm.name.clone()),
        alarm_arn: Some(alarm.arn(owner)),
        alarm_description: alarm.description.clone(),
        alarm_rule: Some(text.clone()),
        alarm_configuration_updated_timestamp: seconds(alarm.configured_micros),
        actions_enabled: Some(alarm.actions.are_enabled),
        ok_actions: Some(alarm.actions.ok.clone()),
        alarm_actions: Some(alarm.actions.alarm.clone()),
        insufficient_data_actions: Some(alarm.actions.insufficient_data.clone()),
        state_value: Some(alarm.state.value.name().to_owned()),
        state_reason: Some(alarm.state.reason.clone()),
        state_reason_data: alarm.state.reason_data.clone(),
        state_updated_timestamp: seconds(alarm.state.updated_micros),
        state_transitioned_timestamp: seconds(alarm.state.transitioned_micros),
        actions_suppressor: suppressor.clone(),
        actions_suppressor_wait_period: *suppressor_wait,
        actions_suppressor_extension_period: *suppressor_extension,
        ..CompositeAlarm::default()
    })
}
