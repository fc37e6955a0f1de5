//! What an alarm watches: one statistic of a metric, or queries of which one returns a series.

use crate::alarms::Watched;
use crate::errors;
use crate::metrics::{Series, Unit};
use crate::queries::{self, Source, Stat};
use crate::series_named::dimensions;
use crate::statistic::Statistic;
use model::ApiError;
use model::cloudwatch::PutMetricAlarmInput;

/// Metrics of one alarm.
const METRICS_MAX: usize = 10;

pub(super) fn read(input: &PutMetricAlarmInput) -> Result<Watched, ApiError> {
    match (&input.metric_name, &input.metrics) {
        (Some(_), Some(_)) => Err(errors::mutually_exclusive("MetricName", "Metrics")),
        (None, None) => Err(errors::missing("MetricName")),
        (Some(name), None) => Ok(Watched::Metric(stat(name, input)?)),
        (None, Some(queries)) => {
            for (is_given, member) in [
                (input.namespace.is_some(), "Namespace"),
                (input.dimensions.is_some(), "Dimensions"),
                (input.period.is_some(), "Period"),
                (input.unit.is_some(), "Unit"),
                (input.statistic.is_some(), "Statistic"),
                (input.extended_statistic.is_some(), "ExtendedStatistic"),
            ] {
                if is_given {
                    return Err(errors::mutually_exclusive("Metrics", member));
                }
            }
            let queries = queries::read(queries.clone(), "Metrics")?;
            of_queries(queries)
        }
    }
}

fn stat(name: &str, input: &PutMetricAlarmInput) -> Result<Stat, ApiError> {
    let namespace = input.namespace.as_deref().ok_or_else(|| errors::missing("Namespace"))?;
    let statistic = match (&input.statistic, &input.extended_statistic) {
        (Some(_), Some(_)) => return Err(errors::mutually_exclusive("Statistic", "ExtendedStatistic")),
        (None, None) => return Err(errors::no_alarm_statistic()),
        (Some(statistic), None) => statistic,
        (None, Some(extended)) if Statistic::extended(extended).is_none() => {
            return Err(errors::no_statistic(extended));
        }
        (None, Some(extended)) => extended,
    };
    let period = input.period.ok_or_else(|| errors::missing("Period"))?;
    let period = u64::try_from(period)
        .ok()
        .filter(|period| matches!(period, 10 | 20 | 30) || period.is_multiple_of(60));
    let period = period.ok_or_else(|| errors::invalid_value(input.period.unwrap_or_default(), "Period"))?;
    Ok(Stat {
        series: Series::new(namespace, name, dimensions(input.dimensions.clone().unwrap_or_default(), "")?),
        statistic: statistic.clone(),
        period,
        unit: input.unit.clone().filter(|unit| Unit::named(unit).is_some()),
    })
}

fn of_queries(queries: Vec<queries::Query>) -> Result<Watched, ApiError> {
    let returned = queries.iter().filter(|query| query.is_returned).count();
    if returned != 1 {
        return Err(errors::several_returned());
    }
    let periods = queries.iter().filter_map(|query| match &query.source {
        Source::Metric(stat) => Some(stat.period),
        Source::Expression { .. } => None,
    });
    let periods: Vec<u64> = periods.collect();
    if periods.len() > METRICS_MAX {
        return Err(errors::too_many("Metrics", METRICS_MAX));
    }
    if periods.is_empty() || periods.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(errors::different_periods());
    }
    Ok(Watched::Queries(queries))
}

/// Seconds of a period.
pub(super) fn period(watched: &Watched) -> u64 {
    match watched {
        Watched::Metric(stat) => stat.period,
        Watched::Queries(queries) => {
            let periods = queries.iter().filter_map(|query| match &query.source {
                Source::Metric(stat) => Some(stat.period),
                Source::Expression { .. } => None,
            });
            periods.max().unwrap_or_default()
        }
    }
}
