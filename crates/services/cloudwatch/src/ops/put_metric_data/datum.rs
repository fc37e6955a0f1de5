//! One datum of a request: a value, a list of values with counts, or a statistic set.

use crate::errors;
use crate::metrics::{Datum, Point, Series, Unit};
use crate::series_named::dimensions;
use model::ApiError;
use model::cloudwatch::{MetricDatum, StatisticSet};
use std::sync::Arc;

/// Values are within these powers of two.
const EXPONENT_MAX: i32 = 360;
/// Distinct values of one datum.
const VALUES_MAX: usize = 150;
/// How far back and ahead the time of a datum may be.
const BACK_SECONDS: f64 = 14.0 * 86_400.0;
const AHEAD_SECONDS: f64 = 2.0 * 3_600.0;

/// A datum whose time is not judged yet.
#[derive(Debug)]
pub struct Read {
    path: String,
    series: Arc<Series>,
    unit: Unit,
    seconds: Option<f64>,
    point: Point,
}

/// Reads the datum at a path of the request.
pub(super) fn read(namespace: &str, path: &str, datum: MetricDatum) -> Result<Read, ApiError> {
    let name = datum.metric_name.clone().unwrap_or_default();
    let dimensions = dimensions(datum.dimensions.clone().unwrap_or_default(), path)?;
    if !matches!(datum.storage_resolution, None | Some(1 | 60)) {
        let resolution = datum.storage_resolution.unwrap_or_default();
        return Err(errors::invalid_value(resolution, &format!("{path}.StorageResolution")));
    }
    let unit = datum.unit.as_deref().and_then(Unit::named).unwrap_or_else(Unit::none);
    let seconds = datum.timestamp;
    let point = point(path, datum)?;
    let series = Arc::new(Series::new(namespace, &name, dimensions));
    Ok(Read { path: path.to_owned(), series, unit, seconds, point })
}

impl Read {
    /// The datum, put at this time.
    pub(super) fn at(self, now_micros: u64) -> Result<Datum, ApiError> {
        let now = now_micros as f64 / 1e6;
        let seconds = self.seconds.unwrap_or(now);
        if !(now - BACK_SECONDS..=now + AHEAD_SECONDS).contains(&seconds) {
            return Err(errors::time_out_of_range(&format!("{}.Timestamp", self.path)));
        }
        let minute = (seconds / 60.0) as u32;
        Ok(Datum { series: self.series, unit: self.unit, minute, point: self.point })
    }
}

fn point(path: &str, datum: MetricDatum) -> Result<Point, ApiError> {
    let named = |member: &str| format!("{path}.{member}");
    match (datum.value, datum.values, datum.statistic_values) {
        (Some(_), Some(_), _) => Err(errors::mutually_exclusive(&named("Value"), &named("Values"))),
        (Some(_), _, Some(_)) => Err(errors::mutually_exclusive(&named("Value"), &named("StatisticValues"))),
        (_, Some(_), Some(_)) => Err(errors::mutually_exclusive(&named("Values"), &named("StatisticValues"))),
        (None, None, None) => Err(errors::missing(&named("Value"))),
        (Some(value), ..) => Ok(Point::of(number(value, &named("Value"))?, 1.0)),
        (_, Some(values), _) => of_values(path, &values, datum.counts.as_deref()),
        (_, _, Some(set)) => of_statistics(&named("StatisticValues"), &set),
    }
}

fn of_values(path: &str, values: &[f64], counts: Option<&[f64]>) -> Result<Point, ApiError> {
    let [values_path, counts_path] = ["Values", "Counts"].map(|member| format!("{path}.{member}"));
    if counts.is_some_and(|counts| counts.len() != values.len()) {
        return Err(errors::different_sizes(&values_path, &counts_path));
    }
    if values.is_empty() {
        return Err(errors::missing(&values_path));
    }
    if values.len() > VALUES_MAX {
        return Err(errors::too_many_values(&values_path, VALUES_MAX));
    }
    let mut all = Point::default();
    for (place, value) in values.iter().enumerate() {
        let count = counts.map_or(1.0, |counts| counts[place]);
        let value = number(*value, &format!("{values_path}.member.{}", place + 1))?;
        let count = number(count, &format!("{counts_path}.member.{}", place + 1))?;
        if count < 0.0 {
            return Err(errors::invalid_value(count, &format!("{counts_path}.member.{}", place + 1)));
        }
        all.merge(&Point::of(value, count));
    }
    Ok(all)
}

fn of_statistics(path: &str, set: &StatisticSet) -> Result<Point, ApiError> {
    let member = |value: Option<f64>, name: &str| {
        let path = format!("{path}.{name}");
        number(value.ok_or_else(|| errors::missing(&path))?, &path)
    };
    let samples = member(set.sample_count, "SampleCount")?;
    let sum = member(set.sum, "Sum")?;
    let minimum = member(set.minimum, "Minimum")?;
    let maximum = member(set.maximum, "Maximum")?;
    if samples < 0.0 {
        return Err(errors::invalid_value(samples, &format!("{path}.SampleCount")));
    }
    if minimum > maximum {
        return Err(errors::minimum_above_maximum(path));
    }
    Ok(Point::of_statistics(samples, sum, minimum, maximum))
}

/// NaN, infinite and far too large numbers are refused.
fn number(value: f64, path: &str) -> Result<f64, ApiError> {
    let is_taken = value.abs() <= 2f64.powi(EXPONENT_MAX);
    if is_taken { Ok(value) } else { Err(errors::invalid_value(spelled(value), path)) }
}

fn spelled(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        value => format!("{value:e}"),
    }
}
