//! ListDashboards: dashboards in the order of their names, 1,000 a page.
//!
//! Order of refusals: the model's constraints, all together; the token.

use crate::dashboards::{self, Dashboard};
use crate::errors;
use crate::service::CloudWatch;
use crate::shown::seconds;
use crate::token;
use model::ApiError;
use model::cloudwatch::{DashboardEntry, ListDashboards, ListDashboardsInput, ListDashboardsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const DASHBOARDS_A_PAGE: usize = 1_000;

impl Operation<CloudWatch> for ListDashboards {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListDashboardsInput> = Validation::MODEL;
    type Plan = ListDashboardsInput;

    fn check(input: ListDashboardsInput) -> Result<ListDashboardsInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, _: &'a ListDashboardsInput) -> Access<'a> {
        Need::new("cloudwatch:ListDashboards", "*").into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatch>,
        input: ListDashboardsInput,
    ) -> Result<ListDashboardsOutput, ApiError> {
        let after = input.next_token.as_deref().map(token::text).transpose()?;
        let owner = cx.service.owner(cx);
        let page = cx.service.dashboards.list(owner, after.as_deref(), DASHBOARDS_A_PAGE).await;
        let page = page.map_err(errors::record)?;
        let last = page.last().filter(|_| page.len() == DASHBOARDS_A_PAGE);
        let next_token = last.map(|last| token::of_text(&last.name));
        let prefix = input.dashboard_name_prefix.unwrap_or_default();
        let entry = |dashboard: Dashboard| DashboardEntry {
            dashboard_arn: Some(dashboards::arn(owner, &dashboard.name)),
            dashboard_name: Some(dashboard.name),
            last_modified: seconds(dashboard.modified_micros),
            size: Some(dashboard.body.len() as i64),
        };
        let found = page.into_iter().filter(|dashboard| dashboard.name.starts_with(&prefix));
        Ok(ListDashboardsOutput { dashboard_entries: Some(found.map(entry).collect()), next_token })
    }
}
