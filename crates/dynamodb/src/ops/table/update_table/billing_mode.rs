//! The billing mode: what it forbids, what it needs, and what switching it does to table and indexes.

use super::{When, indexes, show};
use crate::checks::throughput::within_bounds;
use crate::errors::invalid_parameter;
use crate::warm_throughput;
use engine::Table;
use engine::table::{BillingMode, Change, IndexKind};
use model::ApiError;
use model::dynamodb::UpdateTableInput;

/// Throughput beside the requested mode, and its bounds.
pub fn check(input: &UpdateTableInput) -> Result<(), ApiError> {
    match (input.billing_mode.as_deref(), &input.provisioned_throughput) {
        (Some("PAY_PER_REQUEST"), Some(_)) => Err(no_units_on_demand()),
        (Some("PROVISIONED"), None) => {
            Err(invalid_parameter("ProvisionedThroughput must be specified when BillingMode is PROVISIONED"))
        }
        (_, throughput) => throughput.as_ref().map_or(Ok(()), within_bounds),
    }?;
    asked_for(input).map_or(Ok(()), |mode| indexes::units::fit(input, mode))
}

/// Throughput of table and indexes beside the mode of the table.
pub fn fits(table: &Table, input: &UpdateTableInput) -> Result<(), ApiError> {
    let mode = mode(table, input);
    if input.provisioned_throughput.is_some() && mode == BillingMode::PayPerRequest {
        return Err(no_units_on_demand());
    }
    indexes::units::fit(input, mode)?;
    indexes::units::are_given_to_all(table, input)
}

/// The mode that the table has after the request.
pub fn mode(table: &Table, input: &UpdateTableInput) -> BillingMode {
    asked_for(input).unwrap_or(table.settings.billing_mode)
}

fn asked_for(input: &UpdateTableInput) -> Option<BillingMode> {
    match input.billing_mode.as_deref()? {
        "PAY_PER_REQUEST" => Some(BillingMode::PayPerRequest),
        _ => Some(BillingMode::Provisioned),
    }
}

fn no_units_on_demand() -> ApiError {
    invalid_parameter(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    )
}

/// On-demand mode takes all units to zero; provisioned mode drops the maxima. What a table could serve at once
/// stays. On-demand mode for a table that has it is answered like a change.
pub fn apply(read: &Table, next: &mut Table, input: &UpdateTableInput, when: When) {
    if input.billing_mode.is_none() {
        return;
    }
    match (read.settings.billing_mode, mode(read, input)) {
        (BillingMode::Provisioned, BillingMode::PayPerRequest) => to_on_demand(read, next, when),
        (BillingMode::PayPerRequest, BillingMode::PayPerRequest) => {
            show(next, throughput_of(read), When { shows_until_micros: 0, ..when });
        }
        (BillingMode::PayPerRequest, BillingMode::Provisioned) => to_provisioned(next),
        (BillingMode::Provisioned, BillingMode::Provisioned) => {}
    }
}

fn to_on_demand(read: &Table, next: &mut Table, when: When) {
    show(next, throughput_of(read), when);
    let settings = &mut next.settings;
    settings.billing_mode = BillingMode::PayPerRequest;
    settings.on_demand_since_micros = Some(when.now_micros);
    let before = warm_throughput::units(BillingMode::Provisioned, settings.warm, &settings.throughput);
    settings.warm = Some(warm_throughput::raised(before, BillingMode::PayPerRequest, &settings.throughput));
    (settings.throughput.read_units, settings.throughput.write_units) = (0, 0);
    for index in read.indexes.iter().filter(|index| index.kind == IndexKind::Global) {
        show(next, indexes::throughput_of(index), when);
    }
    for index in next.indexes.iter_mut().filter(|index| index.kind == IndexKind::Global) {
        let before = warm_throughput::units(BillingMode::Provisioned, index.warm, &index.throughput);
        index.warm = Some(warm_throughput::raised(before, BillingMode::PayPerRequest, &index.throughput));
        (index.throughput.read_units, index.throughput.write_units) = (0, 0);
    }
}

/// The units were set before, as they are of the request.
fn to_provisioned(next: &mut Table) {
    next.settings.billing_mode = BillingMode::Provisioned;
    next.settings.on_demand = None;
    next.indexes.iter_mut().for_each(|index| index.on_demand = None);
}

fn throughput_of(table: &Table) -> Change {
    Change::Throughput { throughput: table.settings.throughput, warm: table.settings.warm }
}
