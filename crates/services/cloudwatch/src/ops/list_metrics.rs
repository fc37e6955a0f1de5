//! ListMetrics: which series there are, in order, 500 a page.
//!
//! Order of refusals: the model's constraints, all together; then the token.

mod page;

use crate::service::CloudWatch;
use figures::{Metric, SeriesId, minute_of};
use model::ApiError;
use model::cloudwatch::{
    Dimension, DimensionFilter, ListMetrics, ListMetricsInput, ListMetricsOutput, Metric as MetricShape,
};
use page::Page;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// How far back a series may have had its last data.
const WINDOW_MINUTES: u64 = 14 * 24 * 60;
/// The same with `RecentlyActive=PT3H`.
const RECENT_MINUTES: u64 = 3 * 60;

impl Operation<CloudWatch> for ListMetrics {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<ListMetricsInput> = Validation::MODEL;
    type Plan = ListMetricsInput;

    fn check(input: ListMetricsInput) -> Result<ListMetricsInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, CloudWatch>, _: &ListMetricsInput) -> Access<'static> {
        Need::new("cloudwatch:ListMetrics", "*").into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, input: ListMetricsInput) -> Result<ListMetricsOutput, ApiError> {
        let after = input.next_token.as_deref().map(page::position).transpose()?;
        let Page { series, next_token } = Page::after(after, found(cx, &input));
        let with_owners = input.include_linked_accounts == Some(true);
        Ok(ListMetricsOutput {
            owning_accounts: with_owners.then(|| vec![cx.caller.account.to_string(); series.len()]),
            metrics: Some(series.iter().map(metric).collect()),
            next_token,
        })
    }
}

/// Every series that the filters take, in order.
fn found(cx: &Cx<'_, CloudWatch>, input: &ListMetricsInput) -> Vec<SeriesId> {
    let is_own = input.owning_account.as_deref().is_none_or(|owner| *owner == *cx.caller.account);
    let is_ours = input.namespace.as_deref().is_none_or(|namespace| namespace == Metric::NAMESPACE);
    if !is_own || !is_ours {
        return Vec::new();
    }
    let now = minute_of(cx.now_micros);
    let back = if input.recently_active.is_some() { RECENT_MINUTES } else { WINDOW_MINUTES };
    let mut series =
        cx.service.figures.series(&cx.caller.account, &cx.caller.region, now.saturating_sub(back)..=now);
    series.retain(|series| takes(input, series));
    series.sort_by_key(page::key);
    series
}

/// A filter without a value takes every value of its dimension.
fn takes(input: &ListMetricsInput, series: &SeriesId) -> bool {
    let is_named = input.metric_name.as_deref().is_none_or(|name| name == series.metric.name());
    let has = |filter: &DimensionFilter| {
        let mut dimensions = series.dimensions();
        dimensions.any(|(name, value)| {
            filter.name.as_deref() == Some(name)
                && filter.value.as_deref().is_none_or(|wanted| wanted == value)
        })
    };
    is_named && input.dimensions.iter().flatten().all(has)
}

fn metric(series: &SeriesId) -> MetricShape {
    let dimensions = series
        .dimensions()
        .map(|(name, value)| Dimension { name: Some(name.to_owned()), value: Some(value.to_owned()) });
    MetricShape {
        namespace: Some(Metric::NAMESPACE.to_owned()),
        metric_name: Some(series.metric.name().to_owned()),
        dimensions: Some(dimensions.collect()),
    }
}
