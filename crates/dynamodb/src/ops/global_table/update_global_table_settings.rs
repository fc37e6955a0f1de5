//! UpdateGlobalTableSettings: how the replicas of a global table of version 2017.11.29 are paid for. The billing mode
//! and writes are changed in all of them, reads and the class of the table in those that are named, in one commit; how
//! they scale is changed behind that.
//!
//! Order of refusals: constraints → no such global table → nothing to change → a region that is no replica, no such
//! index → what UpdateTable refuses in a region, in the order of regions.

use crate::errors::{self, codes, table_keeps_changing};
use crate::global_table;
use crate::legacy_global_table as legacy;
use crate::ops::table::update_table::paid_for;
use crate::replica_auto_scaling as scaling;
use crate::service::DynamoDb;
use crate::table_change::ATTEMPTS_MAX;
use engine::Table;
use engine::table::{BillingMode, Index, IndexKind};
use model::ApiError;
use model::dynamodb::{
    AutoScalingSettingsUpdate, GlobalSecondaryIndexUpdate, ProvisionedThroughput,
    ReplicaGlobalSecondaryIndexSettingsUpdate, ReplicaSettingsUpdate, UpdateGlobalSecondaryIndexAction,
    UpdateGlobalTableSettings, UpdateGlobalTableSettingsInput, UpdateGlobalTableSettingsOutput,
    UpdateTableInput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
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
        for _ in 0..ATTEMPTS_MAX {
            let members = members(cx, &name)?;
            something_to_do(&input)?;
            legacy::check_settings_are_here("UpdateGlobalTableSettings", &members)?;
            are_there(&members, &input)?;
            let changes: Vec<_> = members.iter().map(|member| Change { member, input: &input }).collect();
            let scalings: Vec<_> = changes.iter().flat_map(Change::scalings).collect();
            if !attempt(cx, &members, &changes).await? {
                continue;
            }
            for Scaling { member, index, is_read, update } in &scalings {
                let place = scaling::place(member, *index, *is_read);
                scaling::apply(cx, member, &place, &scaling::change(update, &place)).await?;
            }
            let replica_settings = Some(legacy::all_settings(cx, &self::members(cx, &name)?).await?);
            return Ok(UpdateGlobalTableSettingsOutput { global_table_name: Some(name), replica_settings });
        }
        Err(table_keeps_changing())
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

/// Every region that is named is that of a replica, and every index is one of all.
fn are_there(members: &[Arc<Table>], input: &UpdateGlobalTableSettingsInput) -> Result<(), ApiError> {
    let of_replicas = || input.replica_settings_update.iter().flatten();
    for region in of_replicas().map(|update| update.region_name.as_deref().unwrap_or_default()) {
        if !members.iter().any(|member| *member.scope.region == *region) {
            let text =
                format!("Failed to update the settings of the replica in region {region}: there is none.");
            return Err(ApiError::new(codes::REPLICA_NOT_FOUND, text));
        }
    }
    let of_writes = input.global_table_global_secondary_index_settings_update.iter().flatten();
    let of_reads = of_replicas()
        .flat_map(|update| update.replica_global_secondary_index_settings_update.iter().flatten());
    let mut names =
        of_writes.map(|update| &update.index_name).chain(of_reads.map(|update| &update.index_name)).flatten();
    let is_there =
        |name: &&String| members.iter().all(|member| indexes(member).any(|index| index.name == **name));
    match names.find(|name| !is_there(name)) {
        Some(unknown) => {
            let text = format!("Requested resource not found: Index {unknown} of the global table");
            Err(ApiError::new(codes::INDEX_NOT_FOUND, text))
        }
        None => Ok(()),
    }
}

fn indexes(member: &Table) -> impl Iterator<Item = &Index> {
    member.indexes.iter().filter(|index| index.kind == IndexKind::Global)
}

/// Changes all replicas that it concerns. False: one of them was changed meanwhile.
async fn attempt(
    cx: &Cx<'_, DynamoDb>,
    members: &[Arc<Table>],
    changes: &[Change<'_>],
) -> Result<bool, ApiError> {
    if members.iter().any(|member| global_table::is_changing(member, cx.now_micros)) {
        return Err(global_table::in_use());
    }
    let mut nexts = Vec::with_capacity(changes.len());
    for change in changes {
        let (member, input) = (change.member, change.of_table());
        nexts.push(match input == UpdateTableInput::default() {
            true => Table::clone(member),
            false => paid_for(cx, member, &input)?,
        });
    }
    if nexts.iter().zip(members).all(|(next, member)| *next == **member) {
        return Ok(true);
    }
    let changed = global_table::attempt(cx, members, |at, table| *table = nexts[at].clone()).await?;
    Ok(changed.is_some())
}

/// What is asked for, from the point of view of one replica.
struct Change<'a> {
    member: &'a Arc<Table>,
    input: &'a UpdateGlobalTableSettingsInput,
}

/// A change of how something of a replica scales.
struct Scaling<'a> {
    member: &'a Table,
    index: Option<&'a str>,
    is_read: bool,
    update: &'a AutoScalingSettingsUpdate,
}

