//! Replicas of a table that has none: there is nothing to update or to take away. Adding one is not built.

use crate::checks::{not_built, settings_replication};
use engine::Table;
use model::ApiError;
use model::dynamodb::{ReplicationGroupUpdate, UpdateReplicationGroupMemberAction, UpdateTableInput};

/// The rules that need no table.
pub fn check(input: &UpdateTableInput) -> Result<(), ApiError> {
    settings_replication::check(input.global_table_settings_replication_mode.as_deref())?;
    let Some(updates) = &input.replica_updates else { return Ok(()) };
    if input.global_table_witness_updates.is_some()
        && input.multi_region_consistency.as_deref() != Some("STRONG")
    {
        return Err(ApiError::validation(
            "MultiRegionConsistency must be set as STRONG when GlobalTableWitnessUpdates parameter is present.",
        ));
    }
    updates.iter().try_for_each(one_action)?;
    few_actions(updates)
}

/// An update that only names its region is no action.
fn one_action(update: &ReplicationGroupUpdate) -> Result<(), ApiError> {
    let changes_nothing = |action: &UpdateReplicationGroupMemberAction| {
        let region_name = action.region_name.clone();
        *action == UpdateReplicationGroupMemberAction { region_name, ..Default::default() }
    };
    let given = [
        update.create.is_some(),
        update.update.as_ref().is_some_and(|action| !changes_nothing(action)),
        update.delete.is_some(),
        update.disassociate.is_some(),
    ];
    match given.iter().filter(|given| **given).count() {
        0 => Err(ApiError::validation(
            "There are no actions specified in the Replica Update Action of the request.",
        )),
        1 => Ok(()),
        _ => Err(ApiError::validation(
            "Update table operation with more than one type of replica actions not allowed.",
        )),
    }
}

/// Two creations of the same region count as one.
fn few_actions(updates: &[ReplicationGroupUpdate]) -> Result<(), ApiError> {
    let mut regions: Vec<&str> = Vec::new();
    let mut changes: Vec<&ReplicationGroupUpdate> = Vec::new();
    for update in updates {
        let region = region(update);
        if update.update.is_none() && !changes.contains(&update) {
            changes.push(update);
        } else if regions.contains(&region) {
            return Err(ApiError::validation("Cannot target multiple regions with the same action"));
        }
        regions.push(region);
    }
    match changes.len() {
        0 | 1 => Ok(()),
        _ => Err(ApiError::validation(
            "Update table operation with more than one create or delete replica actions not allowed",
        )),
    }
}

fn region(update: &ReplicationGroupUpdate) -> &str {
    let create = update.create.as_ref().map(|action| &action.region_name);
    let named = create
        .or(update.update.as_ref().map(|action| &action.region_name))
        .or(update.delete.as_ref().map(|action| &action.region_name))
        .or(update.disassociate.as_ref().map(|action| &action.region_name));
    named.and_then(|region| region.as_deref()).unwrap_or_default()
}

/// Keeps what is for a table with replicas.
pub fn apply(next: &mut Table, input: &UpdateTableInput) {
    let mode = input.global_table_settings_replication_mode.as_deref();
    let settings = &mut next.settings;
    settings.replicates_settings = settings_replication::is_enabled(mode).or(settings.replicates_settings);
    settings.disassociation_protection =
        input.disassociation_protection_enabled.or(settings.disassociation_protection);
}

/// The table's own region is no replica, and no other one is.
pub fn are_there(table: &Table, input: &UpdateTableInput) -> Result<(), ApiError> {
    let Some(updates) = &input.replica_updates else { return Ok(()) };
    if updates.iter().any(|update| update.update.is_none() && region(update) == &*table.scope.region) {
        return Err(ApiError::validation(
            "Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or \
             UpdateTable as required.",
        ));
    }
    let creates = updates.iter().any(|update| update.create.is_some());
    not_built::check(&[("ReplicaUpdates with Create", creates)])?;
    let regions: Vec<&str> = updates.iter().map(region).collect();
    Err(ApiError::validation(format!(
        "Update global table operation failed because one or more replicas were not part of the global table. Please \
         retry the request without these replicas: [{}].",
        regions.join(", ")
    )))
}
