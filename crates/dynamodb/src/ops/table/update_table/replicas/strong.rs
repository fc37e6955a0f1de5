//! Strongly consistent global tables: made of an empty table in one call, with two replicas or a replica and a witness,
//! and dissolved in one. There are three regions, or none.

use super::create::{exists, free_place, keys_are_alike, stream_is_enabled, with_key};
use super::{members, region};
use crate::checks::capacity_quota;
use crate::encryption;
use crate::errors::{deletion_of_one, no_time_to_live, store_error, too_many_tables};
use crate::global_table::in_use;
use crate::service::DynamoDb;
use crate::table_change::attempted;
use engine::table::IndexKind;
use engine::{CreateError, Table};
use model::ApiError;
use model::dynamodb::{GlobalTableWitnessGroupUpdate, ReplicationGroupUpdate, UpdateTableInput};
use pipeline::Cx;
use std::sync::Arc;

/// Regions that can be part of one.
const REGIONS: [&str; 10] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "us-east-1",
    "us-east-2",
    "us-west-2",
];
/// Beside the region that is asked.
const OTHERS: usize = 2;

/// Whether a request is to make one.
pub fn is_asked_for(input: &UpdateTableInput) -> bool {
    input.multi_region_consistency.as_deref() == Some("STRONG")
}

/// A witness is only part of a strongly consistent global table.
pub fn check_witness(input: &UpdateTableInput) -> Result<(), ApiError> {
    let Some(witness) = witness(input) else { return Ok(()) };
    match (&witness.create, &witness.delete) {
        (Some(_), None) if !is_asked_for(input) => Err(witness_needs_strong()),
        (None, None) => Err(ApiError::validation(
            "There are no actions specified in the Replica Update Action of the request.",
        )),
        (Some(_), Some(_)) => Err(ApiError::validation(
            "Update table operation with more than one type of replica actions not allowed.",
        )),
        _ => Ok(()),
    }
}

fn witness_needs_strong() -> ApiError {
    ApiError::validation(
        "MultiRegionConsistency must be set as STRONG when GlobalTableWitnessUpdates parameter is present.",
    )
}

/// Replicas are only added with a consistency, and all regions together. `creates` has each region once.
pub fn check(input: &UpdateTableInput, creates: &[&ReplicationGroupUpdate]) -> Result<(), ApiError> {
    let updates = || input.replica_updates.iter().flatten();
    let witness = witness(input);
    let removes = witness.is_some_and(|witness| witness.delete.is_some());
    if input.multi_region_consistency.is_some()
        && (removes || updates().any(|update| update.create.is_none()))
    {
        return Err(ApiError::validation(
            "Only Replica Create actions are supported when MultiRegionConsistency parameter is provided.",
        ));
    }
    if !is_asked_for(input) {
        return Ok(());
    }
    let witness = witness.and_then(created_witness);
    if creates.iter().any(|update| Some(region(update)) == witness) {
        return Err(ApiError::validation("Cannot target multiple regions with the same action"));
    }
    match creates.len() + usize::from(witness.is_some()) {
        OTHERS => Ok(()),
        _ => Err(ApiError::validation(
            "Unsupported replica count for global tables with MultiRegionConsistency set to STRONG.",
        )),
    }
}

/// What a table that is there allows.
pub fn is_possible(table: &Table, input: &UpdateTableInput) -> Result<(), ApiError> {
    let updates = || input.replica_updates.iter().flatten();
    let global = table.global();
    if global.is_some() && input.multi_region_consistency.is_some() {
        return Err(ApiError::validation(
            "MultiRegionConsistency parameter is unsupported on existing global table",
        ));
    }
    let Some(strong) = global.filter(|global| global.is_strong) else {
        let removes = witness(input).is_some_and(|witness| witness.delete.is_some());
        return if removes { Err(witness_needs_strong()) } else { Ok(()) };
    };
    if updates().any(|update| update.create.is_some()) {
        return Err(ApiError::validation(
            "Cannot add replicas to a global table with strong MultiRegionConsistency",
        ));
    }
    if updates().any(|update| update.disassociate.is_some()) {
        return Err(deletion_of_one());
    }
    let deletes: Vec<&str> = updates().filter(|update| update.delete.is_some()).map(region).collect();
    let witness = witness(input).and_then(|witness| witness.delete.as_ref()?.region_name.as_deref());
    if deletes.is_empty() && witness.is_none() {
        return Ok(());
    }
    if strong.regions.iter().any(|region| !deletes.contains(&&**region)) {
        return Err(deletion_of_one());
    }
    match (strong.witness.as_deref(), witness) {
        (known, named) if known == named => Ok(()),
        (None, Some(stranger)) => Err(super::not_members(&[stranger])),
        _ => Err(ApiError::validation("Update table delete operation does not include all witnesses.")),
    }
}

