//! DeleteDashboards: deletes dashboards, all of them or, if one is not there, none.
//!
//! Order of refusals: the model's constraints, all together; whether all are there.

use crate::dashboards;
use crate::errors;
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{DeleteDashboards, DeleteDashboardsInput, DeleteDashboardsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Dashboards of one request.
const NAMES_MAX: usize = 100;

impl Operation<CloudWatch> for DeleteDashboards {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteDashboardsInput> = Validation::MODEL;
    type Plan = Vec<String>;

    fn check(input: DeleteDashboardsInput) -> Result<Vec<String>, ApiError> {
        let mut names = input.dashboard_names.unwrap_or_default();
        names.sort_unstable();
        names.dedup();
        if names.len() > NAMES_MAX { Err(errors::too_many("DashboardNames", NAMES_MAX)) } else { Ok(names) }
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, names: &'a Vec<String>) -> Access<'a> {
        let owner = cx.service.owner(cx);
        names
            .iter()
            .map(|name| Need::new("cloudwatch:DeleteDashboards", dashboards::arn(owner, name)))
            .collect()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, names: Vec<String>) -> Result<DeleteDashboardsOutput, ApiError> {
        if !names.is_empty() {
            let deleted = cx.service.dashboards.delete(cx.service.owner(cx), &names).await;
            deleted.map_err(errors::record)?.map_err(|name| errors::no_dashboard(&name))?;
        }
        Ok(DeleteDashboardsOutput {})
    }
}
