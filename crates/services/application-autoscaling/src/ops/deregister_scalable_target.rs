//! DeregisterScalableTarget: forgets a target, with its policies, their alarms, and its scheduled actions.
//!
//! Order of refusals: the model's constraints, all together; whether it is a table's; whether it is registered.

use crate::errors;
use crate::ops::any;
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Place, Target};
use model::ApiError;
use model::application_autoscaling::{
    DeregisterScalableTarget, DeregisterScalableTargetInput, DeregisterScalableTargetOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<ApplicationAutoScaling> for DeregisterScalableTarget {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeregisterScalableTargetInput> = Validation::MODEL;
    type Plan = Place;

    fn check(input: DeregisterScalableTargetInput) -> Result<Place, ApiError> {
        Place::of(&input.service_namespace, &input.resource_id, &input.scalable_dimension)
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, _: &'a Place) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:DeregisterScalableTarget", resource).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        place: Place,
    ) -> Result<DeregisterScalableTargetOutput, ApiError> {
        let caller = Caller::of(cx);
        let forget = |known: Option<Target>| Ok((None, known.ok_or_else(|| errors::no_target(&place))?));
        let target = cx.service.change_target(&caller, &place, forget).await?;
        for policy in &target.policies {
            cx.service.delete_alarms(&caller, policy).await?;
        }
        Ok(DeregisterScalableTargetOutput {})
    }
}
