//! RegisterScalableTarget: lets a table or an index scale between two bounds, or changes those given.
//!
//! Order of refusals: the model's constraints, all together; whether it is a table's; whether the table is there and
//! has capacity of its own; the bounds.

use crate::capacity::NoCapacity;
use crate::errors;
use crate::ops::any;
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Place, Suspended, Target};
use model::ApiError;
use model::application_autoscaling::{
    RegisterScalableTarget, RegisterScalableTargetInput, RegisterScalableTargetOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation, access};
use std::collections::BTreeMap;

/// Tags of a target.
pub(super) const TAGS_MAX: usize = 50;

/// What is asked for.
pub struct Asked {
    place: Place,
    input: RegisterScalableTargetInput,
    tags: BTreeMap<String, String>,
}

impl Operation<ApplicationAutoScaling> for RegisterScalableTarget {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RegisterScalableTargetInput> = Validation::MODEL;
    type Plan = Asked;

    fn check(input: RegisterScalableTargetInput) -> Result<Asked, ApiError> {
        let place = Place::of(&input.service_namespace, &input.resource_id, &input.scalable_dimension)?;
        let tags = input.tags.clone().unwrap_or_default();
        if tags.len() > TAGS_MAX {
            return Err(errors::too_many_tags(TAGS_MAX));
        }
        for (bound, name) in [(input.min_capacity, "Minimum"), (input.max_capacity, "Maximum")] {
            if bound.is_some_and(|bound| bound < 1) {
                return Err(errors::validation(format!(
                    "{name} capacity must be greater than or equal to 1"
                )));
            }
        }
        Ok(Asked { place, input, tags })
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, asked: &'a Asked) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:RegisterScalableTarget", resource)
            .tagged(access::Tags::set(asked.tags.clone()))
            .into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        asked: Asked,
    ) -> Result<RegisterScalableTargetOutput, ApiError> {
        let (service, caller) = (cx.service, Caller::of(cx));
        if let Err(why) = service.capacity(&caller, &asked.place).await {
            return Err(refused(&asked.place, why));
        }
        let id = service.random.uuid().replace('-', "");
        let change = |known: Option<Target>| {
            let target = registered(known, &asked, &id, caller.now_micros)?;
            Ok((Some(target.clone()), target))
        };
        let target = service.change_target(&caller, &asked.place, change).await?;
        service.bound(&caller, &target).await?;
        Ok(RegisterScalableTargetOutput {
            scalable_target_arn: Some(target.arn(caller.account, caller.region)),
        })
    }
}

fn refused(place: &Place, why: NoCapacity) -> ApiError {
    errors::validation(match why {
        NoCapacity::NotThere => format!("DynamoDB table does not exist: {}", place.resource_id()),
        NoCapacity::OnDemand => {
            format!(
                "DynamoDB table {} has no provisioned capacity: it is paid by the request",
                place.resource_id()
            )
        }
    })
}

fn registered(known: Option<Target>, asked: &Asked, id: &str, now_micros: u64) -> Result<Target, ApiError> {
    let (minimum, maximum) = (asked.input.min_capacity, asked.input.max_capacity);
    let missing =
        || errors::validation("A minimum and a maximum capacity must be given to register a scalable target");
    let mut target = match known {
        Some(target) => target,
        None => Target {
            place: asked.place.clone(),
            id: id.to_owned(),
            minimum: minimum.ok_or_else(missing)?,
            maximum: maximum.ok_or_else(missing)?,
            created_micros: now_micros,
            suspended: Suspended::default(),
            tags: BTreeMap::new(),
            policies: Vec::new(),
            scheduled: Vec::new(),
            not_scaled: None,
        },
    };
    target.minimum = minimum.unwrap_or(target.minimum);
    target.maximum = maximum.unwrap_or(target.maximum);
    if target.maximum < target.minimum {
        return Err(errors::validation("Maximum capacity cannot be less than minimum capacity"));
    }
    if let Some(given) = &asked.input.suspended_state {
        let known = target.suspended;
        target.suspended = Suspended {
            scaling_in: given.dynamic_scaling_in_suspended.unwrap_or(known.scaling_in),
            scaling_out: given.dynamic_scaling_out_suspended.unwrap_or(known.scaling_out),
            scheduled: given.scheduled_scaling_suspended.unwrap_or(known.scheduled),
        };
    }
    target.tags.extend(asked.tags.clone());
    if target.tags.len() > TAGS_MAX { Err(errors::too_many_tags(TAGS_MAX)) } else { Ok(target) }
}
