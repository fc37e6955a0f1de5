//! Maxima in on-demand mode: set and lifted one by one, at once. -1 lifts one; the answer shows -1.

use super::{When, billing_mode, show};
use crate::checks::capacity_quota;
use crate::checks::throughput::{Of, on_demand_members, out_of_range};
use crate::errors::invalid_parameter;
use engine::Table;
use engine::table::{BillingMode, Change, OnDemandThroughput};
use model::ApiError;
use model::dynamodb::{self as shapes, UpdateTableInput};

/// Lifts a maximum.
const NO_MAXIMUM: i64 = -1;

/// A request for provisioned mode has no maxima.
pub fn check(input: &UpdateTableInput) -> Result<(), ApiError> {
    let Some(units) = &input.on_demand_throughput else { return Ok(()) };
    match input.billing_mode.as_deref() {
        Some("PROVISIONED") => Err(not_when_provisioned(units, Of::Table)),
        _ => are_in_range(units, Of::Table),
    }
}

/// Nor has a table in that mode.
pub fn fits(table: &Table, input: &UpdateTableInput) -> Result<(), ApiError> {
    match &input.on_demand_throughput {
        Some(units) if billing_mode::mode(table, input) == BillingMode::Provisioned => {
            Err(not_when_provisioned(units, Of::Table))
        }
        _ => Ok(()),
    }
}

/// The refusal, which names the first member that is there.
pub fn not_when_provisioned(units: &shapes::OnDemandThroughput, of: Of<'_>) -> ApiError {
    let members = on_demand_members(units);
    let member =
        members.iter().find(|(_, units)| units.is_some()).map_or("MaxReadRequestUnits", |(name, _)| name);
    let index = match of {
        Of::Table => String::new(),
        Of::Index(name) => format!(" for index : {name}"),
    };
    invalid_parameter(format_args!(
        "{member} for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED{index}"
    ))
}

/// At least one unit, or -1.
pub fn are_in_range(units: &shapes::OnDemandThroughput, of: Of<'_>) -> Result<(), ApiError> {
    let is_out = |units: i64| units < 1 && units != NO_MAXIMUM;
    match on_demand_members(units).into_iter().find(|(_, units)| units.is_some_and(is_out)) {
        Some((member, _)) => Err(out_of_range(member, of)),
        None => Ok(()),
    }
}

/// Applies the request.
pub fn apply(next: &mut Table, input: &UpdateTableInput, when: When) -> Result<(), ApiError> {
    let Some(asked) = &input.on_demand_throughput else { return Ok(()) };
    capacity_quota::on_demand(asked, Of::Table, &next.scope.region)?;
    let told = merged(next.settings.on_demand, asked);
    next.settings.on_demand = without_lifted(told);
    show(next, Change::OnDemandThroughput { told }, when);
    Ok(())
}

/// The requested values, with the present ones for those that are absent.
pub fn merged(old: Option<OnDemandThroughput>, asked: &shapes::OnDemandThroughput) -> OnDemandThroughput {
    let old = old.unwrap_or_default();
    OnDemandThroughput {
        max_read_units: asked.max_read_request_units.or(old.max_read_units),
        max_write_units: asked.max_write_request_units.or(old.max_write_units),
    }
}

/// The maxima that are left, if any.
pub fn without_lifted(told: OnDemandThroughput) -> Option<OnDemandThroughput> {
    let kept = |units: Option<i64>| units.filter(|units| *units != NO_MAXIMUM);
    let left = OnDemandThroughput {
        max_read_units: kept(told.max_read_units),
        max_write_units: kept(told.max_write_units),
    };
    (left != OnDemandThroughput::default()).then_some(left)
}
