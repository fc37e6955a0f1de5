//! PutScheduledAction: changes the bounds of a target at times.
//!
//! Order of refusals: the model's constraints, all together; whether it is a table's; schedule, time zone, times and
//! bounds; whether the target is registered; how many actions it has.

use crate::errors;
use crate::ops::any;
use crate::schedule::{Schedule, ScheduledAction, zone};
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Place, Target};
use model::ApiError;
use model::application_autoscaling::{PutScheduledAction, PutScheduledActionInput, PutScheduledActionOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Scheduled actions of a target.
const ACTIONS_MAX: usize = 200;

impl Operation<ApplicationAutoScaling> for PutScheduledAction {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutScheduledActionInput> = Validation::MODEL;
    type Plan = (Place, PutScheduledActionInput);

    fn check(input: PutScheduledActionInput) -> Result<Self::Plan, ApiError> {
        let place = Place::of(&input.service_namespace, &input.resource_id, &input.scalable_dimension)?;
        if let Some(schedule) = &input.schedule
            && Schedule::parse(schedule).is_none()
        {
            return Err(errors::validation(format!("Invalid schedule expression: {schedule}")));
        }
        if zone(input.timezone.as_deref()).is_none() {
            return Err(errors::validation(format!(
                "Invalid time zone: {}",
                input.timezone.unwrap_or_default()
            )));
        }
        if let Some(action) = &input.scalable_target_action {
            let (minimum, maximum) = (action.min_capacity, action.max_capacity);
            if minimum.is_none() && maximum.is_none() {
                return Err(errors::validation(
                    "ScalableTargetAction must have a minimum or a maximum capacity",
                ));
            }
            if minimum.zip(maximum).is_some_and(|(minimum, maximum)| maximum < minimum) {
                return Err(errors::validation("Maximum capacity cannot be less than minimum capacity"));
            }
            if minimum.into_iter().chain(maximum).any(|bound| bound < 1) {
                return Err(errors::validation(
                    "Minimum and maximum capacity must be greater than or equal to 1",
                ));
            }
        }
        if input.start_time.zip(input.end_time).is_some_and(|(start, end)| start >= end) {
            return Err(errors::validation("StartTime must be before EndTime"));
        }
        Ok((place, input))
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, _: &'a Self::Plan) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:PutScheduledAction", resource).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        (place, input): Self::Plan,
    ) -> Result<PutScheduledActionOutput, ApiError> {
        let (caller, id) = (Caller::of(cx), cx.service.random.uuid());
        let change = |known: Option<Target>| {
            let mut target = known.ok_or_else(|| errors::no_registered_target(&place))?;
            let name = input.scheduled_action_name.clone().unwrap_or_default();
            let old = target.scheduled.iter().position(|action| action.name == name);
            let action =
                changed(old.map(|at| target.scheduled.remove(at)), &input, name, &id, caller.now_micros)?;
            if target.scheduled.len() >= ACTIONS_MAX {
                return Err(errors::too_many("scheduled actions", ACTIONS_MAX));
            }
            target.scheduled.push(action);
            Ok((Some(target), ()))
        };
        cx.service.change_target(&caller, &place, change).await?;
        Ok(PutScheduledActionOutput {})
    }
}

/// What is given replaces what was there; a time that is over is refused.
fn changed(
    old: Option<ScheduledAction>,
    input: &PutScheduledActionInput,
    name: String,
    id: &str,
    now_micros: u64,
) -> Result<ScheduledAction, ApiError> {
    let micros = |seconds: Option<f64>| seconds.filter(|at| *at > 0.0).map(|seconds| (seconds * 1e6) as u64);
    let schedule = input.schedule.clone().or(old.as_ref().map(|old| old.schedule.clone()));
    let action = input.scalable_target_action.as_ref();
    let changed = ScheduledAction {
        name,
        id: old.as_ref().map_or_else(|| id.to_owned(), |old| old.id.clone()),
        schedule: schedule.ok_or_else(|| errors::validation("Schedule must be given"))?,
        timezone: input.timezone.clone().or(old.as_ref().and_then(|old| old.timezone.clone())),
        start_micros: micros(input.start_time),
        end_micros: micros(input.end_time),
        minimum: action.map_or(old.as_ref().and_then(|old| old.minimum), |action| action.min_capacity),
        maximum: action.map_or(old.as_ref().and_then(|old| old.maximum), |action| action.max_capacity),
        created_micros: old.map_or(now_micros, |old| old.created_micros),
        done_micros: now_micros,
    };
    if changed.end_micros.is_some_and(|end| end <= now_micros) {
        return Err(errors::validation("EndTime must be in the future"));
    }
    if changed.minimum.is_none() && changed.maximum.is_none() {
        return Err(errors::validation("ScalableTargetAction must be given"));
    }
    let is_once = changed.schedule.starts_with("at(");
    let zone = zone(changed.timezone.as_deref());
    let next = Schedule::parse(&changed.schedule).zip(zone).and_then(|(schedule, zone)| {
        schedule.next(now_micros, changed.start_micros.unwrap_or(changed.created_micros), &zone)
    });
    if is_once && next.is_none() {
        return Err(errors::validation("Schedule must be in the future"));
    }
    Ok(changed)
}
