//! GetInsightRuleReport: the keys of a table or an index that are accessed or throttled most.
//!
//! Values are never too great; by how much one may be too small is bounded by the memory of the counts (see
//! [`figures::hot_keys::KeySketch`]). Order of refusals: the model's constraints, all together; the time range; the
//! period; the number of contributors; the order; metrics; no such rule.

use crate::errors;
use crate::insights::{self, KEPT_MINUTES, OrderBy, Report};
use crate::service::CloudWatch;
use figures::hot_keys::KeySketch;
use model::ApiError;
use model::cloudwatch::{
    GetInsightRuleReport, GetInsightRuleReportInput, GetInsightRuleReportOutput, InsightRuleContributor,
    InsightRuleContributorDatapoint, InsightRuleMetricDatapoint,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const CONTRIBUTORS: usize = 10;
const CONTRIBUTORS_MAX: i64 = 100;
const SECONDS_PER_MINUTE: u64 = 60;
const METRICS: [&str; 7] =
    ["UniqueContributors", "MaxContributorValue", "SampleCount", "Sum", "Minimum", "Maximum", "Average"];

/// What is asked for.
pub struct Asked {
    rule: String,
    start: u64,
    end: u64,
    period: u64,
    count: usize,
    order: OrderBy,
    metrics: Vec<String>,
}

impl Operation<CloudWatch> for GetInsightRuleReport {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetInsightRuleReportInput> = Validation::MODEL;
    type Plan = Asked;

    fn check(input: GetInsightRuleReportInput) -> Result<Asked, ApiError> {
        let (start, end) = range(input.start_time, input.end_time)?;
        let period = input.period.unwrap_or_default();
        let whole = u64::try_from(period)
            .ok()
            .filter(|seconds| *seconds > 0 && seconds.is_multiple_of(SECONDS_PER_MINUTE));
        let count = input.max_contributor_count.unwrap_or(CONTRIBUTORS as i64);
        let metrics = input.metrics.unwrap_or_default();
        Ok(Asked {
            period: whole.ok_or_else(|| errors::invalid_period(period, SECONDS_PER_MINUTE))?,
            count: counted(count)?,
            order: order(input.order_by.as_deref())?,
            metrics: match metrics.iter().find(|metric| !METRICS.contains(&metric.as_str())) {
                Some(unknown) => return Err(errors::invalid_value(unknown, "Metrics")),
                None => metrics,
            },
            rule: input.rule_name.unwrap_or_default(),
            start,
            end,
        })
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, asked: &'a Asked) -> Access<'a> {
        let (account, region, rule) = (&cx.caller.account, &cx.caller.region, &asked.rule);
        let arn = format!("arn:aws:cloudwatch:{region}:{account}:insight-rule/{rule}");
        Need::new("cloudwatch:GetInsightRuleReport", arn).into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, asked: Asked) -> Result<GetInsightRuleReportOutput, ApiError> {
        let insights = &cx.service.insights;
        let rules = insights.rules_of(cx.service.owner(cx)).await;
        let rule =
            rules.into_iter().find(|rule| rule.name == asked.rule).ok_or_else(errors::no_insight_rule)?;
        insights.flush().await.map_err(errors::record)?;
        let minutes = asked.start / SECONDS_PER_MINUTE..asked.end.div_ceil(SECONDS_PER_MINUTE);
        let counted = insights.counted(&rule, minutes).await.map_err(errors::record)?;
        let start = asked.start / SECONDS_PER_MINUTE * SECONDS_PER_MINUTE;
        let report = Report::of(&counted, start, asked.period);
        Ok(GetInsightRuleReportOutput {
            key_labels: Some(insights::key_labels(&rule)),
            aggregation_statistic: Some("Sum".to_owned()),
            aggregate_value: Some(report.all.total()),
            approximate_unique_count: i64::try_from(report.all.keys()).ok(),
            contributors: Some(contributors(&report, &asked)),
            metric_datapoints: Some(datapoints(&report, &asked.metrics))
                .filter(|_| !asked.metrics.is_empty()),
        })
    }
}

fn range(start: Option<f64>, end: Option<f64>) -> Result<(u64, u64), ApiError> {
    let (start, end) = (start.unwrap_or_default(), end.unwrap_or_default());
    if !(start.is_finite() && end.is_finite() && start < end) || end < 0.0 {
        return Err(errors::start_not_before_end());
    }
    let (start, end) = (start.max(0.0) as u64, end.ceil() as u64);
    if end - start > KEPT_MINUTES * SECONDS_PER_MINUTE {
        return Err(errors::too_long_a_report(KEPT_MINUTES / 60));
    }
    Ok((start, end))
}

fn counted(count: i64) -> Result<usize, ApiError> {
    let allowed = (1..=CONTRIBUTORS_MAX).contains(&count).then(|| usize::try_from(count).ok()).flatten();
    allowed.ok_or_else(|| errors::invalid_value(count, "MaxContributorCount"))
}

fn order(order: Option<&str>) -> Result<OrderBy, ApiError> {
    match order {
        None | Some("Sum") => Ok(OrderBy::Sum),
        Some("Maximum") => Ok(OrderBy::Maximum),
        Some(other) => Err(errors::invalid_value(other, "OrderBy")),
    }
}

fn contributors(report: &Report, asked: &Asked) -> Vec<InsightRuleContributor> {
    let point = |(start, value): (u64, f64)| InsightRuleContributorDatapoint {
        timestamp: Some(start as f64),
        approximate_value: Some(value),
    };
    let first = report.contributors(asked.order, asked.count).into_iter();
    let shown = first.map(|contributor| InsightRuleContributor {
        keys: Some(contributor.keys),
        approximate_aggregate_value: Some(contributor.value),
        datapoints: Some(contributor.periods.into_iter().map(point).collect()),
    });
    shown.collect()
}

/// Of keys, not of requests: what there is of these is known by key alone.
fn datapoints(report: &Report, metrics: &[String]) -> Vec<InsightRuleMetricDatapoint> {
    let datapoint = |(start, sketch): (&u64, &KeySketch)| {
        let asked = |metric: &str, value: f64| metrics.iter().any(|known| known == metric).then_some(value);
        let (count, sum) = (sketch.keys() as f64, sketch.total());
        let counts = || sketch.counters().map(|(_, counter)| counter.count);
        let greatest = counts().fold(0.0, f64::max);
        InsightRuleMetricDatapoint {
            timestamp: Some(*start as f64),
            unique_contributors: asked("UniqueContributors", count),
            max_contributor_value: asked("MaxContributorValue", greatest),
            sample_count: asked("SampleCount", count),
            average: asked("Average", if count > 0.0 { sum / count } else { 0.0 }),
            sum: asked("Sum", sum),
            minimum: asked("Minimum", counts().fold(greatest, f64::min)),
            maximum: asked("Maximum", greatest),
        }
    };
    report.periods.iter().map(datapoint).collect()
}