impl<'a> Change<'a> {
    fn of_replica(&self) -> Option<&'a ReplicaSettingsUpdate> {
        let mut updates = self.input.replica_settings_update.iter().flatten();
        updates.find(|update| update.region_name.as_deref() == Some(&*self.member.scope.region))
    }

    fn reads_of_indexes(&self) -> impl Iterator<Item = &'a ReplicaGlobalSecondaryIndexSettingsUpdate> {
        let update = self.of_replica();
        update
            .into_iter()
            .flat_map(|update| update.replica_global_secondary_index_settings_update.iter().flatten())
    }

    /// As UpdateTable is asked for it. What is as it should be is left out.
    fn of_table(&self) -> UpdateTableInput {
        let (settings, of_replica) = (&self.member.settings, self.of_replica());
        let mode = self.input.global_table_billing_mode.clone();
        let now = (settings.throughput.read_units, settings.throughput.write_units);
        let reads = of_replica.and_then(|update| update.replica_provisioned_read_capacity_units);
        let writes = self.input.global_table_provisioned_write_capacity_units;
        let throughput = units(now, (reads, writes), self.becomes_provisioned());
        let updates: Vec<_> = indexes(self.member).filter_map(|index| self.of_index(index)).collect();
        UpdateTableInput {
            billing_mode: mode,
            provisioned_throughput: throughput,
            global_secondary_index_updates: (!updates.is_empty()).then_some(updates),
            table_class: of_replica.and_then(|update| update.replica_table_class.clone()),
            ..Default::default()
        }
    }

    /// Whoever turns to it names the units, and those that stay are none yet.
    fn becomes_provisioned(&self) -> bool {
        self.member.settings.billing_mode == BillingMode::PayPerRequest
            && self.input.global_table_billing_mode.as_deref() == Some("PROVISIONED")
    }

    fn of_index(&self, index: &Index) -> Option<GlobalSecondaryIndexUpdate> {
        let reads = self.reads_of_indexes().find(|update| update.index_name.as_ref() == Some(&index.name));
        let mut writes = self.input.global_table_global_secondary_index_settings_update.iter().flatten();
        let writes = writes.find(|update| update.index_name.as_ref() == Some(&index.name));
        let asked = (
            reads.and_then(|update| update.provisioned_read_capacity_units),
            writes.and_then(|update| update.provisioned_write_capacity_units),
        );
        let now = (index.throughput.read_units, index.throughput.write_units);
        let throughput = units(now, asked, self.becomes_provisioned())?;
        let action = UpdateGlobalSecondaryIndexAction {
            index_name: Some(index.name.clone()),
            provisioned_throughput: Some(throughput),
            ..Default::default()
        };
        Some(GlobalSecondaryIndexUpdate { update: Some(action), ..Default::default() })
    }

    /// Writes before reads, the table before its indexes.
    fn scalings(&self) -> Vec<Scaling<'a>> {
        let member: &'a Table = self.member;
        let of_index = |index: &'a Option<String>, is_read, update: &'a Option<AutoScalingSettingsUpdate>| {
            update.as_ref().map(|update| Scaling { member, index: index.as_deref(), is_read, update })
        };
        let writes = self.input.global_table_provisioned_write_capacity_auto_scaling_settings_update.as_ref();
        let mut scalings: Vec<_> = writes
            .map(|update| Scaling { member, index: None, is_read: false, update })
            .into_iter()
            .collect();
        for update in self.input.global_table_global_secondary_index_settings_update.iter().flatten() {
            let of_writes = &update.provisioned_write_capacity_auto_scaling_settings_update;
            scalings.extend(of_index(&update.index_name, false, of_writes));
        }
        let reads = self.of_replica().and_then(|update| {
            update.replica_provisioned_read_capacity_auto_scaling_settings_update.as_ref()
        });
        scalings.extend(reads.map(|update| Scaling { member, index: None, is_read: true, update }));
        for update in self.reads_of_indexes() {
            let of_reads = &update.provisioned_read_capacity_auto_scaling_settings_update;
            scalings.extend(of_index(&update.index_name, true, of_reads));
        }
        scalings
    }
}

/// The units after a change, with those that stay; `None`: they are as they should be, or not all of new ones are
/// named, which UpdateTable refuses.
fn units(now: (u64, u64), asked: (Option<i64>, Option<i64>), are_new: bool) -> Option<ProvisionedThroughput> {
    let kept = |units: u64| i64::try_from(units).ok().filter(|_| !are_new);
    let next = (asked.0.or(kept(now.0)), asked.1.or(kept(now.1)));
    let is_whole = next.0.is_some() && next.1.is_some();
    if asked == (None, None) || !is_whole || next == (kept(now.0), kept(now.1)) {
        return None;
    }
    let (read_capacity_units, write_capacity_units) = next;
    Some(ProvisionedThroughput { read_capacity_units, write_capacity_units })
}
