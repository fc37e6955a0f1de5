//! UpdateGlobalTableSettings: how the replicas of a global table of version 2017.11.29 are paid for. The billing mode
//! and writes are changed in all of them, reads and the class of the table in those that are named; how they scale is
//! changed behind that.
//!
//! Order of refusals: constraints → no such global table → nothing to change → a region that is no replica → no such
//! index → a replica that comes or goes → what UpdateTable refuses in a region, in the order of regions.
//!
//! The replicas here are changed in one commit. Those at peers are each changed by their server, before those here:
//! nothing is changed anywhere while one of the servers refuses it or cannot be reached. A server that fails after that
//! leaves what those before it have changed, and the same request again completes it, since what is as it should be
//! is left as it is.

use crate::errors::{self, codes, table_keeps_changing};
use crate::global_table;
use crate::legacy_global_table::{self as legacy, ReplicaSettings, Terms};
use crate::peering::{self, Weighed};
use crate::service::DynamoDb;
use crate::table_change::ATTEMPTS_MAX;
use engine::Table;
use engine::table::RemoteReplica;
use model::ApiError;
use model::dynamodb::{
    UpdateGlobalTableSettings, UpdateGlobalTableSettingsInput, UpdateGlobalTableSettingsOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Operation<DynamoDb> for UpdateGlobalTableSettings {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateGlobalTableSettingsInput> = Validation::MODEL;
    type Plan = UpdateGlobalTableSettingsInput;

    fn check(input: UpdateGlobalTableSettingsInput) -> Result<UpdateGlobalTableSettingsInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &UpdateGlobalTableSettingsInput) -> Access<'static> {
        super::access(cx, "dynamodb:UpdateGlobalTableSettings", input.global_table_name.as_deref())
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: UpdateGlobalTableSettingsInput,
    ) -> Result<UpdateGlobalTableSettingsOutput, ApiError> {
        let name = input.global_table_name.clone().unwrap_or_default();
        let members = members(cx, &name)?;
        something_to_do(&input)?;
        are_there(&members, &input)?;
        let told = change_elsewhere(cx, &members, judge(cx, &members, &input).await?).await?;
        change_here(cx, &name, &input).await?;
        let replica_settings = Some(legacy::all_settings(cx, &self::members(cx, &name)?, told).await?);
        Ok(UpdateGlobalTableSettingsOutput { global_table_name: Some(name), replica_settings })
    }
}

fn members(cx: &Cx<'_, DynamoDb>, name: &str) -> Result<Vec<Arc<Table>>, ApiError> {
    legacy::members(cx, name).ok_or_else(|| errors::no_global_table_settings(name))
}

fn something_to_do(input: &UpdateGlobalTableSettingsInput) -> Result<(), ApiError> {
    let global_table_name = input.global_table_name.clone();
    match *input == (UpdateGlobalTableSettingsInput { global_table_name, ..Default::default() }) {
        true => Err(ApiError::validation("One or more parameter values were invalid")),
        false => Ok(()),
    }
}

/// Every region that is named is that of a replica.
fn are_there(members: &[Arc<Table>], input: &UpdateGlobalTableSettingsInput) -> Result<(), ApiError> {
    let regions = legacy::regions(members);
    let updates = input.replica_settings_update.iter().flatten();
    let mut named = updates.map(|update| update.region_name.as_deref().unwrap_or_default());
    match named.find(|region| !regions.contains(*region)) {
        Some(region) => {
            let text =
                format!("Failed to update the settings of the replica in region {region}: there is none.");
            Err(ApiError::new(codes::REPLICA_NOT_FOUND, text))
        }
        None => Ok(()),
    }
}

/// A replica at a peer whose server does not refuse what is to change about it.
struct Judged {
    terms: Terms,
    weighed: Weighed,
}

/// Refuses what any server would refuse.
async fn judge(
    cx: &Cx<'_, DynamoDb>,
    members: &[Arc<Table>],
    input: &UpdateGlobalTableSettingsInput,
) -> Result<BTreeMap<Arc<str>, Judged>, ApiError> {
    for member in members {
        Terms::of(input, &member.scope.region).are_about(member)?;
    }
    are_at_rest(cx, members)?;
    let (mut judged, mut refusals) = (BTreeMap::new(), BTreeMap::new());
    for member in members {
        let region = &member.scope.region;
        if let Err(refusal) = Terms::of(input, region).put_on(cx, member) {
            refusals.insert(Arc::clone(region), refusal);
        }
    }
    for (member, replica) in legacy::elsewhere_of_all(members).filter(|(_, replica)| replica.is_member()) {
        let RemoteReplica { region, .. } = replica;
        let terms = Terms::of(input, &region);
        match peering::weigh(cx, member, &region, &terms).await {
            Ok(weighed) => drop(judged.insert(region, Judged { terms, weighed })),
            Err(refusal) => drop(refusals.insert(region, refusal)),
        }
    }
    let is_no_index = |refusal: &&ApiError| refusal.code == codes::INDEX_NOT_FOUND;
    match refusals.values().find(is_no_index).or_else(|| refusals.values().next()) {
        Some(refusal) => Err(refusal.clone()),
        None => Ok(judged),
    }
}

fn are_at_rest(cx: &Cx<'_, DynamoDb>, members: &[Arc<Table>]) -> Result<(), ApiError> {
    match members.iter().any(|member| global_table::is_changing(member, cx.now_micros)) {
        true => Err(global_table::in_use()),
        false => Ok(()),
    }
}

/// Has the servers of replicas elsewhere change those that it concerns. What the settings of all are then.
async fn change_elsewhere(
    cx: &Cx<'_, DynamoDb>,
    members: &[Arc<Table>],
    judged: BTreeMap<Arc<str>, Judged>,
) -> Result<BTreeMap<Arc<str>, ReplicaSettings>, ApiError> {
    let mut told = BTreeMap::new();
    for (region, Judged { terms, weighed }) in judged {
        let settings = match terms.are_none() {
            true => weighed.settings,
            false => peering::pay(cx, &members[0], &region, (&terms, &weighed.seen)).await?,
        };
        told.insert(region, settings);
    }
    Ok(told)
}

/// Changes all replicas here that it concerns.
async fn change_here(
    cx: &Cx<'_, DynamoDb>,
    name: &str,
    input: &UpdateGlobalTableSettingsInput,
) -> Result<(), ApiError> {
    for _ in 0..ATTEMPTS_MAX {
        let members = members(cx, name)?;
        are_at_rest(cx, &members)?;
        let terms: Vec<_> = members.iter().map(|member| Terms::of(input, &member.scope.region)).collect();
        let mut nexts = Vec::with_capacity(members.len());
        for (member, terms) in members.iter().zip(&terms) {
            nexts.push(terms.put_on(cx, member)?);
        }
        let is_as_it_should_be = nexts.iter().zip(&members).all(|(next, member)| *next == **member);
        if !is_as_it_should_be {
            let changed = global_table::attempt(cx, &members, |at, table| *table = nexts[at].clone()).await?;
            if changed.is_none() {
                continue;
            }
        }
        for (member, terms) in members.iter().zip(&terms) {
            terms.scale(cx, member).await?;
        }
        return Ok(());
    }
    Err(table_keeps_changing())
}
