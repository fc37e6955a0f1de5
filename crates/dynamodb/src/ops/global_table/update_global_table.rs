//! UpdateGlobalTable: replicas of a global table of version 2017.11.29. A table that is taken away stays, with what it
//! has.
//!
//! Order of refusals: constraints → no update, several, or one that does nothing → none are made here, for a new
//! replica → no such global table → a region that is a replica already, or is none → what the new table is like → a
//! replica that is on its way out.

use crate::errors::{self, codes, table_keeps_changing};
use crate::global_table::in_use;
use crate::legacy_global_table as legacy;
use crate::service::DynamoDb;
use crate::table_change::{ATTEMPTS_MAX, attempted};
use model::ApiError;
use model::dynamodb::{UpdateGlobalTable, UpdateGlobalTableInput, UpdateGlobalTableOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

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
    let mut members = legacy::members(cx, name).ok_or_else(|| errors::global_table_not_found(name))?;
    let at = |region: &str| members.iter().position(|member| *member.scope.region == *region);
    let engine = &cx.service.engine;
    let changed = match change {
        Change::Create(region) if at(region).is_some() => {
            let text = format!("Failed to create a replica in region {region}: there is one already.");
            return Err(ApiError::new(codes::REPLICA_ALREADY_EXISTS, text));
        }
        Change::Create(region) => {
            members.push(legacy::candidate(cx, name, region).await?);
            legacy::are_alike(&members)?;
            for member in &members {
                legacy::is_empty(cx, member).await?;
            }
            are_all(&members, members.len() - 1)?;
            engine.join_replicas(&members, cx.now_micros).await
        }
        Change::Delete(region) => {
            let at = at(region).ok_or_else(|| {
                let text = format!("Failed to delete the replica in region {region}: there is none.");
                ApiError::new(codes::REPLICA_NOT_FOUND, text)
            })?;
            members.swap(0, at);
            are_all(&members, members.len())?;
            engine.begin_parting(&members).await
        }
    };
    Ok(attempted(cx, changed).await?.is_some())
}

/// While one of a global table is going its own way, or is being deleted, nothing else changes.
fn are_all(members: &[std::sync::Arc<engine::Table>], known: usize) -> Result<(), ApiError> {
    let regions = members.first().and_then(|member| member.global()).map_or(0, |global| global.regions.len());
    if regions + 1 == known { Ok(()) } else { Err(in_use()) }
}
