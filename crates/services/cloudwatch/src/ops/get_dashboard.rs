//! GetDashboard: a dashboard as it was put.
//!
//! Order of refusals: the model's constraints, all together; whether there is such a dashboard.

use crate::dashboards;
use crate::errors;
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{GetDashboard, GetDashboardInput, GetDashboardOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatch> for GetDashboard {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetDashboardInput> = Validation::MODEL;
    type Plan = String;

    fn check(input: GetDashboardInput) -> Result<String, ApiError> {
        Ok(input.dashboard_name.unwrap_or_default())
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, name: &'a String) -> Access<'a> {
        Need::new("cloudwatch:GetDashboard", dashboards::arn(cx.service.owner(cx), name)).into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, name: String) -> Result<GetDashboardOutput, ApiError> {
        let owner = cx.service.owner(cx);
        let found = cx.service.dashboards.get(owner, &name).await.map_err(errors::record)?;
        let dashboard = found.ok_or_else(|| errors::no_dashboard(&name))?;
        Ok(GetDashboardOutput {
            dashboard_arn: Some(dashboards::arn(owner, &name)),
            dashboard_body: Some(dashboard.body),
            dashboard_name: Some(name),
        })
    }
}
