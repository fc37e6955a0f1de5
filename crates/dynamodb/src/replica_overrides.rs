//! Settings of one replica in place of those that all share: how much may be read, and the class of the table.

use crate::errors::{codes, invalid_parameter};
use crate::table_settings;
use engine::Table;
use engine::table::{BillingMode, IndexKind, Override, ReadOverrides};
use model::ApiError;
use model::dynamodb::{
    OnDemandThroughputOverride, ProvisionedThroughputOverride, ReplicaGlobalSecondaryIndex,
    UpdateReplicationGroupMemberAction,
};

/// Lifts a maximum.
const NO_MAXIMUM: i64 = -1;

/// How much may be read in one region.
#[derive(Clone, Copy)]
pub struct Reads<'a> {
    pub provisioned: Option<&'a ProvisionedThroughputOverride>,
    pub on_demand: Option<&'a OnDemandThroughputOverride>,
    pub indexes: Option<&'a [ReplicaGlobalSecondaryIndex]>,
}

/// Changes what a replica has of its own.
pub fn apply(member: &mut Table, action: &UpdateReplicationGroupMemberAction) -> Result<(), ApiError> {
    let reads = Reads {
        provisioned: action.provisioned_throughput_override.as_ref(),
        on_demand: action.on_demand_throughput_override.as_ref(),
        indexes: action.global_secondary_indexes.as_deref(),
    };
    let units_of_index =
        reads.indexes.iter().copied().flatten().any(|index| index.provisioned_throughput_override.is_some());
    let mode = member.settings.billing_mode;
    if mode == BillingMode::PayPerRequest && (reads.provisioned.is_some() || units_of_index) {
        return Err(ApiError::validation(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        ));
    }
    override_reads(member, reads)?;
    override_class(member, action.table_class_override.as_deref());
    Ok(())
}

/// Puts a class over that of all.
pub fn override_class(table: &mut Table, asked: Option<&str>) {
    let Some(class) = asked.map(table_settings::table_class) else { return };
    let (mut shared, mut overrides) = table.without_overrides();
    overrides.table_class = Some(Override { shared: None, here: Some(class) });
    shared.put_overrides(&overrides);
    *table = shared;
}

/// Puts what is asked for over what there is; what equals what all share is no override.
pub fn override_reads(table: &mut Table, asked: Reads<'_>) -> Result<(), ApiError> {
    let (mut shared, mut overrides) = table.without_overrides();
    put(&mut overrides.table, asked.provisioned, asked.on_demand, shared.settings.billing_mode)?;
    for index in asked.indexes.into_iter().flatten() {
        let name = index.index_name.clone().unwrap_or_default();
        if !shared.index(&name).is_some_and(|(_, index)| index.kind == IndexKind::Global) {
            return Err(ApiError::new(
                codes::RESOURCE_NOT_FOUND,
                format!("Requested resource not found: Index {name} for table {}", table.name),
            ));
        }
        let of_index = overrides.indexes.entry(name).or_default();
        let (provisioned, on_demand) =
            (index.provisioned_throughput_override.as_ref(), index.on_demand_throughput_override.as_ref());
        put(of_index, provisioned, on_demand, shared.settings.billing_mode)?;
    }
    shared.put_overrides(&overrides);
    *table = shared;
    Ok(())
}

fn put(
    overrides: &mut ReadOverrides,
    provisioned: Option<&ProvisionedThroughputOverride>,
    on_demand: Option<&OnDemandThroughputOverride>,
    mode: BillingMode,
) -> Result<(), ApiError> {
    if let Some(units) = provisioned.and_then(|units| units.read_capacity_units) {
        let here = u64::try_from(units).unwrap_or_default();
        overrides.read_units = Some(Override { shared: 0, here });
    }
    if let Some(units) = on_demand.and_then(|units| units.max_read_request_units) {
        if mode == BillingMode::Provisioned {
            return Err(invalid_parameter(
                "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is \
                 PROVISIONED",
            ));
        }
        let here = (units != NO_MAXIMUM).then_some(units);
        overrides.max_read_units = Some(Override { shared: None, here });
    }
    Ok(())
}
