//! DescribeScheduledActions: scheduled actions of targets in order, 50 a page.
//!
//! Order of refusals: the model's constraints, all together; the namespace; names without a resource; the token.

use super::page::Page;
use crate::errors;
use crate::ops::{any, seconds};
use crate::schedule::ScheduledAction;
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{NAMESPACE, Place, is_ours};
use model::ApiError;
use model::application_autoscaling::{
    DescribeScheduledActions, DescribeScheduledActionsInput, DescribeScheduledActionsOutput,
    ScalableTargetAction, ScheduledAction as Shown,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<ApplicationAutoScaling> for DescribeScheduledActions {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeScheduledActionsInput> = Validation::MODEL;
    type Plan = (DescribeScheduledActionsInput, Page);

    fn check(input: DescribeScheduledActionsInput) -> Result<Self::Plan, ApiError> {
        is_ours(&input.service_namespace)?;
        if input.scheduled_action_names.is_some() && input.resource_id.is_none() {
            return Err(errors::validation("ResourceId must be given where ScheduledActionNames are"));
        }
        let page = Page::of(input.next_token.as_deref(), input.max_results)?;
        Ok((input, page))
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, _: &'a Self::Plan) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:DescribeScheduledActions", resource).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        (input, page): Self::Plan,
    ) -> Result<DescribeScheduledActionsOutput, ApiError> {
        let caller = Caller::of(cx);
        let targets = cx.service.targets(&caller).await.map_err(errors::record)?;
        let all = targets.into_iter().flat_map(|target| {
            let place = target.place;
            target.scheduled.into_iter().map(move |action| (place.clone(), action))
        });
        let found = all.filter(|(place, action)| takes(&input, place, action));
        let (found, next_token) = page.cut(found.collect());
        let scheduled_actions = found.into_iter().map(|(place, action)| shown(&caller, &place, action));
        Ok(DescribeScheduledActionsOutput {
            scheduled_actions: Some(scheduled_actions.collect()),
            next_token,
        })
    }
}

fn takes(input: &DescribeScheduledActionsInput, place: &Place, action: &ScheduledAction) -> bool {
    input.scheduled_action_names.as_ref().is_none_or(|names| names.contains(&action.name))
        && input.resource_id.as_ref().is_none_or(|id| *id == place.resource_id())
        && input.scalable_dimension.as_ref().is_none_or(|dimension| dimension == place.dimension.name())
}

fn shown(caller: &Caller<'_>, place: &Place, action: ScheduledAction) -> Shown {
    Shown {
        scheduled_action_arn: Some(action.arn(caller.account, caller.region, &place.resource_id())),
        scheduled_action_name: Some(action.name),
        service_namespace: Some(NAMESPACE.to_owned()),
        schedule: Some(action.schedule),
        timezone: action.timezone,
        resource_id: Some(place.resource_id()),
        scalable_dimension: Some(place.dimension.name().to_owned()),
        start_time: action.start_micros.and_then(seconds),
        end_time: action.end_micros.and_then(seconds),
        scalable_target_action: Some(ScalableTargetAction {
            min_capacity: action.minimum,
            max_capacity: action.maximum,
        }),
        creation_time: seconds(action.created_micros),
    }
}
