//! UpdateTableReplicaAutoScaling: writes scale alike in all replicas, reads in each as it is asked for.
//!
//! Order of refusals: the model's constraints → no such table, or one without replicas → a region that is no replica,
//! no such index → replicas that are paid for by request. What the bounds and policies must be is judged by whoever
//! scales.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::replica_auto_scaling::{apply, change, description, members, not_found, place};
use crate::service::DynamoDb;
use engine::Table;
use engine::table::{BillingMode, IndexKind, IndexStatus};
use model::ApiError;
use model::dynamodb::{
    AutoScalingSettingsUpdate, UpdateTableReplicaAutoScaling, UpdateTableReplicaAutoScalingInput,
    UpdateTableReplicaAutoScalingOutput,
};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;

/// The checked request.
pub struct Plan {
    table: TableRef,
    input: UpdateTableReplicaAutoScalingInput,
}

/// A change of a replica's reads or writes, or of those of an index.
struct Wanted<'a> {
    member: &'a Arc<Table>,
    index: Option<&'a str>,
    is_read: bool,
    update: &'a AutoScalingSettingsUpdate,
}

impl Operation<DynamoDb> for UpdateTableReplicaAutoScaling {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateTableReplicaAutoScalingInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: UpdateTableReplicaAutoScalingInput) -> Result<Plan, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        Ok(Plan { table: TableRef::of(input.table_name.clone()), input })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:UpdateTableReplicaAutoScaling", &plan.table)
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        Plan { table, input }: Plan,
    ) -> Result<UpdateTableReplicaAutoScalingOutput, ApiError> {
        let table = control_table_name::find(cx, &table).await?;
        let members = members(cx, &table)?;
        let wanted = wanted(&input, &members)?;
        are_provisioned(&table, &wanted)?;
        for Wanted { member, index, is_read, update } in &wanted {
            let place = place(member, *index, *is_read);
            apply(cx, member, &place, &change(update, &place)).await?;
        }
        let description = description(cx, &table, &members).await?;
        Ok(UpdateTableReplicaAutoScalingOutput { table_auto_scaling_description: Some(description) })
    }
}

/// Every place that is to change, writes before reads.
fn wanted<'a>(
    input: &'a UpdateTableReplicaAutoScalingInput,
    members: &'a [Arc<Table>],
) -> Result<Vec<Wanted<'a>>, ApiError> {
    let mut wanted = Vec::new();
    for member in members {
        let update = input.provisioned_write_capacity_auto_scaling_update.as_ref();
        wanted.extend(update.map(|update| Wanted { member, index: None, is_read: false, update }));
        for of_index in input.global_secondary_index_updates.iter().flatten() {
            let index = Some(index_of(member, of_index.index_name.as_deref())?);
            let update = of_index.provisioned_write_capacity_auto_scaling_update.as_ref();
            wanted.extend(update.map(|update| Wanted { member, index, is_read: false, update }));
        }
    }
    for of_replica in input.replica_updates.iter().flatten() {
        let region = of_replica.region_name.as_deref().unwrap_or_default();
        let member = members.iter().find(|member| *member.scope.region == *region);
        let member =
            member.ok_or_else(|| not_found(format!("Replica in region {region} does not exist.")))?;
        let update = of_replica.replica_provisioned_read_capacity_auto_scaling_update.as_ref();
        wanted.extend(update.map(|update| Wanted { member, index: None, is_read: true, update }));
        for of_index in of_replica.replica_global_secondary_index_updates.iter().flatten() {
            let index = Some(index_of(member, of_index.index_name.as_deref())?);
            let update = of_index.provisioned_read_capacity_auto_scaling_update.as_ref();
            wanted.extend(update.map(|update| Wanted { member, index, is_read: true, update }));
        }
    }
    Ok(wanted)
}

/// An index that is there; one that is being built is not yet.
fn index_of<'a>(member: &'a Table, name: Option<&str>) -> Result<&'a str, ApiError> {
    let name = name.unwrap_or_default();
    let mut indexes = member.indexes.iter().filter(|index| index.kind == IndexKind::Global);
    let found = indexes.find(|index| index.name == name && index.status == IndexStatus::Active);
    found.map(|index| index.name.as_str()).ok_or_else(|| {
        not_found(format!("Requested resource not found: Index {name} for table {}", member.name))
    })
}

/// What is paid for by request does not scale; that it does not may be asked for.
fn are_provisioned(table: &Table, wanted: &[Wanted<'_>]) -> Result<(), ApiError> {
    let asks = |wanted: &&Wanted<'_>| wanted.update.auto_scaling_disabled != Some(true);
    let mut regions: Vec<&str> = wanted
        .iter()
        .filter(asks)
        .filter(|wanted| wanted.member.settings.billing_mode == BillingMode::PayPerRequest)
        .map(|wanted| &*wanted.member.scope.region)
        .collect();
    regions.sort_unstable();
    regions.dedup();
    if regions.is_empty() {
        return Ok(());
    }
    let replicas: Vec<String> = regions.iter().map(|region| format!("'{region}'")).collect();
    let mut kinds: Vec<&str> = wanted.iter().filter(asks).map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    Err(ApiError::validation(format!(
        "Failed to update global table with name \u{2018}{}\u{2018}. Replicas {} BillingMode is PayPerRequest. \
         You must convert table's BillingMode to PROVISIONED to set parameters: '{}'.",
        table.name,
        replicas.join(", "),
        kinds.join(", ")
    )))
}

fn kind(wanted: &Wanted<'_>) -> &'static str {
    match (wanted.index.is_some(), wanted.is_read) {
        (false, false) => "ProvisionedWriteCapacityAutoScalingUpdate",
        (true, false) => "GlobalSecondaryIndexUpdates",
        (false, true) => "ReplicaProvisionedReadCapacityAutoScalingUpdate",
        (true, true) => "ReplicaGlobalSecondaryIndexUpdates",
    }
}
