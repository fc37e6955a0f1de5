//! DeleteScheduledAction: takes a scheduled action from a target.
//!
//! Order of refusals: the model's constraints, all together; whether it is a table's; whether there is such an action.

use crate::errors;
use crate::ops::any;
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Place, Target};
use model::ApiError;
use model::application_autoscaling::{
    DeleteScheduledAction, DeleteScheduledActionInput, DeleteScheduledActionOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<ApplicationAutoScaling> for DeleteScheduledAction {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteScheduledActionInput> = Validation::MODEL;
    type Plan = (Place, String);

    fn check(input: DeleteScheduledActionInput) -> Result<Self::Plan, ApiError> {
        let place = Place::of(&input.service_namespace, &input.resource_id, &input.scalable_dimension)?;
        Ok((place, input.scheduled_action_name.unwrap_or_default()))
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, _: &'a Self::Plan) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:DeleteScheduledAction", resource).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        (place, name): Self::Plan,
    ) -> Result<DeleteScheduledActionOutput, ApiError> {
        let take = |known: Option<Target>| {
            let unknown = || errors::no_scheduled_action(&place, &name);
            let mut target = known.ok_or_else(unknown)?;
            let at = target.scheduled.iter().position(|action| action.name == name).ok_or_else(unknown)?;
            target.scheduled.remove(at);
            Ok((Some(target), ()))
        };
        cx.service.change_target(&Caller::of(cx), &place, take).await?;
        Ok(DeleteScheduledActionOutput {})
    }
}
