//! DescribeScalingActivities: what was done, newest first, 50 a page.
//!
//! Order of refusals: the model's constraints, all together; the namespace; the token.

use super::page::Page;
use crate::activity::{Activity, Outcome};
use crate::errors;
use crate::ops::any;
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::is_ours;
use model::ApiError;
use model::application_autoscaling::{
    DescribeScalingActivities, DescribeScalingActivitiesInput, DescribeScalingActivitiesOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<ApplicationAutoScaling> for DescribeScalingActivities {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeScalingActivitiesInput> = Validation::MODEL;
    type Plan = (DescribeScalingActivitiesInput, Page);

    fn check(input: DescribeScalingActivitiesInput) -> Result<Self::Plan, ApiError> {
        is_ours(&input.service_namespace)?;
        let page = Page::of(input.next_token.as_deref(), input.max_results)?;
        Ok((input, page))
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, _: &'a Self::Plan) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:DescribeScalingActivities", resource).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        (input, page): Self::Plan,
    ) -> Result<DescribeScalingActivitiesOutput, ApiError> {
        let mut all = cx.service.activities(&Caller::of(cx)).await.map_err(errors::record)?;
        all.retain(|activity| takes(&input, activity));
        let (found, next_token) = page.cut(all);
        let scaling_activities = Some(found.into_iter().map(Activity::shown).collect());
        Ok(DescribeScalingActivitiesOutput { scaling_activities, next_token })
    }
}

/// What was not done is shown where it is asked for.
fn takes(input: &DescribeScalingActivitiesInput, activity: &Activity) -> bool {
    let was_done = !matches!(activity.outcome, Outcome::NotScaled { .. });
    let is_named = |id: &String| *id == activity.place.resource_id();
    let has_dimension = |dimension: &String| dimension == activity.place.dimension.name();
    (was_done || input.include_not_scaled_activities == Some(true))
        && input.resource_id.as_ref().is_none_or(is_named)
        && input.scalable_dimension.as_ref().is_none_or(has_dimension)
}
