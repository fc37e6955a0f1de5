//! Units of indexes beside a billing mode.

use super::super::billing_mode;
use super::super::on_demand_throughput::not_when_provisioned;
use super::update::both_units;
use super::updates;
use crate::checks::throughput::{self, Of, within_bounds};
use crate::errors::invalid_parameter;
use engine::Table;
use engine::table::{BillingMode, IndexKind, IndexStatus};
use model::ApiError;
use model::dynamodb::{CreateGlobalSecondaryIndexAction, UpdateGlobalSecondaryIndexAction, UpdateTableInput};

/// Units of indexes beside a billing mode; that of the table where the request names none.
pub fn fit(input: &UpdateTableInput, mode: BillingMode) -> Result<(), ApiError> {
    for element in updates(input) {
        if let Some(update) = &element.update {
            update_fits(update, mode)?;
        }
        if let Some(create) = &element.create {
            new_units_fit(create, mode)?;
        }
    }
    Ok(())
}

fn update_fits(update: &UpdateGlobalSecondaryIndexAction, mode: BillingMode) -> Result<(), ApiError> {
    let name = update.index_name.as_deref().unwrap_or_default();
    let units = &update.provisioned_throughput;
    if units.is_some() && mode == BillingMode::PayPerRequest {
        return Err(no_units_on_demand(name));
    }
    if let Some(maxima) = update.on_demand_throughput.as_ref().filter(|_| mode == BillingMode::Provisioned) {
        return Err(not_when_provisioned(maxima, Of::Index(name)));
    }
    if units.is_some() || update.on_demand_throughput.is_some() || update.warm_throughput.is_some() {
        return Ok(());
    }
    Err(match mode {
        BillingMode::PayPerRequest => invalid_parameter(format_args!(
            "The only Updates for index: {name} when TableThroughputMode is PAY_PER_REQUEST can be to \
             OnDemandThroughput, WarmThroughput"
        )),
        BillingMode::Provisioned => both_units(name),
    })
}

fn new_units_fit(index: &CreateGlobalSecondaryIndexAction, mode: BillingMode) -> Result<(), ApiError> {
    let name = index.index_name.as_deref().unwrap_or_default();
    let units = index.provisioned_throughput.as_ref();
    match (units, mode) {
        (Some(_), BillingMode::PayPerRequest) => Err(no_units_on_demand(name)),
        (None, BillingMode::Provisioned) => {
            Err(invalid_parameter(format_args!("ProvisionedThroughput is not specified for index: {name}")))
        }
        (units, mode) => {
            units.map_or(Ok(()), within_bounds)?;
            let is_on_demand = mode == BillingMode::PayPerRequest;
            throughput::on_demand_throughput(
                index.on_demand_throughput.as_ref(),
                is_on_demand,
                Of::Index(name),
            )?;
            throughput::warm_throughput(index.warm_throughput.as_ref(), units, Of::Index(name))
        }
    }
}

fn no_units_on_demand(index: &str) -> ApiError {
    invalid_parameter(format_args!(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {index} when BillingMode is \
         PAY_PER_REQUEST"
    ))
}

/// A table that comes from on-demand mode has no units for its indexes: the request gives them to each.
pub fn are_given_to_all(table: &Table, input: &UpdateTableInput) -> Result<(), ApiError> {
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
