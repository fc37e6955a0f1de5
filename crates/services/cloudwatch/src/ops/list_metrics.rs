//! ListMetrics: which series there are, in order, 500 a page.
//!
//! Order of refusals: the model's constraints, all together; then the token.

mod page;

use crate::errors;
use crate::metrics::{Owner, Series};
use crate::service::CloudWatch;
use crate::shown;
use crate::token;
use figures::minute_of;
use model::ApiError;
use model::cloudwatch::{DimensionFilter, ListMetrics, ListMetricsInput, ListMetricsOutput};
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
        let after = input.next_token.as_deref().map(token::text).transpose()?;
        let Page { series, next_token } = Page::after(after, found(cx, &input).await?);
        let with_owners = input.include_linked_accounts == Some(true);
        Ok(ListMetricsOutput {
            owning_accounts: with_owners.then(|| vec![cx.caller.account.to_string(); series.len()]),
            metrics: Some(series.iter().map(shown::metric).collect()),
            next_token,
        })
    }
}

/// Every series that the filters take, in order.
async fn found(cx: &Cx<'_, CloudWatch>, input: &ListMetricsInput) -> Result<Vec<Series>, ApiError> {
    if input.owning_account.as_deref().is_some_and(|owner| *owner != *cx.caller.account) {
        return Ok(Vec::new());
    }
    cx.service.collect(cx.now_micros);
    let owner = Owner { account: &cx.caller.account, region: &cx.caller.region };
    let all = cx.service.metrics.series(owner).await.map_err(|error| errors::unavailable(&error))?;
    let back = if input.recently_active.is_some() { RECENT_MINUTES } else { WINDOW_MINUTES };
    let oldest = minute_of(cx.now_micros).saturating_sub(back);
    let found = all.into_iter().filter(|(series, last)| u64::from(*last) >= oldest && takes(input, series));
    Ok(found.map(|(series, _)| series).collect())
}

/// A filter without a value takes every value of its dimension.
fn takes(input: &ListMetricsInput, series: &Series) -> bool {
    let is_named = input.metric_name.as_deref().is_none_or(|name| name == series.name)
        && input.namespace.as_deref().is_none_or(|namespace| namespace == series.namespace);
    let has = |filter: &DimensionFilter| {
        series.dimensions.iter().any(|(name, value)| {
            filter.name.as_deref() == Some(name)
                && filter.value.as_deref().is_none_or(|wanted| wanted == value)
        })
    };
    is_named && input.dimensions.iter().flatten().all(has)
}
