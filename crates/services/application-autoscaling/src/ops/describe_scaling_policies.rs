//! DescribeScalingPolicies: policies of targets in order, 50 a page.
//!
//! Order of refusals: the model's constraints, all together; the namespace; names without a resource; the token.

use super::page::Page;
use crate::alarms;
use crate::errors;
use crate::ops::{any, seconds};
use crate::policy::{Policy, PolicyKind};
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{NAMESPACE, Place, is_ours};
use model::ApiError;
use model::application_autoscaling::{
    DescribeScalingPolicies, DescribeScalingPoliciesInput, DescribeScalingPoliciesOutput,
    PredefinedMetricSpecification, ScalingPolicy, StepAdjustment, StepScalingPolicyConfiguration,
    TargetTrackingScalingPolicyConfiguration,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<ApplicationAutoScaling> for DescribeScalingPolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeScalingPoliciesInput> = Validation::MODEL;
    type Plan = (DescribeScalingPoliciesInput, Page);

    fn check(input: DescribeScalingPoliciesInput) -> Result<Self::Plan, ApiError> {
        is_ours(&input.service_namespace)?;
        if input.policy_names.is_some() && input.resource_id.is_none() {
            return Err(errors::validation("ResourceId must be given where PolicyNames are"));
        }
        let page = Page::of(input.next_token.as_deref(), input.max_results)?;
        Ok((input, page))
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, _: &'a Self::Plan) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:DescribeScalingPolicies", resource).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        (input, page): Self::Plan,
    ) -> Result<DescribeScalingPoliciesOutput, ApiError> {
        let caller = Caller::of(cx);
        let targets = cx.service.targets(&caller).await.map_err(errors::record)?;
        let all = targets.into_iter().flat_map(|target| {
            let place = target.place;
            target.policies.into_iter().map(move |policy| (place.clone(), policy))
        });
        let found = all.filter(|(place, policy)| takes(&input, place, policy));
        let (found, next_token) = page.cut(found.collect());
        let scaling_policies = found.into_iter().map(|(place, policy)| shown(&caller, &place, policy));
        Ok(DescribeScalingPoliciesOutput { scaling_policies: Some(scaling_policies.collect()), next_token })
    }
}

fn takes(input: &DescribeScalingPoliciesInput, place: &Place, policy: &Policy) -> bool {
    input.policy_names.as_ref().is_none_or(|names| names.contains(&policy.name))
        && input.resource_id.as_ref().is_none_or(|id| *id == place.resource_id())
        && input.scalable_dimension.as_ref().is_none_or(|dimension| dimension == place.dimension.name())
}

fn shown(caller: &Caller<'_>, place: &Place, policy: Policy) -> ScalingPolicy {
    let base = ScalingPolicy {
        policy_arn: Some(policy.arn(caller.account, caller.region, place)),
        alarms: Some(alarms::shown(&policy, caller.account, caller.region)),
        policy_name: Some(policy.name),
        service_namespace: Some(NAMESPACE.to_owned()),
        resource_id: Some(place.resource_id()),
        scalable_dimension: Some(place.dimension.name().to_owned()),
        creation_time: seconds(policy.created_micros),
        ..ScalingPolicy::default()
    };
    match policy.kind {
        PolicyKind::Tracking(tracking) => {
            let metric = match place.dimension.is_read() {
                true => "DynamoDBReadCapacityUtilization",
                false => "DynamoDBWriteCapacityUtilization",
            };
            let specification = PredefinedMetricSpecification {
                predefined_metric_type: Some(metric.to_owned()),
                ..PredefinedMetricSpecification::default()
            };
            ScalingPolicy {
                policy_type: Some("TargetTrackingScaling".to_owned()),
                target_tracking_scaling_policy_configuration: Some(
                    TargetTrackingScalingPolicyConfiguration {
                        target_value: Some(tracking.target),
                        predefined_metric_specification: Some(specification),
                        scale_out_cooldown: tracking.out_cooldown,
                        scale_in_cooldown: tracking.in_cooldown,
                        disable_scale_in: tracking.is_in_disabled,
                        ..TargetTrackingScalingPolicyConfiguration::default()
                    },
                ),
                ..base
            }
        }
        PolicyKind::Steps(steps) => {
            let adjustments = steps.steps.iter().map(|step| StepAdjustment {
                metric_interval_lower_bound: step.lower,
                metric_interval_upper_bound: step.upper,
                scaling_adjustment: Some(step.adjustment),
            });
            ScalingPolicy {
                policy_type: Some("StepScaling".to_owned()),
                step_scaling_policy_configuration: Some(StepScalingPolicyConfiguration {
                    adjustment_type: Some(steps.adjustment.name().to_owned()),
                    step_adjustments: Some(adjustments.collect()),
                    min_adjustment_magnitude: steps.least_change,
                    cooldown: steps.cooldown,
                    metric_aggregation_type: steps.aggregation,
                }),
                ..base
            }
        }
    }
}
