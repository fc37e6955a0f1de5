//! PutDashboard: keeps a dashboard.
//!
//! Order of refusals: the model's constraints, all together; the name; the body.

use crate::dashboards::{self, Dashboard, Problem};
use crate::errors;
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{PutDashboard, PutDashboardInput, PutDashboardOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const NAME_MAX: usize = 255;

impl Operation<CloudWatch> for PutDashboard {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutDashboardInput> = Validation::MODEL;
    type Plan = (String, String);

    fn check(input: PutDashboardInput) -> Result<Self::Plan, ApiError> {
        let (name, body) =
            (input.dashboard_name.unwrap_or_default(), input.dashboard_body.unwrap_or_default());
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(is_name) {
            return Err(errors::invalid_dashboard_name());
        }
        let problems = dashboards::check(&body);
        if problems.is_empty() { Ok((name, body)) } else { Err(errors::invalid_dashboard(&text(&problems))) }
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, (name, _): &'a Self::Plan) -> Access<'a> {
        Need::new("cloudwatch:PutDashboard", dashboards::arn(cx.service.owner(cx), name)).into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, (name, body): Self::Plan) -> Result<PutDashboardOutput, ApiError> {
        let dashboard = Dashboard { name, body, modified_micros: cx.now_micros };
        cx.service.dashboards.put(cx.service.owner(cx), &dashboard).await.map_err(errors::record)?;
        Ok(PutDashboardOutput { dashboard_validation_messages: Some(Vec::new()) })
    }
}

fn text(problems: &[Problem]) -> String {
    let listed = problems.iter().take(10).map(|Problem { path, message }| format!("{path}: {message}"));
    listed.collect::<Vec<_>>().join("; ")
}
