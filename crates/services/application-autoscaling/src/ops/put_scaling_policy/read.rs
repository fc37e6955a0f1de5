//! The configuration of a policy.

use crate::errors;
use crate::policy::{Adjustment, PolicyKind, Step, Steps, Tracking};
use crate::target::Place;
use capacity::tracking::TARGETS;
use model::ApiError;
use model::application_autoscaling::{
    PutScalingPolicyInput, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration,
};

/// Steps of a policy.
const STEPS_MAX: usize = 20;

/// What a request says; `None` where it leaves the configuration out.
pub(super) fn kind(input: &PutScalingPolicyInput, place: &Place) -> Result<Option<PolicyKind>, ApiError> {
    match input.policy_type.as_deref() {
        Some("TargetTrackingScaling") => {
            let read = |given| tracking(given, place).map(PolicyKind::Tracking);
            input.target_tracking_scaling_policy_configuration.as_ref().map(read).transpose()
        }
        None | Some("StepScaling") => {
            let read = |given| steps(given).map(PolicyKind::Steps);
            input.step_scaling_policy_configuration.as_ref().map(read).transpose()
        }
        Some(other) => Err(errors::validation(format!("Policy type {other} is not supported for dynamodb"))),
    }
}

/// Stands in a new policy that is refused before it is kept.
pub(super) fn without_configuration() -> PolicyKind {
    PolicyKind::Tracking(Tracking {
        target: 70.0,
        out_cooldown: None,
        in_cooldown: None,
        is_in_disabled: None,
    })
}

pub(super) fn missing_configuration() -> ApiError {
    errors::validation("The configuration of the scaling policy must be given when it is put first")
}

fn tracking(given: &TargetTrackingScalingPolicyConfiguration, place: &Place) -> Result<Tracking, ApiError> {
    if given.customized_metric_specification.is_some() {
        return Err(errors::validation("CustomizedMetricSpecification is not supported for dynamodb"));
    }
    let metric = given
        .predefined_metric_specification
        .as_ref()
        .and_then(|metric| metric.predefined_metric_type.as_deref());
    let expect = match place.dimension.is_read() {
        true => "DynamoDBReadCapacityUtilization",
        false => "DynamoDBWriteCapacityUtilization",
    };
    if metric != Some(expect) {
        let text = format!("PredefinedMetricType for {} must be {expect}", place.dimension.name());
        return Err(errors::validation(text));
    }
    let target = given.target_value.unwrap_or_default();
    if !TARGETS.contains(&target) {
        let (least, most) = (TARGETS.start(), TARGETS.end());
        return Err(errors::validation(format!(
            "Target value must be between {least} and {most} for {expect}"
        )));
    }
    Ok(Tracking {
        target,
        out_cooldown: cooldown(given.scale_out_cooldown, "ScaleOutCooldown")?,
        in_cooldown: cooldown(given.scale_in_cooldown, "ScaleInCooldown")?,
        is_in_disabled: given.disable_scale_in,
    })
}

fn steps(given: &StepScalingPolicyConfiguration) -> Result<Steps, ApiError> {
    let name = given.adjustment_type.as_deref().unwrap_or_default();
    let adjustment = Adjustment::named(name);
    let adjustment = adjustment
        .ok_or_else(|| errors::validation("AdjustmentType must be given for a step scaling policy"))?;
    let steps = given.step_adjustments.iter().flatten().map(|step| Step {
        lower: step.metric_interval_lower_bound,
        upper: step.metric_interval_upper_bound,
        adjustment: step.scaling_adjustment.unwrap_or_default(),
    });
    let steps: Vec<Step> = steps.collect();
    if steps.is_empty() || steps.len() > STEPS_MAX {
        return Err(errors::validation(format!("There must be between 1 and {STEPS_MAX} step adjustments")));
    }
    let is_sound = |step: &Step| {
        let (lower, upper) = (step.lower.unwrap_or(f64::NEG_INFINITY), step.upper.unwrap_or(f64::INFINITY));
        lower < upper && (step.lower.is_some() || step.upper.is_some())
    };
    if !steps.iter().all(is_sound) || overlap(&steps) {
        return Err(errors::validation("The intervals of step adjustments must not be empty or overlap"));
    }
    let cooldown = cooldown(given.cooldown, "Cooldown")?;
    let (least_change, aggregation) = (given.min_adjustment_magnitude, given.metric_aggregation_type.clone());
    Ok(Steps { adjustment, steps, least_change, cooldown, aggregation })
}

fn overlap(steps: &[Step]) -> bool {
    let mut bounds: Vec<(f64, f64)> = steps
        .iter()
        .map(|step| (step.lower.unwrap_or(f64::NEG_INFINITY), step.upper.unwrap_or(f64::INFINITY)))
        .collect();
    bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    bounds.windows(2).any(|pair| pair[0].1 > pair[1].0)
}

fn cooldown(seconds: Option<i64>, name: &str) -> Result<Option<i64>, ApiError> {
    match seconds {
        Some(seconds) if !(0..=86_400).contains(&seconds) => {
            Err(errors::validation(format!("{name} must be between 0 and 86400 seconds")))
        }
        seconds => Ok(seconds),
    }
}
