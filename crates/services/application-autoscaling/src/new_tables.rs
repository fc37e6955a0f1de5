//! Tables that are created with AutoScalingSettings: a target and a tracking policy for reads and for writes of the
//! table and each global index, named as DynamoDB's console names them.

use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Dimension, NAMESPACE, Place};
use dynamodb::auto_scaling::{Registered, Scaler, Wanted};
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
    let metric = match place.dimension.is_read() {
        true => "DynamoDBReadCapacityUtilization",
        false => "DynamoDBWriteCapacityUtilization",
    };
    let tracking = TargetTrackingScalingPolicyConfiguration {
        target_value: Some(wanted.target),
        predefined_metric_specification: Some(PredefinedMetricSpecification {
            predefined_metric_type: Some(metric.to_owned()),
            resource_label: None,
        }),
        ..TargetTrackingScalingPolicyConfiguration::default()
    };
    PutScalingPolicyInput {
        policy_name: Some(format!("{metric}:{}", place.resource_id())),
        service_namespace: Some(NAMESPACE.to_owned()),
        resource_id: Some(place.resource_id()),
        scalable_dimension: Some(place.dimension.name().to_owned()),
        policy_type: Some("TargetTrackingScaling".to_owned()),
        target_tracking_scaling_policy_configuration: Some(tracking),
        ..PutScalingPolicyInput::default()
    }
}
