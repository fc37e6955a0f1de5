//! Throughput of indexes that are there.

use super::super::on_demand_throughput as on_demand;
use super::super::warm_throughput as warm;
use super::super::{When, show, throughput};
use super::throughput_of;
use crate::checks::capacity_quota;
use crate::checks::throughput::{Of, within_bounds};
use crate::errors::invalid_parameter;
use crate::{table_settings, warm_throughput};
use engine::Table;
use engine::table::{BillingMode, Change, Index};
use model::ApiError;
use model::dynamodb::UpdateGlobalSecondaryIndexAction;

/// Both units or none, within bounds.
pub fn check(update: &UpdateGlobalSecondaryIndexAction) -> Result<(), ApiError> {
    let name = update.index_name.as_deref().unwrap_or_default();
    if let Some(maxima) = &update.on_demand_throughput {
        on_demand::are_in_range(maxima, Of::Index(name))?;
    }
    let Some(units) = &update.provisioned_throughput else { return Ok(()) };
    match (units.read_capacity_units, units.write_capacity_units) {
        (Some(_), Some(_)) => within_bounds(units),
        _ => Err(both_units(name)),
    }
}

/// A unit that is missing.
pub fn both_units(index: &str) -> ApiError {
    invalid_parameter(format_args!(
        "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: {index}"
    ))
}

/// Applies the request.
pub fn apply(
    read: &Table,
    next: &mut Table,
    update: &UpdateGlobalSecondaryIndexAction,
    when: When,
) -> Result<(), ApiError> {
    let Some(at) = next.indexes.iter().position(|index| Some(&index.name) == update.index_name.as_ref())
    else {
        return Ok(());
    };
    let before = &read.indexes[at];
    next.indexes[at] = updated(read, before, update, when)?;
    let is_only_warm = update.provisioned_throughput.is_none() && update.on_demand_throughput.is_none();
    let change = match is_only_warm {
        true => Change::IndexWarmThroughput { index: before.number, warm: before.warm },
        false => throughput_of(before),
    };
    show(next, change, when);
    Ok(())
}

fn updated(
    table: &Table,
    before: &Index,
    update: &UpdateGlobalSecondaryIndexAction,
    when: When,
) -> Result<Index, ApiError> {
    let (of, region) = (Of::Index(&before.name), &*table.scope.region);
    let mode = table.settings.billing_mode;
    let mut index = before.clone();
    if let Some(asked) = &update.provisioned_throughput {
        capacity_quota::provisioned(asked, of, region)?;
        let asked = table_settings::throughput(Some(asked));
        index.throughput = throughput::changed(&before.throughput, &asked, of, when.now_micros)?;
        let warm = warm_throughput::units(mode, before.warm, &before.throughput);
        index.warm = Some(warm_throughput::raised(warm, BillingMode::Provisioned, &index.throughput));
    }
    if let Some(asked) = &update.on_demand_throughput {
        capacity_quota::on_demand(asked, of, region)?;
        index.on_demand = on_demand::without_lifted(on_demand::merged(before.on_demand, asked));
    }
    if let Some(asked) = &update.warm_throughput {
        let settled = warm::settled_of_index(table, before, when);
        let latest = warm_throughput::units(mode, index.warm, &index.throughput);
        index.warm = Some(warm::raised(asked, settled, latest, of, region)?);
    }
    Ok(index)
}
