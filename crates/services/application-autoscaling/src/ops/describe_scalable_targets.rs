//! DescribeScalableTargets: targets in order, 50 a page.
//!
//! Order of refusals: the model's constraints, all together; the namespace; the token.

use super::page::Page;
use crate::errors;
use crate::ops::{any, seconds};
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{NAMESPACE, Target, is_ours, role_arn};
use model::ApiError;
use model::application_autoscaling::{
    DescribeScalableTargets, DescribeScalableTargetsInput, DescribeScalableTargetsOutput, ScalableTarget,
    SuspendedState,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<ApplicationAutoScaling> for DescribeScalableTargets {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeScalableTargetsInput> = Validation::MODEL;
    type Plan = (DescribeScalableTargetsInput, Page);

    fn check(input: DescribeScalableTargetsInput) -> Result<Self::Plan, ApiError> {
        is_ours(&input.service_namespace)?;
        let page = Page::of(input.next_token.as_deref(), input.max_results)?;
        Ok((input, page))
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, _: &'a Self::Plan) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:DescribeScalableTargets", resource).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        (input, page): Self::Plan,
    ) -> Result<DescribeScalableTargetsOutput, ApiError> {
        let caller = Caller::of(cx);
        let mut targets = cx.service.targets(&caller).await.map_err(errors::record)?;
        targets.retain(|target| {
            let is_named = |ids: &Vec<String>| ids.contains(&target.place.resource_id());
            let has_dimension = |dimension: &String| dimension == target.place.dimension.name();
            input.resource_ids.as_ref().is_none_or(is_named)
                && input.scalable_dimension.as_ref().is_none_or(has_dimension)
        });
        let (targets, next_token) = page.cut(targets);
        let scalable_targets = Some(targets.into_iter().map(|target| shown(&caller, target)).collect());
        Ok(DescribeScalableTargetsOutput { scalable_targets, next_token })
    }
}

fn shown(caller: &Caller<'_>, target: Target) -> ScalableTarget {
    let suspended = SuspendedState {
        dynamic_scaling_in_suspended: Some(target.suspended.scaling_in),
        dynamic_scaling_out_suspended: Some(target.suspended.scaling_out),
        scheduled_scaling_suspended: Some(target.suspended.scheduled),
    };
    ScalableTarget {
        service_namespace: Some(NAMESPACE.to_owned()),
        resource_id: Some(target.place.resource_id()),
        scalable_dimension: Some(target.place.dimension.name().to_owned()),
        min_capacity: Some(target.minimum),
        max_capacity: Some(target.maximum),
        predicted_capacity: None,
        role_arn: Some(role_arn(caller.account)),
        creation_time: seconds(target.created_micros),
        suspended_state: Some(suspended),
        scalable_target_arn: Some(target.arn(caller.account, caller.region)),
    }
}
