//! UpdateGlobalTable: replicas of a global table of version 2017.11.29. A table that is taken away stays, with what it
//! has.
//!
//! Order of refusals: constraints → no update, several, or one that does nothing → none are made here, for a new
//! replica → no such global table → a region that is a replica already, or is none → what the new table is like → a
//! replica that is on its way out.

use crate::errors::{self, codes, table_keeps_changing};
use crate::global_table::in_use;
use crate::legacy_global_table as legacy;
use crate::legacy_global_table::candidate::{self, Found};
use crate::peering;
use crate::service::DynamoDb;
use crate::table_change::{ATTEMPTS_MAX, attempted};
use engine::table::RemoteReplica;
use engine::{Joined, Table};
use model::ApiError;
use model::dynamodb::{UpdateGlobalTable, UpdateGlobalTableInput, UpdateGlobalTableOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;

impl Operation<DynamoDb> for UpdateGlobalTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateGlobalTableInput> = Validation::MODEL;
    type Plan = UpdateGlobalTableInput;

    fn check(input: UpdateGlobalTableInput) -> Result<UpdateGlobalTableInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &UpdateGlobalTableInput) -> Access<'static> {
        super::access(cx, "dynamodb:UpdateGlobalTable", input.global_table_name.as_deref())
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: UpdateGlobalTableInput,
    ) -> Result<UpdateGlobalTableOutput, ApiError> {
        let name = input.global_table_name.unwrap_or_default();
        let change = change(input.replica_updates.as_deref().unwrap_or_default())?;
        if let Change::Create(_) = change {
            cx.service.legacy_global_tables.check()?;
        }
        for _ in 0..ATTEMPTS_MAX {
            if attempt(cx, &name, change).await? {
                let members = legacy::members(cx, &name).unwrap_or_default();
                let mut description = legacy::description(cx, &name, &members);
                description.global_table_status = Some("UPDATING".to_owned());
                return Ok(UpdateGlobalTableOutput { global_table_description: Some(description) });
            }
        }
        Err(table_keeps_changing())
    }
}

/// What is to change, and where.
#[derive(Clone, Copy)]
enum Change<'a> {
    Create(&'a str),
    Delete(&'a str),
}

/// One replica comes or goes.
fn change(updates: &[model::dynamodb::ReplicaUpdate]) -> Result<Change<'_>, ApiError> {
    let creates = updates.iter().filter_map(|update| update.create.as_ref()?.region_name.as_deref());
    let deletes = updates.iter().filter_map(|update| update.delete.as_ref()?.region_name.as_deref());
    let mut changes = creates.map(Change::Create).chain(deletes.map(Change::Delete));
    match (changes.next(), changes.next()) {
        (Some(change), None) => Ok(change),
        _ => Err(ApiError::validation("One or more parameter values were invalid")),
    }
}

/// False: a table was changed meanwhile.
async fn attempt(cx: &Cx<'_, DynamoDb>, name: &str, change: Change<'_>) -> Result<bool, ApiError> {
    let members = legacy::members(cx, name).ok_or_else(|| errors::global_table_not_found(name))?;
    match change {
        Change::Create(region) => create(cx, name, (region, members)).await,
        Change::Delete(region) => delete(cx, (region, members)).await,
    }
}

/// A table that is there, here or at a peer, becomes a replica.
async fn create(
    cx: &Cx<'_, DynamoDb>,
    name: &str,
    (region, mut members): (&str, Vec<Arc<Table>>),
) -> Result<bool, ApiError> {
    let known = legacy::regions(&members);
    if known.contains(region) {
        let text = format!("Failed to create a replica in region {region}: there is one already.");
        return Err(ApiError::new(codes::REPLICA_ALREADY_EXISTS, text));
    }
    let failed = members[0].remote_replicas().iter().filter(|replica| !replica.is_member());
    let failed: Vec<&str> = failed.map(|replica| &*replica.region).collect();
    let asked = known.iter().map(String::as_str).filter(|region| !failed.contains(region));
    let found = candidate::look(cx, name, asked.clone().chain([region])).await?;
    found.in_region(name, region)?.check(name)?;
    are_of_group(&found, &members[0], (name, region))?;
    candidate::are_alike(&found.candidates)?;
    found.candidates.iter().try_for_each(|candidate| candidate.check_empty(name))?;
    if found.candidates.len() != asked.count() + 1 {
        return Err(in_use());
    }
    are_all(&members)?;
    let source = Arc::clone(&members[0].scope.region);
    let incarnation = peering::next_incarnation(cx, Some(&members[0]), region).await?;
    let mut elsewhere: Vec<(Arc<str>, u64)> = remote_members(&members[0]).collect();
    match found.tables.iter().find(|table| *table.scope.region == *region) {
        Some(table) => members.push(Arc::clone(table)),
        None => elsewhere.push((region.into(), incarnation)),
    }
    let joined = Joined { elsewhere: &elsewhere, incarnation, source: &source, ..Joined::default() };
    let joined = cx.service.engine.join_replicas(&members, joined).await;
    Ok(attempted(cx, joined).await?.is_some())
}

fn remote_members(member: &Table) -> impl Iterator<Item = (Arc<str>, u64)> {
    let members = member.remote_replicas().iter().filter(|replica| replica.is_member());
    members.map(|replica| (Arc::clone(&replica.region), replica.incarnation))
}

/// The peers have no other global table of the name.
fn are_of_group(found: &Found, member: &Table, (name, region): (&str, &str)) -> Result<(), ApiError> {
    match found.groups.iter().all(|group| member.is_of_group(group)) {
        true => Ok(()),
        false => Err(ApiError::validation(format!(
            "The peer that hosts region {region} or another one has another global table named {name}."
        ))),
    }
}

/// A replica becomes a table of its own.
async fn delete(
    cx: &Cx<'_, DynamoDb>,
    (region, mut members): (&str, Vec<Arc<Table>>),
) -> Result<bool, ApiError> {
    if members[0].remote_replica(region).is_some() {
        let parted = peering::part(cx, &members[0], region, in_use).await?;
        return Ok(parted.unwrap_or_default());
    }
    let at = members.iter().position(|member| *member.scope.region == *region);
    let at = at.ok_or_else(|| {
        let text = format!("Failed to delete the replica in region {region}: there is none.");
        ApiError::new(codes::REPLICA_NOT_FOUND, text)
    })?;
    are_all(&members)?;
    members.swap(0, at);
    let parting = cx.service.engine.begin_parting(&members).await;
    Ok(attempted(cx, parting).await?.is_some())
}

/// While one of a global table comes, is going its own way, or is being deleted, nothing else changes.
fn are_all(members: &[Arc<Table>]) -> Result<(), ApiError> {
    let first = members.first();
    let regions = first.and_then(|member| member.global()).map_or(0, |global| global.regions.len());
    let mut elsewhere = members.iter().flat_map(|member| member.remote_replicas());
    match regions + 1 == members.len() && !elsewhere.any(RemoteReplica::is_changing) {
        true => Ok(()),
        false => Err(in_use()),
    }
}
