//! GetMetricStatistics: statistics of one series by the period.
//!
//! Order of refusals: the model's constraints, all together; the time range; which statistics; the period; how many
//! points that makes.

use crate::errors;
use crate::metrics::{Owner, Series, Unit};
use crate::series_named::dimensions;
use crate::service::CloudWatch;
use crate::statistic::Statistic;
use crate::window::{Periods, Window, step_seconds};
use model::ApiError;
use model::cloudwatch::{
    Datapoint, GetMetricStatistics, GetMetricStatisticsInput, GetMetricStatisticsOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Points of an answer.
const DATAPOINTS_MAX: u64 = 1_440;

/// What is asked for.
pub struct Asked {
    series: Series,
    unit: Option<Unit>,
    statistics: Vec<(String, Statistic)>,
    start: f64,
    end: f64,
    period: i64,
}

impl Operation<CloudWatch> for GetMetricStatistics {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetMetricStatisticsInput> = Validation::MODEL;
    type Plan = Asked;

    fn check(input: GetMetricStatisticsInput) -> Result<Asked, ApiError> {
        let (start, end) = (input.start_time.unwrap_or_default(), input.end_time.unwrap_or_default());
        if start >= end || !(start.is_finite() && end.is_finite()) {
            return Err(errors::start_not_before_end());
        }
        let dimensions = dimensions(input.dimensions.unwrap_or_default(), "")?;
        let [namespace, name] = [input.namespace, input.metric_name].map(Option::unwrap_or_default);
        Ok(Asked {
            series: Series::new(&namespace, &name, dimensions),
            unit: input.unit.as_deref().and_then(Unit::named),
            statistics: statistics(input.statistics.as_deref(), input.extended_statistics.as_deref())?,
            start,
            end,
            period: input.period.unwrap_or_default(),
        })
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, _: &'a Asked) -> Access<'a> {
        Need::new("cloudwatch:GetMetricStatistics", "*").into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, asked: Asked) -> Result<GetMetricStatisticsOutput, ApiError> {
        let window = window(&asked, cx.now_micros)?;
        let owner = Owner { account: &cx.caller.account, region: &cx.caller.region };
        cx.service.collect(cx.now_micros);
        let read = cx.service.periods(owner, &asked.series, asked.unit, window, cx.now_micros).await;
        let found = read.map_err(|error| errors::unavailable(&error))?;
        let points = found.iter().flat_map(|(unit, periods)| datapoints(&asked, *unit, periods));
        Ok(GetMetricStatisticsOutput {
            datapoints: Some(points.collect()),
            label: Some(asked.series.name.clone()),
        })
    }
}

fn statistics(
    simple: Option<&[String]>,
    extended: Option<&[String]>,
) -> Result<Vec<(String, Statistic)>, ApiError> {
    match (simple.unwrap_or_default(), extended.unwrap_or_default()) {
        ([], []) => Err(errors::no_statistics()),
        ([_, ..], [_, ..]) => Err(errors::mutually_exclusive("Statistics", "ExtendedStatistics")),
        (simple, []) => {
            Ok(simple.iter().filter_map(|name| Some((name.clone(), Statistic::simple(name)?))).collect())
        }
        ([], extended) => {
            let named = |name: &String| {
                let statistic = Statistic::extended(name).ok_or_else(|| errors::no_statistic(name))?;
                Ok((name.clone(), statistic))
            };
            extended.iter().map(named).collect()
        }
    }
}

/// Periods below a minute are taken; points are of whole minutes.
fn window(asked: &Asked, now_micros: u64) -> Result<Window, ApiError> {
    let step = step_seconds(asked.start, now_micros);
    let period = u64::try_from(asked.period).unwrap_or_default();
    let is_short = matches!(period, 1 | 5 | 10 | 20 | 30) && step == 60;
    if !is_short && (period == 0 || !period.is_multiple_of(step)) {
        return Err(errors::invalid_period(asked.period, step));
    }
    let window = Window::of(asked.start, asked.end, period, now_micros);
    match window.periods() {
        points if points > DATAPOINTS_MAX => Err(errors::too_many_datapoints(points, DATAPOINTS_MAX)),
        _ => Ok(window),
    }
}

fn datapoints(asked: &Asked, unit: Unit, periods: &Periods) -> Vec<Datapoint> {
    let datapoint = |(start, point): (&u64, &crate::metrics::Point)| {
        let mut datapoint = Datapoint {
            timestamp: Some(*start as f64),
            unit: Some(unit.name().to_owned()),
            ..Datapoint::default()
        };
        for (name, statistic) in &asked.statistics {
            let value = statistic.of(point);
            match statistic {
                Statistic::SampleCount => datapoint.sample_count = value,
                Statistic::Average => datapoint.average = value,
                Statistic::Sum => datapoint.sum = value,
                Statistic::Minimum => datapoint.minimum = value,
                Statistic::Maximum => datapoint.maximum = value,
                _ => {
                    let known = datapoint.extended_statistics.get_or_insert_default();
                    known.extend(value.map(|value| (name.clone(), value)));
                }
            }
        }
        let is_told = datapoint.extended_statistics.as_ref().is_none_or(|known| !known.is_empty());
        is_told.then_some(datapoint)
    };
    periods.0.iter().filter_map(datapoint).collect()
}
