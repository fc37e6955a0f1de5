//! How much throughput an account may have: of one table, of one index, and provisioned in a region of all tables and
//! indexes together. Whether that fits the engine decides with the change.

use super::throughput::{Of, on_demand_members};
use crate::errors::codes;
use engine::{NoRoom, Units};
use model::ApiError;
use model::dynamodb as shapes;
use stdx::limits::{ACCOUNT_CAPACITY_UNITS_MAX, TABLE_CAPACITY_UNITS_MAX};

/// Where refusals point to.
const REFER_TO: &str =
    "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.";

/// Units that are provisioned, within what one table or index may have.
pub fn provisioned(
    throughput: &shapes::ProvisionedThroughput,
    of: Of<'_>,
    region: &str,
) -> Result<(), ApiError> {
    let of_index = match of {
        Of::Table => String::new(),
        Of::Index(_) => format!(" for {of}"),
    };
    for (units, member) in [
        (throughput.read_capacity_units, "ReadCapacityUnits"),
        (throughput.write_capacity_units, "WriteCapacityUnits"),
    ] {
        if let Some(units) = units.filter(|units| *units > TABLE_CAPACITY_UNITS_MAX as i64) {
            let kind = of.kind();
            return Err(limit_exceeded(format_args!(
                "The requested {member}{of_index}, {units}, is above the per {kind} maximum for the account in {region}. \
                 Per {kind} maximum: {TABLE_CAPACITY_UNITS_MAX}. {REFER_TO}"
            )));
        }
    }
    Ok(())
}

/// The same for maxima in on-demand mode.
pub fn on_demand(throughput: &shapes::OnDemandThroughput, of: Of<'_>, region: &str) -> Result<(), ApiError> {
    let mut members = on_demand_members(throughput).into_iter();
    members.try_for_each(|(member, units)| usable(units, member, "OnDemandThroughput", of, region))
}

/// The same for warm throughput.
pub fn warm(throughput: &shapes::WarmThroughput, of: Of<'_>, region: &str) -> Result<(), ApiError> {
    usable(throughput.read_units_per_second, "ReadUnitsPerSecond", "WarmThroughput", of, region)?;
    usable(throughput.write_units_per_second, "WriteUnitsPerSecond", "WarmThroughput", of, region)
}

/// The throughput requested for a new global secondary index.
pub fn of_new_index(index: &shapes::GlobalSecondaryIndex, region: &str) -> Result<(), ApiError> {
    let of = Of::Index(index.index_name.as_deref().unwrap_or_default());
    index.provisioned_throughput.iter().try_for_each(|units| provisioned(units, of, region))?;
    index.on_demand_throughput.iter().try_for_each(|units| on_demand(units, of, region))?;
    index.warm_throughput.iter().try_for_each(|units| warm(units, of, region))
}

/// The throughput requested for a new table.
pub fn of_new_table(input: &shapes::CreateTableInput, region: &str) -> Result<(), ApiError> {
    let of = Of::Table;
    input.provisioned_throughput.iter().try_for_each(|units| provisioned(units, of, region))?;
    input.on_demand_throughput.iter().try_for_each(|units| on_demand(units, of, region))?;
    input.warm_throughput.iter().try_for_each(|units| warm(units, of, region))?;
    let mut indexes = input.global_secondary_indexes.iter().flatten();
    indexes.try_for_each(|index| of_new_index(index, region))
}

fn usable(units: Option<i64>, member: &str, kind: &str, of: Of<'_>, region: &str) -> Result<(), ApiError> {
    if units.is_none_or(|units| units <= TABLE_CAPACITY_UNITS_MAX as i64) {
        return Ok(());
    }
    let direction = if member.contains("Read") { "Read" } else { "Write" };
    Err(limit_exceeded(format_args!(
        "Subscriber limit exceeded: Requested {member} for {kind} for {of} exceeds \
         TableMax{direction}CapacityUnits of the account in region {region}"
    )))
}

/// All tables of an account have as much provisioned in a region as they may have together.
pub fn no_room(NoRoom { region, units, provisioned, more }: &NoRoom) -> ApiError {
    let member = match units {
        Units::Read => "ReadCapacityUnits",
        Units::Write => "WriteCapacityUnits",
    };
    limit_exceeded(format_args!(
        "This request would have caused the {member} limit to be exceeded for the account in {region}. Current \
         {member} reserved by the account: {provisioned}. Limit: {ACCOUNT_CAPACITY_UNITS_MAX}. Requested: {more}. \
         {REFER_TO}"
    ))
}

fn limit_exceeded(text: impl std::fmt::Display) -> ApiError {
    ApiError::new(codes::LIMIT_EXCEEDED, text.to_string())
}
