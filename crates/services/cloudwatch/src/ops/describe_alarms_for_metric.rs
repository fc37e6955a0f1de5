//! DescribeAlarmsForMetric: the alarms that watch exactly a metric.
//!
//! Order of refusals: the model's constraints, all together; the dimensions.

use crate::alarms::{ALARMS_MAX, Alarm, Rule, Watched};
use crate::errors;
use crate::metrics::Series;
use crate::queries::{Source, Stat};
use crate::series_named::dimensions;
use crate::service::CloudWatch;
use crate::shown;
use model::ApiError;
use model::cloudwatch::{
    DescribeAlarmsForMetric, DescribeAlarmsForMetricInput, DescribeAlarmsForMetricOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// What is asked for.
pub struct Asked {
    series: Series,
    statistic: Option<String>,
    period: Option<i64>,
    unit: Option<String>,
}

impl Operation<CloudWatch> for DescribeAlarmsForMetric {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeAlarmsForMetricInput> = Validation::MODEL;
    type Plan = Asked;

    fn check(input: DescribeAlarmsForMetricInput) -> Result<Asked, ApiError> {
        let dimensions = dimensions(input.dimensions.unwrap_or_default(), "")?;
        let [namespace, name] = [input.namespace, input.metric_name].map(Option::unwrap_or_default);
        Ok(Asked {
            series: Series::new(&namespace, &name, dimensions),
            statistic: input.statistic.or(input.extended_statistic),
            period: input.period,
            unit: input.unit,
        })
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, _: &'a Asked) -> Access<'a> {
        Need::new("cloudwatch:DescribeAlarmsForMetric", "*").into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, asked: Asked) -> Result<DescribeAlarmsForMetricOutput, ApiError> {
        let owner = cx.service.owner(cx);
        let all = cx.service.alarms.list(owner, None, ALARMS_MAX).await.map_err(errors::record)?;
        let id = asked.series.id(owner);
        let watches = |stat: &&Stat| {
            stat.series.id(owner) == id
                && asked.statistic.as_ref().is_none_or(|statistic| *statistic == stat.statistic)
                && asked.period.is_none_or(|period| period == stat.period as i64)
                && asked.unit.as_ref().is_none_or(|unit| Some(unit) == stat.unit.as_ref())
        };
        let found = all.iter().filter(|alarm| stats(alarm).iter().any(watches));
        Ok(DescribeAlarmsForMetricOutput {
            metric_alarms: Some(found.filter_map(|alarm| shown::metric_alarm(owner, alarm)).collect()),
        })
    }
}

/// The statistics that an alarm watches.
fn stats(alarm: &Alarm) -> Vec<&Stat> {
    let Rule::Metric(rule) = &alarm.rule else { return Vec::new() };
    match &rule.watched {
        Watched::Metric(stat) => vec![stat],
        Watched::Queries(queries) => {
            let stats = queries.iter().filter_map(|query| match &query.source {
                Source::Metric(stat) => Some(stat),
                Source::Expression { .. } => None,
            });
            stats.collect()
        }
    }
}
