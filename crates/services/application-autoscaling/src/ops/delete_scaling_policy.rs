//! DeleteScalingPolicy: takes a policy from a target, with its alarms.
//!
//! Order of refusals: the model's constraints, all together; whether it is a table's; whether there is such a policy.

use crate::errors;
use crate::ops::any;
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Place, Target};
use model::ApiError;
use model::application_autoscaling::{
    DeleteScalingPolicy, DeleteScalingPolicyInput, DeleteScalingPolicyOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<ApplicationAutoScaling> for DeleteScalingPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteScalingPolicyInput> = Validation::MODEL;
    type Plan = (Place, String);

    fn check(input: DeleteScalingPolicyInput) -> Result<Self::Plan, ApiError> {
        let place = Place::of(&input.service_namespace, &input.resource_id, &input.scalable_dimension)?;
        Ok((place, input.policy_name.unwrap_or_default()))
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, _: &'a Self::Plan) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:DeleteScalingPolicy", resource).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        (place, name): Self::Plan,
    ) -> Result<DeleteScalingPolicyOutput, ApiError> {
        let caller = Caller::of(cx);
        let take = |known: Option<Target>| {
            let unknown = || errors::no_policy(&place, &name);
            let mut target = known.ok_or_else(unknown)?;
            let at = target.policies.iter().position(|policy| policy.name == name).ok_or_else(unknown)?;
            let policy = target.policies.remove(at);
            Ok((Some(target), policy))
        };
        let policy = cx.service.change_target(&caller, &place, take).await?;
        cx.service.delete_alarms(&caller, &policy).await?;
        Ok(DeleteScalingPolicyOutput {})
    }
}
