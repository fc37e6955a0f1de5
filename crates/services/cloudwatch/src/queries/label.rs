//! What a result is called.

use super::{Query, Source, Stat};
use crate::math::Line;
use crate::metrics::Owner;

/// The name of a metric, with what tells it from the other queries of the request: its statistic where those differ,
/// its period where those do.
pub(super) fn default(queries: &[Query], query: &Query) -> String {
    let Source::Metric(stat) = &query.source else { return query.id.clone() };
    let others = || {
        queries.iter().filter_map(|other| match &other.source {
            Source::Metric(other) => Some(other),
            Source::Expression { .. } => None,
        })
    };
    let name = &stat.series.name;
    if others().any(|other| other.period != stat.period) {
        return format!("{name} {} {}", stat.statistic, stat.period);
    }
    if others().any(|other| other.statistic != stat.statistic) {
        return format!("{name} {}", stat.statistic);
    }
    name.clone()
}

/// The label that was given with its `${…}` filled in, or else the default one.
pub(super) fn of(query: &Query, owner: Owner<'_>, line: &Line, default: String) -> String {
    let Some(given) = &query.label else { return default };
    let (mut label, mut rest) = (String::new(), given.as_str());
    while let Some((before, after)) = rest.split_once("${") {
        label.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        label.push_str(&filled(name, query, owner, line, &default));
        rest = after;
    }
    label + rest
}

fn filled(name: &str, query: &Query, owner: Owner<'_>, line: &Line, default: &str) -> String {
    let values = || line.points.iter().map(|(_, value)| *value);
    let number = |value: Option<f64>| value.map_or_else(|| "--".to_owned(), |value| value.to_string());
    match name {
        "LABEL" => default.to_owned(),
        "MAX" => number(values().reduce(f64::max)),
        "MIN" => number(values().reduce(f64::min)),
        "SUM" => number(Some(values().sum())),
        "AVG" => {
            number(Some(values().sum::<f64>() / line.points.len() as f64).filter(|mean| mean.is_finite()))
        }
        "FIRST" => number(values().next()),
        "LAST" => number(values().next_back()),
        "DATAPOINT_COUNT" => line.points.len().to_string(),
        name => property(name, query, owner).unwrap_or_default(),
    }
}

/// `PROP('MetricName')` and such.
fn property(name: &str, query: &Query, owner: Owner<'_>) -> Option<String> {
    let name = name.strip_prefix("PROP('")?.strip_suffix("')")?;
    match name {
        "AccountId" => return Some(owner.account.to_owned()),
        "Region" => return Some(owner.region.to_owned()),
        _ => {}
    }
    let Source::Metric(Stat { series, statistic, period, .. }) = &query.source else { return None };
    match name {
        "MetricName" => Some(series.name.clone()),
        "Namespace" => Some(series.namespace.clone()),
        "Stat" => Some(statistic.clone()),
        "Period" => Some(period.to_string()),
        name => {
            let wanted = name.strip_prefix("Dim.")?;
            let mut dimensions = series.dimensions.iter();
            dimensions.find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
        }
    }
}
