//! Tables that are created with AutoScalingSettings: a target and a tracking policy for reads and for writes of the
//! table and each global index, named as DynamoDB's console names them. This is also the way in for DynamoDB's
//! operations on how replicas scale.

use crate::policy::Tracking;
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Dimension, NAMESPACE, Place};
use dynamodb::auto_scaling::{Registered, Scaled, Scaler, ScalingChange, Told, Wanted};
use model::ApiError;
use model::application_autoscaling::{
    PredefinedMetricSpecification, PutScalingPolicy, PutScalingPolicyInput, RegisterScalableTarget,
    RegisterScalableTargetInput, TargetTrackingScalingPolicyConfiguration,
};

impl Scaler for ApplicationAutoScaling {
    fn register<'a>(
        &'a self,
        caller: &'a pipeline::Caller,
        now_micros: u64,
        wanted: &'a Wanted,
    ) -> Registered<'a> {
        let caller = Caller { account: &caller.account, region: &caller.region, now_micros };
        Box::pin(async move {
            for place in places(wanted) {
                self.call_self::<RegisterScalableTarget>(&caller, target(&place, wanted)).await?;
                self.call_self::<PutScalingPolicy>(&caller, policy(&place, wanted)).await?;
            }
            Ok::<(), ApiError>(())
        })
    }

    fn settings<'a>(&'a self, caller: &'a pipeline::Caller, now_micros: u64, scaled: &'a Scaled) -> Told<'a> {
        let caller = Caller { account: &caller.account, region: &caller.region, now_micros };
        Box::pin(async move { self.scaling_of(&caller, scaled).await })
    }

    fn change<'a>(
        &'a self,
        caller: &'a pipeline::Caller,
        now_micros: u64,
        scaled: &'a Scaled,
        change: &'a ScalingChange,
    ) -> Registered<'a> {
        let caller = Caller { account: &caller.account, region: &caller.region, now_micros };
        Box::pin(async move { self.change_scaling(&caller, scaled, change).await })
    }
}

fn places(wanted: &Wanted) -> Vec<Place> {
    let place = |index: Option<&String>, dimension| Place {
        table: wanted.table.clone(),
        index: index.cloned(),
        dimension,
    };
    let of_table = [Dimension::TableRead, Dimension::TableWrite].map(|dimension| place(None, dimension));
    let of_indexes = wanted.indexes.iter().flat_map(|index| {
        [Dimension::IndexRead, Dimension::IndexWrite].map(|dimension| place(Some(index), dimension))
    });
    of_table.into_iter().chain(of_indexes).collect()
}

fn target(place: &Place, wanted: &Wanted) -> RegisterScalableTargetInput {
    RegisterScalableTargetInput {
        service_namespace: Some(NAMESPACE.to_owned()),
        resource_id: Some(place.resource_id()),
        scalable_dimension: Some(place.dimension.name().to_owned()),
        min_capacity: Some(wanted.bounds.0),
        max_capacity: Some(wanted.bounds.1),
        ..RegisterScalableTargetInput::default()
    }
}

fn policy(place: &Place, wanted: &Wanted) -> PutScalingPolicyInput {
    let tracking =
        Tracking { target: wanted.target, out_cooldown: None, in_cooldown: None, is_in_disabled: None };
    tracking_policy(place, &format!("{}:{}", metric(place), place.resource_id()), &tracking)
}

fn metric(place: &Place) -> &'static str {
    match place.dimension.is_read() {
        true => "DynamoDBReadCapacityUtilization",
        false => "DynamoDBWriteCapacityUtilization",
    }
}

/// What puts a policy that follows a target.
pub(crate) fn tracking_policy(place: &Place, name: &str, tracking: &Tracking) -> PutScalingPolicyInput {
    let configuration = TargetTrackingScalingPolicyConfiguration {
        target_value: Some(tracking.target),
        predefined_metric_specification: Some(PredefinedMetricSpecification {
            predefined_metric_type: Some(metric(place).to_owned()),
            resource_label: None,
        }),
        scale_out_cooldown: tracking.out_cooldown,
        scale_in_cooldown: tracking.in_cooldown,
        disable_scale_in: tracking.is_in_disabled,
        ..TargetTrackingScalingPolicyConfiguration::default()
    };
    PutScalingPolicyInput {
        policy_name: Some(name.to_owned()),
        service_namespace: Some(NAMESPACE.to_owned()),
        resource_id: Some(place.resource_id()),
        scalable_dimension: Some(place.dimension.name().to_owned()),
        policy_type: Some("TargetTrackingScaling".to_owned()),
        target_tracking_scaling_policy_configuration: Some(configuration),
        ..PutScalingPolicyInput::default()
    }
}
