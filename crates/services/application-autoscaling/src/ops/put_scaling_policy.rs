//! PutScalingPolicy: gives a target a policy, or changes it. A tracking policy makes its alarms.
//!
//! Order of refusals: the model's constraints, all together; whether it is a table's; the configuration; whether the
//! target is registered; how many policies it has.

mod read;

use crate::alarms::{self, Kind as AlarmKind};
use crate::errors;
use crate::ops::any;
use crate::policy::{Policy, PolicyKind};
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Place, Target};
use model::ApiError;
use model::application_autoscaling::{PutScalingPolicy, PutScalingPolicyInput, PutScalingPolicyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Policies of a target.
const POLICIES_MAX: usize = 50;

/// What is asked for.
pub struct Asked {
    place: Place,
    name: String,
    kind: Option<PolicyKind>,
}

impl Operation<ApplicationAutoScaling> for PutScalingPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutScalingPolicyInput> = Validation::MODEL;
    type Plan = Asked;

    fn check(input: PutScalingPolicyInput) -> Result<Asked, ApiError> {
        let place = Place::of(&input.service_namespace, &input.resource_id, &input.scalable_dimension)?;
        let kind = read::kind(&input, &place)?;
        Ok(Asked { place, name: input.policy_name.unwrap_or_default(), kind })
    }

    fn access<'a>(cx: &'a Cx<'_, ApplicationAutoScaling>, _: &'a Asked) -> Access<'a> {
        let resource = any(&cx.caller.account, &cx.caller.region);
        Need::new("application-autoscaling:PutScalingPolicy", resource).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        asked: Asked,
    ) -> Result<PutScalingPolicyOutput, ApiError> {
        let (service, caller, place) = (cx.service, Caller::of(cx), &asked.place);
        let new = Policy {
            name: asked.name.clone(),
            id: service.random.uuid(),
            kind: asked.kind.clone().unwrap_or_else(read::without_configuration),
            created_micros: caller.now_micros,
            alarms: AlarmKind::ALL.map(|kind| kind.name(place, &service.random.uuid())).to_vec(),
            last: None,
        };
        let change = |known: Option<Target>| {
            let mut target = known.ok_or_else(|| errors::no_registered_target(place))?;
            let policy = put(&mut target, &new, asked.kind.is_some())?;
            Ok((Some(target), policy))
        };
        let policy = service.change_target(&caller, place, change).await?;
        if let Ok(current) = service.capacity(&caller, place).await {
            service.put_alarms(&caller, place, &policy, current.of(place)).await?;
        }
        Ok(PutScalingPolicyOutput {
            policy_arn: Some(policy.arn(caller.account, caller.region, place)),
            alarms: Some(alarms::shown(&policy, caller.account, caller.region)),
        })
    }
}

/// One that is there keeps its number, its alarms, and what it did.
fn put(target: &mut Target, new: &Policy, has_configuration: bool) -> Result<Policy, ApiError> {
    let is_tracking = |kind: &PolicyKind| matches!(kind, PolicyKind::Tracking(_));
    let others = target.policies.iter().filter(|known| known.name != new.name);
    if is_tracking(&new.kind) && others.clone().any(|known| is_tracking(&known.kind)) {
        return Err(errors::validation(
            "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
        ));
    }
    let mut policy = match target.policies.iter().find(|known| known.name == new.name) {
        Some(known) if !has_configuration => known.clone(),
        Some(known) => Policy { kind: new.kind.clone(), ..known.clone() },
        None if !has_configuration => return Err(read::missing_configuration()),
        None => new.clone(),
    };
    match is_tracking(&policy.kind) {
        true if policy.alarms.is_empty() => policy.alarms.clone_from(&new.alarms),
        true => {}
        false => policy.alarms.clear(),
    }
    target.policies.retain(|known| known.name != new.name);
    if target.policies.len() >= POLICIES_MAX {
        return Err(errors::too_many("scaling policies", POLICIES_MAX));
    }
    target.policies.push(policy.clone());
    Ok(policy)
}
