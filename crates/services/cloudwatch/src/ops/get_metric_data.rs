//! GetMetricData: statistics of many series and expressions over them.
//!
//! Order of refusals: the model's constraints, all together; the time range; how many queries; query by query its id,
//! what it asks for, its statistic and period; whether anything is returned; the token; then the expressions.

mod page;

use crate::errors;
use crate::metrics::Owner;
use crate::queries::{self, Answer, Query, Span};
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{
    GetMetricData, GetMetricDataInput, GetMetricDataOutput, MessageData, MetricDataResult,
};
use page::Page;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Queries of one request.
const QUERIES_MAX: usize = 500;
/// Points of a page.
const DATAPOINTS_MAX: i64 = 100_800;

/// What is asked for.
pub struct Asked {
    queries: Vec<Query>,
    span: Span,
    is_ascending: bool,
    page: Page,
}

impl Operation<CloudWatch> for GetMetricData {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetMetricDataInput> = Validation::MODEL;
    type Plan = Asked;

    fn check(input: GetMetricDataInput) -> Result<Asked, ApiError> {
        let span =
            Span { start: input.start_time.unwrap_or_default(), end: input.end_time.unwrap_or_default() };
        if span.start == span.end {
            return Err(errors::start_equals_end());
        }
        if !(span.start < span.end && span.start.is_finite() && span.end.is_finite()) {
            return Err(errors::start_not_before_end());
        }
        let queries = input.metric_data_queries.unwrap_or_default();
        if queries.is_empty() {
            return Err(errors::missing("MetricDataQueries"));
        }
        if queries.len() > QUERIES_MAX {
            return Err(errors::too_many("MetricDataQueries", QUERIES_MAX));
        }
        let size = input.max_datapoints.unwrap_or(DATAPOINTS_MAX);
        if !(1..=DATAPOINTS_MAX).contains(&size) {
            return Err(errors::invalid_value(size, "MaxDatapoints"));
        }
        Ok(Asked {
            queries: queries::read(queries, "MetricDataQueries")?,
            span,
            is_ascending: input.scan_by.as_deref() == Some("TimestampAscending"),
            page: Page::of(input.next_token.as_deref(), size as usize)?,
        })
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, _: &'a Asked) -> Access<'a> {
        Need::new("cloudwatch:GetMetricData", "*").into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, asked: Asked) -> Result<GetMetricDataOutput, ApiError> {
        cx.service.collect(cx.now_micros);
        let owner = Owner { account: &cx.caller.account, region: &cx.caller.region };
        let answers = cx.service.answers(owner, &asked.queries, asked.span, cx.now_micros).await?;
        let results = answers.into_iter().map(|answer| result(answer, asked.is_ascending)).collect();
        let (results, next_token) = asked.page.cut(results);
        Ok(GetMetricDataOutput { metric_data_results: Some(results), next_token, messages: Some(Vec::new()) })
    }
}

fn result(answer: Answer, is_ascending: bool) -> MetricDataResult {
    let mut points = answer.line.points;
    if !is_ascending {
        points.reverse();
    }
    MetricDataResult {
        id: Some(answer.id),
        label: Some(answer.label),
        timestamps: Some(points.iter().map(|(at, _)| *at as f64).collect()),
        values: Some(points.into_iter().map(|(_, value)| value).collect()),
        status_code: Some("Complete".to_owned()),
        messages: several_units(&answer.units).map(|message| vec![message]),
    }
}

fn several_units(units: &[&str]) -> Option<MessageData> {
    let text = || format!("Multiple units returned: '[{}]'", units.join(", "));
    (!units.is_empty()).then(|| MessageData { code: Some("MultipleUnits".to_owned()), value: Some(text()) })
}
