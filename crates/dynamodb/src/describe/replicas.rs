//! The other replicas of a table, as they are now in their regions.

use crate::encryption_key;
use engine::table::{IndexKind, ReadOverrides, ReplicaOverrides, TableClass};
use engine::{Engine, Table};
use model::dynamodb as shapes;

/// The version of tables with replicas.
pub const VERSION: &str = "2019.11.21";

/// That of tables which were replicas of each other from the beginning.
const LEGACY_VERSION: &str = "2017.11.29";

/// Adds what a table with replicas shows beside what every table does. While one is being added the table is updating.
pub fn add_to(description: &mut shapes::TableDescription, engine: &Engine, table: &Table, now_micros: u64) {
    let Some(global) = table.global() else { return };
    if global.legacy_since_micros.is_some() {
        description.global_table_version = Some(LEGACY_VERSION.to_owned());
        return;
    }
    let others: Vec<_> =
        table.replica_scopes().map(|scope| (engine.table(&scope, &table.name), scope)).collect();
    let is_coming = |other: &Table| other.settings.is_creating(now_micros) && failure(other).is_none();
    let is_updating = others.iter().any(|(other, _)| other.as_deref().is_some_and(is_coming));
    if is_updating && description.table_status.as_deref() == Some("ACTIVE") {
        description.table_status = Some("UPDATING".to_owned());
    }
    if table.settings.is_creating(now_micros) {
        description.table_status = Some("CREATING".to_owned());
    }
    description.global_table_version = Some(VERSION.to_owned());
    description.global_table_settings_replication_mode = Some(mode(table).to_owned());
    if global.is_strong {
        description.multi_region_consistency = Some("STRONG".to_owned());
    }
    description.global_table_witnesses = global.witness.as_deref().map(|region| {
        let statuses: Vec<_> = others.iter().map(|(other, _)| status(other.as_deref(), now_micros)).collect();
        vec![witness(region, &statuses)]
    });
    let replicas = global.regions.iter().zip(&others);
    description.replicas = Some(
        replicas.map(|(region, (other, _))| replica(region, other.as_deref(), table, now_micros)).collect(),
    );
    // Kept where it was provisioned before there were replicas, and not shown.
    if table.settings.billing_mode == engine::table::BillingMode::Provisioned {
        description.billing_mode_summary = None;
    }
}

/// A witness comes and goes with the replicas.
fn witness(region: &str, replicas: &[&str]) -> shapes::GlobalTableWitnessDescription {
    let status = ["DELETING", "CREATING"].into_iter().find(|status| replicas.contains(status));
    shapes::GlobalTableWitnessDescription {
        region_name: Some(region.to_owned()),
        witness_status: Some(status.unwrap_or("ACTIVE").to_owned()),
    }
}

fn replica(
    region: &str,
    other: Option<&Table>,
    table: &Table,
    now_micros: u64,
) -> shapes::ReplicaDescription {
    let overrides = other.map(Table::overrides).unwrap_or_default();
    let sse = other.and_then(|other| Some((other.settings.sse.as_ref()?, other)));
    let class = other.and_then(|other| other.settings.table_class);
    let class = class.filter(|class| Some(*class) != table.settings.table_class);
    shapes::ReplicaDescription {
        region_name: Some(region.to_owned()),
        replica_status: Some(status(other, now_micros).to_owned()),
        replica_status_description: other.and_then(failure).map(str::to_owned),
        kms_master_key_id: sse.map(|(sse, other)| encryption_key::arn(sse, &other.scope)),
        replica_table_class_summary: class.map(class_summary),
        global_table_settings_replication_mode: Some(mode(table).to_owned()),
        ..with_reads(table, &overrides)
    }
}

/// What a replica of a table shows of how much may be read there.
pub(super) fn with_reads(table: &Table, overrides: &ReplicaOverrides) -> shapes::ReplicaDescription {
    let indexes = table.indexes.iter().filter(|index| index.kind == IndexKind::Global);
    let indexes: Vec<_> = indexes
        .map(|index| {
            let of_index = overrides.indexes.get(&index.name).copied().unwrap_or_default();
            shapes::ReplicaGlobalSecondaryIndexDescription {
                index_name: Some(index.name.clone()),
                provisioned_throughput_override: provisioned(of_index),
                on_demand_throughput_override: on_demand(of_index),
                ..Default::default()
            }
        })
        .collect();
    shapes::ReplicaDescription {
        provisioned_throughput_override: provisioned(overrides.table),
        on_demand_throughput_override: on_demand(overrides.table),
        global_secondary_indexes: (!indexes.is_empty()).then_some(indexes),
        ..Default::default()
    }
}

fn provisioned(overrides: ReadOverrides) -> Option<shapes::ProvisionedThroughputOverride> {
    let units = overrides.read_units?;
    Some(shapes::ProvisionedThroughputOverride { read_capacity_units: Some(units.here as i64) })
}

fn on_demand(overrides: ReadOverrides) -> Option<shapes::OnDemandThroughputOverride> {
    let units = overrides.max_read_units?;
    Some(shapes::OnDemandThroughputOverride { max_read_request_units: Some(units.here.unwrap_or(-1)) })
}

/// A replica that is not found any more is about to be forgotten.
fn status(other: Option<&Table>, now_micros: u64) -> &'static str {
    match other {
        None => "DELETING",
        Some(other) if other.settings.is_leaving() => "DELETING",
        Some(other) if failure(other).is_some() => "CREATION_FAILED",
        Some(other) if other.settings.is_creating(now_micros) => "CREATING",
        Some(_) => "ACTIVE",
    }
}

/// Why a replica never is there.
fn failure(other: &Table) -> Option<&str> {
    other.global()?.failure.as_deref()
}

fn mode(table: &Table) -> &'static str {
    match table.settings.replicates_settings {
        None => "ENABLED_WITH_OVERRIDES",
        Some(true) => "ENABLED",
        Some(false) => "DISABLED",
    }
}

pub(super) fn class_summary(class: TableClass) -> shapes::TableClassSummary {
    super::table_class(class, None)
}
