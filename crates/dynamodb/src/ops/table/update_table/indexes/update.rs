//! Throughput of indexes that are there.

use super::super::{When, billing_mode, show, throughput};
use super::updates;
use crate::checks::throughput::{below_the_maximum, within_bounds};
use crate::errors::invalid_parameter;
use crate::{table_settings, warm_throughput};
use engine::Table;
use engine::table::{BillingMode, Change, IndexKind, IndexStatus};
use model::ApiError;
use model::dynamodb::{ProvisionedThroughput, UpdateGlobalSecondaryIndexAction, UpdateTableInput};

/// Both units or none, within bounds.
pub fn check(update: &UpdateGlobalSecondaryIndexAction) -> Result<(), ApiError> {
    let Some(units) = &update.provisioned_throughput else { return Ok(()) };
    if units.read_capacity_units.is_none() || units.write_capacity_units.is_none() {
        return Err(invalid_parameter(format_args!(
            "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: {}",
            update.index_name.as_deref().unwrap_or_default()
        )));
    }
    within_bounds(units)
}

/// Units of indexes beside a billing mode; that of the table where the request names none.
pub fn units_fit(input: &UpdateTableInput, mode: BillingMode) -> Result<(), ApiError> {
    for element in updates(input) {
        if let Some(update) = &element.update {
            update_fits(update, mode)?;
        }
        if let Some(create) = &element.create {
            let name = create.index_name.as_deref().unwrap_or_default();
            new_units_fit(name, create.provisioned_throughput.as_ref(), mode)?;
        }
    }
    Ok(())
}

fn update_fits(update: &UpdateGlobalSecondaryIndexAction, mode: BillingMode) -> Result<(), ApiError> {
    let name = update.index_name.as_deref().unwrap_or_default();
    match (&update.provisioned_throughput, mode) {
        (Some(_), BillingMode::PayPerRequest) => Err(no_units_on_demand(name)),
        (None, BillingMode::PayPerRequest)
            if update.on_demand_throughput.is_none() && update.warm_throughput.is_none() =>
        {
            Err(invalid_parameter(format_args!(
                "The only Updates for index: {name} when TableThroughputMode is PAY_PER_REQUEST can be to \
                 OnDemandThroughput, WarmThroughput"
            )))
        }
        _ => Ok(()),
    }
}

fn new_units_fit(
    name: &str,
    units: Option<&ProvisionedThroughput>,
    mode: BillingMode,
) -> Result<(), ApiError> {
    match (units, mode) {
        (Some(_), BillingMode::PayPerRequest) => Err(no_units_on_demand(name)),
        (None, BillingMode::Provisioned) => {
            Err(invalid_parameter(format_args!("ProvisionedThroughput is not specified for index: {name}")))
        }
        (units, _) => units.map_or(Ok(()), within_bounds),
    }
}

fn no_units_on_demand(index: &str) -> ApiError {
    invalid_parameter(format_args!(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {index} when BillingMode is \
         PAY_PER_REQUEST"
    ))
}

/// A table that comes from on-demand mode has no units for its indexes: the request gives them to each.
pub fn all_have_units(table: &Table, input: &UpdateTableInput) -> Result<(), ApiError> {
    let is_switched = table.settings.billing_mode == BillingMode::PayPerRequest
        && billing_mode::mode(table, input) == BillingMode::Provisioned;
    if !is_switched {
        return Ok(());
    }
    let given = |name: &str| {
        let update = updates(input).filter_map(|element| element.update.as_ref());
        update
            .filter(|update| update.index_name.as_deref() == Some(name))
            .any(|u| u.provisioned_throughput.is_some())
    };
    let global = table.indexes.iter().filter(|index| index.kind == IndexKind::Global);
    let standing = global.filter(|index| index.status != IndexStatus::Deleting);
    let missing: Vec<&str> = standing.map(|index| index.name.as_str()).filter(|name| !given(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(invalid_parameter(format_args!(
        "ProvisionedThroughput must be specified for index: {}",
        missing.join(",")
    )))
}

/// Sets what is asked for.
pub fn apply(
    next: &mut Table,
    update: &UpdateGlobalSecondaryIndexAction,
    when: When,
) -> Result<(), ApiError> {
    let Some(asked) = &update.provisioned_throughput else { return Ok(()) };
    let (mode, region) = (next.settings.billing_mode, std::sync::Arc::clone(&next.scope.region));
    let name = update.index_name.as_deref().unwrap_or_default();
    let Some(index) = next.indexes.iter_mut().find(|index| index.name == name) else { return Ok(()) };
    below_the_maximum(asked, Some(name), &region)?;
    let (old, warm) = (index.throughput, index.warm);
    let of = throughput::Of::Index(name);
    index.throughput =
        throughput::changed(&old, &table_settings::throughput(Some(asked)), of, when.now_micros)?;
    let before = warm_throughput::units(mode, warm, &old);
    index.warm = Some(warm_throughput::raised(before, BillingMode::Provisioned, &index.throughput));
    let index = index.number;
    show(next, Change::IndexThroughput { index, throughput: old, warm }, when);
    Ok(())
}
