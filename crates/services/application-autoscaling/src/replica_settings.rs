//! How replicas of a table scale, told and changed for DynamoDB's operations about that: a target and a tracking
//! policy for reads and for writes of the table and each global index.

use crate::errors;
use crate::new_tables::tracking_policy;
use crate::policy::{Policy, PolicyKind, Tracking};
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Dimension, NAMESPACE, Place, Target, role_arn};
use dynamodb::auto_scaling::{Scaled, ScalingChange, ScalingPolicy, ScalingSettings};
use model::ApiError;
use model::application_autoscaling::{
    DeleteScalingPolicy, DeleteScalingPolicyInput, DeregisterScalableTarget, DeregisterScalableTargetInput,
    PutScalingPolicy, RegisterScalableTarget, RegisterScalableTargetInput,
};

impl ApplicationAutoScaling {
    /// How a place scales, if it does.
    pub(crate) async fn scaling_of(
        &self,
        caller: &Caller<'_>,
        scaled: &Scaled,
    ) -> Result<Option<ScalingSettings>, ApiError> {
        let target = self.target(caller, &place(scaled)).await.map_err(errors::record)?;
        Ok(target.map(|target| ScalingSettings {
            minimum: target.minimum,
            maximum: target.maximum,
            role_arn: role_arn(caller.account),
            policies: target.policies.iter().filter_map(shown).collect(),
        }))
    }

    /// Changes how a place scales.
    pub(crate) async fn change_scaling(
        &self,
        caller: &Caller<'_>,
        scaled: &Scaled,
        change: &ScalingChange,
    ) -> Result<(), ApiError> {
        let place = place(scaled);
        let target = self.target(caller, &place).await.map_err(errors::record)?;
        match change {
            ScalingChange::Off => self.deregister(caller, &place, target.as_ref()).await,
            ScalingChange::On { minimum, maximum, policy } => {
                if minimum.is_some() || maximum.is_some() || target.is_none() {
                    self.register_target(caller, &place, (*minimum, *maximum)).await?;
                }
                match policy {
                    Some(policy) => self.replace_policy(caller, &place, target.as_ref(), policy).await,
                    None => Ok(()),
                }
            }
        }
    }

    async fn deregister(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        target: Option<&Target>,
    ) -> Result<(), ApiError> {
        if target.is_none() {
            return Ok(());
        }
        let input = DeregisterScalableTargetInput {
            service_namespace: Some(NAMESPACE.to_owned()),
            resource_id: Some(place.resource_id()),
            scalable_dimension: Some(place.dimension.name().to_owned()),
        };
        self.call_self::<DeregisterScalableTarget>(caller, input).await.map(|_| ())
    }

    async fn register_target(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        (min_capacity, max_capacity): (Option<i64>, Option<i64>),
    ) -> Result<(), ApiError> {
        let input = RegisterScalableTargetInput {
            service_namespace: Some(NAMESPACE.to_owned()),
            resource_id: Some(place.resource_id()),
            scalable_dimension: Some(place.dimension.name().to_owned()),
            min_capacity,
            max_capacity,
            ..RegisterScalableTargetInput::default()
        };
        self.call_self::<RegisterScalableTarget>(caller, input).await.map(|_| ())
    }

    /// One of another name goes.
    async fn replace_policy(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        target: Option<&Target>,
        policy: &ScalingPolicy,
    ) -> Result<(), ApiError> {
        let known = target.map_or(&[][..], |target| &target.policies);
        for other in known.iter().filter(|known| known.name != policy.name && shown(known).is_some()) {
            let input = DeleteScalingPolicyInput {
                policy_name: Some(other.name.clone()),
                service_namespace: Some(NAMESPACE.to_owned()),
                resource_id: Some(place.resource_id()),
                scalable_dimension: Some(place.dimension.name().to_owned()),
            };
            self.call_self::<DeleteScalingPolicy>(caller, input).await?;
        }
        let tracking = Tracking {
            target: policy.target,
            out_cooldown: policy.out_cooldown,
            in_cooldown: policy.in_cooldown,
            is_in_disabled: policy.is_in_disabled,
        };
        let input = tracking_policy(place, &policy.name, &tracking);
        self.call_self::<PutScalingPolicy>(caller, input).await.map(|_| ())
    }
}

fn place(scaled: &Scaled) -> Place {
    let dimension = match (scaled.index.is_some(), scaled.is_read) {
        (false, true) => Dimension::TableRead,
        (false, false) => Dimension::TableWrite,
        (true, true) => Dimension::IndexRead,
        (true, false) => Dimension::IndexWrite,
    };
    Place { table: scaled.table.clone(), index: scaled.index.clone(), dimension }
}

/// Policies that follow a target are told, others are not.
fn shown(policy: &Policy) -> Option<ScalingPolicy> {
    let PolicyKind::Tracking(tracking) = &policy.kind else { return None };
    Some(ScalingPolicy {
        name: policy.name.clone(),
        target: tracking.target,
        in_cooldown: tracking.in_cooldown,
        out_cooldown: tracking.out_cooldown,
        is_in_disabled: tracking.is_in_disabled,
    })
}