fn witness(input: &UpdateTableInput) -> Option<&GlobalTableWitnessGroupUpdate> {
    input.global_table_witness_updates.as_ref()?.first()
}

fn created_witness(update: &GlobalTableWitnessGroupUpdate) -> Option<&str> {
    update.create.as_ref()?.region_name.as_deref()
}

/// Makes a table the first of three. False: it was changed meanwhile.
pub async fn create(
    cx: &Cx<'_, DynamoDb>,
    read: &Arc<Table>,
    input: &UpdateTableInput,
    creates: &[&ReplicationGroupUpdate],
) -> Result<bool, ApiError> {
    let witness = witness(input).and_then(created_witness);
    regions_fit(read, creates, witness)?;
    let actions: Vec<_> = creates.iter().filter_map(|update| update.create.as_ref()).collect();
    let mut scopes = Vec::with_capacity(actions.len());
    for action in &actions {
        scopes.push(free_place(cx, read, action).await?);
    }
    members(cx, read)?;
    for action in &actions {
        keys_are_alike(read.settings.sse.as_ref(), action)?;
    }
    can_be_strong(cx, read).await?;
    if !stream_is_enabled(cx, read).await? {
        return Ok(false);
    }
    let mut new = Vec::with_capacity(actions.len());
    for (action, scope) in actions.into_iter().zip(scopes) {
        new.push(with_key(cx, read, action, scope).await?);
    }
    let sealings: Vec<_> = new.iter().map(|new| (new.scope.clone(), new.settings.sealing.clone())).collect();
    let created = cx.service.engine.create_strong_replicas(new, read, witness.map(Into::into)).await;
    if !matches!(created, Ok(Some(_)) | Err(CreateError::Store(_))) {
        for (scope, sealing) in &sealings {
            encryption::retire(cx, scope, sealing.as_ref()).await;
        }
    }
    match created {
        Ok(created) => Ok(created.is_some()),
        Err(CreateError::Exists) => Err(exists(&read.name)),
        Err(CreateError::TooManyTables) => Err(too_many_tables()),
        Err(CreateError::NoRoom(no_room)) => Err(capacity_quota::no_room(&no_room)),
        Err(CreateError::Store(error)) => Err(store_error(&error)),
    }
}

/// The witness has a region of its own, and every region can be part of such a table.
fn regions_fit(
    read: &Table,
    creates: &[&ReplicationGroupUpdate],
    witness: Option<&str>,
) -> Result<(), ApiError> {
    let here = &*read.scope.region;
    if witness == Some(here) {
        return Err(ApiError::validation(
            "Cannot add a witness in the same region as an existing replica when creating a global table with \
             MultiRegionConsistency set to STRONG.",
        ));
    }
    let all = std::iter::once(here).chain(creates.iter().map(|update| region(update))).chain(witness);
    let incapable: Vec<&str> = all.filter(|region| !REGIONS.contains(region)).collect();
    if incapable.is_empty() {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "Unsupported Region(s) specified for global tables with MultiRegionConsistency set to STRONG: [{}].",
        incapable.join(", ")
    )))
}

/// Without items, local indexes and time to live.
async fn can_be_strong(cx: &Cx<'_, DynamoDb>, read: &Table) -> Result<(), ApiError> {
    if read.indexes.iter().any(|index| index.kind == IndexKind::Local) {
        return Err(ApiError::validation(
            "Local secondary indexes are not supported for global tables with MultiRegionConsistency set to STRONG.",
        ));
    }
    if read.settings.time_to_live.is_some() {
        return Err(no_time_to_live());
    }
    let statistics = cx.service.engine.statistics(read).await.map_err(|error| store_error(&error))?;
    match statistics.items {
        0 => Ok(()),
        _ => Err(ApiError::validation(
            "The table must be empty to create a global table with MultiRegionConsistency set to STRONG.",
        )),
    }
}

/// Takes all replicas but the one that is asked away. False: one of them was changed meanwhile.
pub async fn dissolve(cx: &Cx<'_, DynamoDb>, read: &Arc<Table>) -> Result<bool, ApiError> {
    let members = members(cx, read)?;
    if members.len() != 1 + read.global().map_or(0, |global| global.regions.len()) {
        return Err(in_use());
    }
    if let Some(member) = members[1..].iter().find(|member| member.settings.deletion_protection) {
        return Err(super::remove::protected(&read.name, &member.scope.region));
    }
    let until_micros = cx.service.shows_until_micros(cx.now_micros);
    let dissolving = cx.service.engine.begin_dissolving(&members, until_micros).await;
    Ok(attempted(cx, dissolving).await?.is_some())
}
