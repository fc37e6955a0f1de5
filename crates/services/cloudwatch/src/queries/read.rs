//! Reads the queries of a request.

use super::{Query, Source, Stat};
use crate::errors;
use crate::metrics::{Series, Unit};
use crate::series_named::dimensions;
use crate::statistic::Statistic;
use model::ApiError;
use model::cloudwatch::{MetricDataQuery, MetricStat};
use std::collections::BTreeSet;

/// The queries at a path of the request, such as `MetricDataQueries`.
///
/// # Errors
/// When an id is none or given twice, a query asks for nothing or two things, or nothing is to be returned.
pub fn read(queries: Vec<MetricDataQuery>, path: &str) -> Result<Vec<Query>, ApiError> {
    let mut ids = BTreeSet::new();
    let mut read = Vec::new();
    for (place, query) in queries.into_iter().enumerate() {
        let path = format!("{path}.member.{}", place + 1);
        let query = read_one(query, &path)?;
        if !ids.insert(query.id.clone()) {
            return Err(errors::duplicate_id(&query.id));
        }
        read.push(query);
    }
    if read.iter().any(|query| query.is_returned) { Ok(read) } else { Err(errors::nothing_returned()) }
}

/// The query at a path.
///
/// # Errors
/// As [`read`].
pub fn read_one(query: MetricDataQuery, path: &str) -> Result<Query, ApiError> {
    let id = query.id.unwrap_or_default();
    if !is_id(&id) {
        return Err(errors::invalid_id(&id, &format!("{path}.Id")));
    }
    let source = match (query.metric_stat, query.expression) {
        (Some(_), Some(_)) => {
            let [stat, expression] = ["MetricStat", "Expression"].map(|member| format!("{path}.{member}"));
            return Err(errors::mutually_exclusive(&stat, &expression));
        }
        (None, None) => return Err(errors::missing_query(&format!("{path}.MetricStat"))),
        (Some(stat), None) => Source::Metric(read_stat(stat, &format!("{path}.MetricStat"))?),
        (None, Some(text)) => {
            Source::Expression { text, period: query.period.and_then(|period| u64::try_from(period).ok()) }
        }
    };
    Ok(Query { id, label: query.label, is_returned: query.return_data.unwrap_or(true), source })
}

fn read_stat(stat: MetricStat, path: &str) -> Result<Stat, ApiError> {
    let metric = stat.metric.unwrap_or_default();
    let statistic = stat.stat.unwrap_or_default();
    if Statistic::named(&statistic).is_none() {
        return Err(errors::invalid_value(&statistic, &format!("{path}.Stat")));
    }
    let dimensions = dimensions(metric.dimensions.unwrap_or_default(), &format!("{path}.Metric"))?;
    let [namespace, name] = [metric.namespace, metric.metric_name].map(Option::unwrap_or_default);
    let period = stat.period.and_then(|period| u64::try_from(period).ok()).unwrap_or_default();
    if !(matches!(period, 1 | 5 | 10 | 20 | 30) || period > 0 && period.is_multiple_of(60)) {
        return Err(errors::invalid_value(period, &format!("{path}.Period")));
    }
    let unit = stat.unit.filter(|unit| Unit::named(unit).is_some());
    Ok(Stat { series: Series::new(&namespace, &name, dimensions), statistic, period, unit })
}

fn is_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.len() <= 255
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
