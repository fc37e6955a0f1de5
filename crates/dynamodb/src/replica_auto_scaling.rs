//! How the replicas of a table scale, as DescribeTableReplicaAutoScaling tells and UpdateTableReplicaAutoScaling
//! changes it. Whoever scales keeps it, in each region; this is the view on it by replica.

use crate::auto_scaling::{Scaled, ScalingChange, ScalingPolicy, ScalingSettings};
use crate::describe::{self, Moment};
use crate::errors::codes;
use crate::global_table::settled_members;
use crate::service::DynamoDb;
use engine::table::{IndexKind, IndexStatus};
use engine::{Table, TableStatistics};
use model::ApiError;
use model::dynamodb as shapes;
use pipeline::{Caller, Cx};
use std::sync::Arc;

/// The replicas of a table, itself first. A table without any is none.
pub fn members(cx: &Cx<'_, DynamoDb>, table: &Arc<Table>) -> Result<Vec<Arc<Table>>, ApiError> {
    if table.global().is_none() {
        return Err(not_found(format!("Global table with name: {} does not exist.", table.name)));
    }
    settled_members(cx, table)
}

/// Nothing of that name.
pub fn not_found(text: String) -> ApiError {
    ApiError::new(codes::RESOURCE_NOT_FOUND, text)
}

/// How all replicas scale.
pub async fn description(
    cx: &Cx<'_, DynamoDb>,
    table: &Table,
    members: &[Arc<Table>],
) -> Result<shapes::TableAutoScalingDescription, ApiError> {
    let mut replicas = Vec::with_capacity(members.len());
    for member in members {
        replicas.push(replica(cx, member).await?);
    }
    let described = describe::table(table, &TableStatistics::empty(table), Moment::at(cx.now_micros));
    Ok(shapes::TableAutoScalingDescription {
        table_name: Some(table.name.clone()),
        table_status: described.table_status,
        replicas: Some(replicas),
    })
}

async fn replica(
    cx: &Cx<'_, DynamoDb>,
    member: &Table,
) -> Result<shapes::ReplicaAutoScalingDescription, ApiError> {
    let mut indexes = Vec::new();
    for index in member.indexes.iter().filter(|index| index.kind == IndexKind::Global) {
        let reads = settings(cx, member, Some(&index.name), true).await?;
        let writes = settings(cx, member, Some(&index.name), false).await?;
        indexes.push(shapes::ReplicaGlobalSecondaryIndexAutoScalingDescription {
            index_name: Some(index.name.clone()),
            index_status: Some(index_status(index.status).to_owned()),
            provisioned_read_capacity_auto_scaling_settings: Some(reads),
            provisioned_write_capacity_auto_scaling_settings: Some(writes),
        });
    }
    Ok(shapes::ReplicaAutoScalingDescription {
        region_name: Some(member.scope.region.to_string()),
        global_secondary_indexes: Some(indexes),
        replica_provisioned_read_capacity_auto_scaling_settings: Some(
            settings(cx, member, None, true).await?,
        ),
        replica_provisioned_write_capacity_auto_scaling_settings: Some(
            settings(cx, member, None, false).await?,
        ),
        replica_status: Some("ACTIVE".to_owned()),
    })
}

fn index_status(status: IndexStatus) -> &'static str {
    match status {
        IndexStatus::Active => "ACTIVE",
        IndexStatus::Backfilling => "CREATING",
        IndexStatus::Deleting => "DELETING",
    }
}

/// How something of a replica scales.
pub async fn settings(
    cx: &Cx<'_, DynamoDb>,
    member: &Table,
    index: Option<&str>,
    is_read: bool,
) -> Result<shapes::AutoScalingSettingsDescription, ApiError> {
    Ok(shown(told(cx, member, index, is_read).await?))
}

/// The same as whoever scales tells it, if it does.
pub async fn told(
    cx: &Cx<'_, DynamoDb>,
    member: &Table,
    index: Option<&str>,
    is_read: bool,
) -> Result<Option<ScalingSettings>, ApiError> {
    let place = place(member, index, is_read);
    cx.service.scaling.settings(&caller_of(cx, member), cx.now_micros, &place).await
}

/// As it is described.
pub fn shown(settings: Option<ScalingSettings>) -> shapes::AutoScalingSettingsDescription {
    let Some(settings) = settings else {
        return shapes::AutoScalingSettingsDescription {
            auto_scaling_disabled: Some(true),
            scaling_policies: Some(Vec::new()),
            ..Default::default()
        };
    };
    let policy = |policy: ScalingPolicy| shapes::AutoScalingPolicyDescription {
        policy_name: Some(policy.name),
        target_tracking_scaling_policy_configuration: Some(
            shapes::AutoScalingTargetTrackingScalingPolicyConfigurationDescription {
                disable_scale_in: policy.is_in_disabled,
                scale_in_cooldown: policy.in_cooldown,
                scale_out_cooldown: policy.out_cooldown,
                target_value: Some(policy.target),
            },
        ),
    };
    shapes::AutoScalingSettingsDescription {
        minimum_units: Some(settings.minimum),
        maximum_units: Some(settings.maximum),
        auto_scaling_role_arn: Some(settings.role_arn),
        scaling_policies: Some(settings.policies.into_iter().map(policy).collect()),
        ..Default::default()
    }
}

/// A change of how a place scales, as it was asked for. A policy without a name has the one that DynamoDB gives.
pub fn change(update: &shapes::AutoScalingSettingsUpdate, place: &Scaled) -> ScalingChange {
    if update.auto_scaling_disabled == Some(true) {
        return ScalingChange::Off;
    }
    let policy = update.scaling_policy_update.as_ref().map(|policy| {
        let tracking = policy.target_tracking_scaling_policy_configuration.clone().unwrap_or_default();
        ScalingPolicy {
            name: policy.policy_name.clone().unwrap_or_else(|| place.policy_name()),
            target: tracking.target_value.unwrap_or_default(),
            in_cooldown: tracking.scale_in_cooldown,
            out_cooldown: tracking.scale_out_cooldown,
            is_in_disabled: tracking.disable_scale_in,
        }
    });
    ScalingChange::On { minimum: update.minimum_units, maximum: update.maximum_units, policy }
}

/// Makes a change in the region of a replica.
pub async fn apply(
    cx: &Cx<'_, DynamoDb>,
    member: &Table,
    place: &Scaled,
    change: &ScalingChange,
) -> Result<(), ApiError> {
    cx.service.scaling.change(&caller_of(cx, member), cx.now_micros, place, change).await
}

/// Reads or writes of a replica or of one of its indexes.
pub fn place(member: &Table, index: Option<&str>, is_read: bool) -> Scaled {
    Scaled { table: member.name.clone(), index: index.map(str::to_owned), is_read }
}

fn caller_of(cx: &Cx<'_, DynamoDb>, member: &Table) -> Caller {
    Caller { region: Arc::clone(&member.scope.region), ..cx.caller.clone() }
}
