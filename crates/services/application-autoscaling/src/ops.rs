//! The table of operations: every operation of the service once, built or planned.

mod delete_scaling_policy;
mod delete_scheduled_action;
mod deregister_scalable_target;
mod describe_scalable_targets;
mod describe_scaling_activities;
mod describe_scaling_policies;
mod describe_scheduled_actions;
mod list_tags_for_resource;
mod page;
mod put_scaling_policy;
mod put_scheduled_action;
mod register_scalable_target;
mod tag_resource;
mod untag_resource;

use crate::service::ApplicationAutoScaling;
use model::application_autoscaling::{
    DeleteScalingPolicy, DeleteScheduledAction, DeregisterScalableTarget, DescribeScalableTargets,
    DescribeScalingActivities, DescribeScalingPolicies, DescribeScheduledActions, ListTagsForResource,
    PutScalingPolicy, PutScheduledAction, RegisterScalableTarget, TagResource, UntagResource,
};
use pipeline::{Entry, document_entry, planned};

/// Application Auto Scaling's operations.
pub static OPERATIONS: [Entry<ApplicationAutoScaling>; 14] = [
    // Targets
    document_entry::<_, RegisterScalableTarget>(),
    document_entry::<_, DeregisterScalableTarget>(),
    document_entry::<_, DescribeScalableTargets>(),
    // Policies
    document_entry::<_, PutScalingPolicy>(),
    document_entry::<_, DeleteScalingPolicy>(),
    document_entry::<_, DescribeScalingPolicies>(),
    document_entry::<_, DescribeScalingActivities>(),
    planned("GetPredictiveScalingForecast"),
    // Scheduled actions
    document_entry::<_, PutScheduledAction>(),
    document_entry::<_, DeleteScheduledAction>(),
    document_entry::<_, DescribeScheduledActions>(),
    // Tags
    document_entry::<_, TagResource>(),
    document_entry::<_, UntagResource>(),
    document_entry::<_, ListTagsForResource>(),
];

/// Seconds with milliseconds.
pub(crate) fn seconds(micros: u64) -> Option<f64> {
    Some((micros / 1_000) as f64 / 1_000.0)
}

/// The ARN pattern that permissions of this service name.
fn any(account: &str, region: &str) -> String {
    format!("arn:aws:application-autoscaling:{region}:{account}:scalable-target/*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::application_autoscaling::OPERATIONS);
    }
}
