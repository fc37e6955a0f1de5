//! Replicas of the table in other regions: one is added or taken away in a call, or any number is given settings of its
//! own; those of a strongly consistent global table come and go together.
//!
//! Order of refusals behind those of the request alone: no such table → its own region → a region that there is not →
//! what is no replica, or is one already → what is under way → the key of KMS.

mod create;
mod overrides;
mod remove;
mod strong;

pub use remove::begin as begin_leaving;

use crate::checks::table_ref::TableRef;
use crate::checks::under_way::UnderWay;
use crate::checks::{deleted_table, not_built, settings_replication};
use crate::errors::table_keeps_changing;
use crate::global_table::{REGIONS, in_use, settled_members};
use crate::peering;
use crate::service::DynamoDb;
use crate::table_change::ATTEMPTS_MAX;
use engine::Table;
use model::ApiError;
use model::dynamodb::{ReplicationGroupUpdate, UpdateReplicationGroupMemberAction, UpdateTableInput};
use pipeline::{Access, Cx};
use std::sync::Arc;

/// The rules that need no table.
pub fn check(input: &UpdateTableInput) -> Result<(), ApiError> {
    settings_replication::check(input.global_table_settings_replication_mode.as_deref())?;
    let Some(updates) = &input.replica_updates else { return Ok(()) };
    strong::check_witness(input)?;
    updates.iter().try_for_each(one_action)?;
    let changes = changes(updates)?;
    strong::check(input, &changes)?;
    let are_all = |is: fn(&ReplicationGroupUpdate) -> bool| changes.iter().all(|update| is(update));
    let may_be_several = strong::is_asked_for(input) || are_all(|update| update.delete.is_some());
    if may_be_several { Ok(()) } else { only_one(&changes) }
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

/// The replicas that come or go: two creations of the same region count as one.
fn changes(updates: &[ReplicationGroupUpdate]) -> Result<Vec<&ReplicationGroupUpdate>, ApiError> {
    let mut regions: Vec<&str> = Vec::new();
    let mut changes: Vec<&ReplicationGroupUpdate> = Vec::new();
    for update in updates {
        let region = region(update);
        let is_same = update.create.is_some() && changes.contains(&update);
        if regions.contains(&region) && !is_same {
            return Err(ApiError::validation("Cannot target multiple regions with the same action"));
        }
        if update.update.is_none() && !is_same {
            changes.push(update);
        }
        regions.push(region);
    }
    Ok(changes)
}

/// All at once come and go only the replicas of a strongly consistent global table.
fn only_one(changes: &[&ReplicationGroupUpdate]) -> Result<(), ApiError> {
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

/// What of a change is made in every replica. Protection, keys and warm throughput are each region's own.
pub fn shared(input: &UpdateTableInput) -> UpdateTableInput {
    UpdateTableInput {
        deletion_protection_enabled: None,
        disassociation_protection_enabled: None,
        sse_specification: None,
        warm_throughput: None,
        ..input.clone()
    }
}

/// Keeps what is for a table with replicas.
pub fn apply(next: &mut Table, input: &UpdateTableInput) {
    let mode = input.global_table_settings_replication_mode.as_deref();
    let settings = &mut next.settings;
    settings.replicates_settings = settings_replication::is_enabled(mode).or(settings.replicates_settings);
    settings.disassociation_protection =
        input.disassociation_protection_enabled.or(settings.disassociation_protection);
}

/// What the caller must be allowed to do beside changing the table.
pub fn access(
    cx: &Cx<'_, DynamoDb>,
    table: &TableRef,
    input: &UpdateTableInput,
    access: &mut Access<'static>,
) {
    let updates = || input.replica_updates.iter().flatten();
    let actions = [
        (updates().any(|update| update.create.is_some()), "dynamodb:CreateTableReplica"),
        (updates().any(|update| update.delete.is_some()), "dynamodb:DeleteTableReplica"),
    ];
    for (_, action) in actions.iter().filter(|(given, _)| *given) {
        access.needs.extend(crate::access::table(cx, action, table).needs);
    }
}

/// Adds replicas or takes some away. Returns the table as it is without those that are added.
pub async fn change(
    cx: &Cx<'_, DynamoDb>,
    table: &TableRef,
    input: &UpdateTableInput,
) -> Result<Arc<Table>, ApiError> {
    let updates = input.replica_updates.as_deref().unwrap_or_default();
    let changes = changes(updates)?;
    for _ in 0..ATTEMPTS_MAX {
        let read = deleted_table::find_to_change(cx, table).await?;
        if !strong::is_asked_for(input) && !read.is_strong() {
            only_one(&changes)?;
        }
        are_possible(cx, &read, updates)?;
        are_updates(updates)?;
        strong::is_possible(&read, input)?;
        if strong::is_asked_for(input) {
            peering::check_strong(cx, input)?;
        }
        let done = match changes.first().map(|update| (&update.create, region(update))) {
            Some((Some(_), _)) if strong::is_asked_for(input) => {
                strong::create(cx, &read, input, &changes).await?
            }
            Some((Some(action), _)) => create::attempt(cx, &read, action).await?,
            Some((None, region)) if changes[0].disassociate.is_some() => {
                remove::disassociate(cx, &read, region).await?
            }
            Some((None, _)) if read.is_strong() => strong::dissolve(cx, &read).await?,
            Some((None, region)) => remove::attempt(cx, &read, region).await?,
            None => overrides::attempt(cx, &read, updates).await?,
        };
        if done {
            return Ok(read);
        }
    }
    Err(table_keeps_changing())
}

/// The table's own region is no replica that could be added or taken away, and only what is one can be changed.
fn are_possible(
    cx: &Cx<'_, DynamoDb>,
    table: &Table,
    updates: &[ReplicationGroupUpdate],
) -> Result<(), ApiError> {
    if updates.iter().any(|update| update.update.is_none() && region(update) == &*table.scope.region) {
        return Err(ApiError::validation(
            "Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or \
             UpdateTable as required.",
        ));
    }
    let created = updates.iter().filter(|update| update.create.is_some()).map(region);
    let supported = peering::regions(cx).unwrap_or_else(|| REGIONS.map(str::to_owned).to_vec());
    if let Some(unknown) = created.clone().find(|region| !supported.iter().any(|known| known == region)) {
        return Err(ApiError::validation(format!(
            "Region {unknown} is not supported. The latest version of global tables are only supported in the following \
             regions: [{}]",
            supported.join(", ")
        )));
    }
    if table.is_legacy_replica() {
        return Err(ApiError::validation(
            "Replicas of a global table of version 2017.11.29 are changed by UpdateGlobalTable.",
        ));
    }
    let is_member = |region: &str| {
        region == &*table.scope.region
            || table.global().is_some_and(|global| global.regions.iter().any(|known| **known == *region))
            || table.remote_replica(region).is_some()
    };
    let changed = updates.iter().filter(|update| update.create.is_none()).map(region);
    let strangers: Vec<&str> = changed.filter(|region| !is_member(region)).collect();
    if strangers.is_empty() { Ok(()) } else { Err(not_members(&strangers)) }
}

fn not_members(strangers: &[&str]) -> ApiError {
    ApiError::validation(format!(
        "Update global table operation failed because one or more replicas were not part of the global table. Please \
         retry the request without these replicas: [{}].",
        strangers.join(", ")
    ))
}

/// What is no update of a replica, which is said of replicas that are there.
fn are_updates(updates: &[ReplicationGroupUpdate]) -> Result<(), ApiError> {
    let changed = || updates.iter().filter_map(|update| update.update.as_ref());
    if let Some(update) = changed().find(|update| update.kms_master_key_id.is_some()) {
        return Err(ApiError::validation(format!(
            "KMSMasterKeyId of a replica cannot be changed by ReplicaUpdates. Use UpdateTable with SSESpecification in \
             region {}.",
            update.region_name.as_deref().unwrap_or_default()
        )));
    }
    let several = changed().count() > 0 && updates.iter().any(|update| update.update.is_none());
    not_built::check(&[("ReplicaUpdates with Update beside another action", several)])
}

/// All replicas, at rest.
fn members(cx: &Cx<'_, DynamoDb>, read: &Arc<Table>) -> Result<Vec<Arc<Table>>, ApiError> {
    let members = settled_members(cx, read)?;
    match members.iter().any(|member| UnderWay::at(member, cx.now_micros).is_anything()) {
        true => Err(in_use()),
        false => Ok(members),
    }
}
