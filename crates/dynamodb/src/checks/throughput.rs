//! Throughput of tables and global secondary indexes: provisioned, on demand, warm.

use crate::errors::{codes, invalid_parameter};
use crate::warm_throughput::{ON_DEMAND_READ_UNITS, ON_DEMAND_WRITE_UNITS};
use model::ApiError;
use model::dynamodb::{OnDemandThroughput, ProvisionedThroughput, WarmThroughput};
use stdx::limits::TABLE_CAPACITY_UNITS_MAX;

/// Largest throughput that is accepted at all; quotas come later.
const THROUGHPUT_BOUND: i64 = 1_000_000_000_000;

/// Where the guide tells what an on-demand table begins with.
const INITIAL_THROUGHPUT_PAGE: &str =
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html";

/// A table has provisioned throughput unless it is on demand.
pub fn provisioned_throughput(
    throughput: Option<&ProvisionedThroughput>,
    on_demand: bool,
) -> Result<(), ApiError> {
    match throughput {
        Some(_) if on_demand => Err(invalid_parameter(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        )),
        None if !on_demand => Err(invalid_parameter(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        )),
        Some(throughput) => within_bounds(throughput),
        None => Ok(()),
    }
}

/// No units beyond what is accepted at all.
pub fn within_bounds(throughput: &ProvisionedThroughput) -> Result<(), ApiError> {
    for (units, member) in [
        (throughput.read_capacity_units, "ReadCapacityUnits"),
        (throughput.write_capacity_units, "WriteCapacityUnits"),
    ] {
        if let Some(units) = units.filter(|units| *units > THROUGHPUT_BOUND) {
            return Err(ApiError::validation(format!("Given value {units} for {member} is out of bounds")));
        }
    }
    Ok(())
}

/// The account's maximum for each unit of a table, or of an index.
pub fn below_the_maximum(
    throughput: &ProvisionedThroughput,
    index: Option<&str>,
    region: &str,
) -> Result<(), ApiError> {
    let (of_index, kind) = match index {
        Some(index) => (format!(" for index {index}"), "index"),
        None => (String::new(), "table"),
    };
    for (units, member) in [
        (throughput.read_capacity_units, "ReadCapacityUnits"),
        (throughput.write_capacity_units, "WriteCapacityUnits"),
    ] {
        if let Some(units) = units.filter(|units| *units > TABLE_CAPACITY_UNITS_MAX as i64) {
            return Err(ApiError::new(
                codes::LIMIT_EXCEEDED,
                format!(
                    "The requested {member}{of_index}, {units}, is above the per {kind} maximum for the account in \
                     {region}. Per {kind} maximum: {TABLE_CAPACITY_UNITS_MAX}. Refer to the Amazon DynamoDB \
                     Developer Guide for current limits and how to request higher limits."
                ),
            ));
        }
    }
    Ok(())
}

/// Only an on-demand table has a maximum, of at least one unit; an index by its name.
pub fn on_demand_throughput(
    throughput: Option<&OnDemandThroughput>,
    index: Option<&str>,
    on_demand: bool,
) -> Result<(), ApiError> {
    let Some(throughput) = throughput else { return Ok(()) };
    let members = [
        ("MaxReadRequestUnits", throughput.max_read_request_units),
        ("MaxWriteRequestUnits", throughput.max_write_request_units),
    ];
    if let Some((member, _)) = members.iter().find(|(_, units)| units.is_some() && !on_demand) {
        return Err(invalid_parameter(format_args!(
            "{member} for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED."
        )));
    }
    let whose = index.map_or_else(|| "table".to_owned(), |index| format!("index : {index}"));
    match members.iter().find(|(_, units)| units.is_some_and(|units| units < 1)) {
        Some((member, _)) => Err(invalid_parameter(format_args!(
            "Requested {member} for OnDemandThroughput for {whose} is outside of valid range"
        ))),
        None => Ok(()),
    }
}

/// Warm throughput may only be raised: beyond what is provisioned, or what an on-demand table begins with; an index by
/// its name.
pub fn warm_throughput(
    warm: Option<&WarmThroughput>,
    index: Option<&str>,
    provisioned: Option<&ProvisionedThroughput>,
) -> Result<(), ApiError> {
    let Some(warm) = warm else { return Ok(()) };
    let (read, write) = match provisioned {
        Some(units) => (units.read_capacity_units.unwrap_or(1), units.write_capacity_units.unwrap_or(1)),
        None => (ON_DEMAND_READ_UNITS, ON_DEMAND_WRITE_UNITS),
    };
    for (member, units, least, ordered) in [
        ("ReadUnitsPerSecond", warm.read_units_per_second, read, "ReadCapacityUnits"),
        ("WriteUnitsPerSecond", warm.write_units_per_second, write, "WriteCapacityUnits"),
    ] {
        if units.is_some_and(|units| units < least) {
            return Err(below_the_baseline(member, index, provisioned.map(|_| ordered)));
        }
    }
    Ok(())
}

fn below_the_baseline(member: &str, index: Option<&str>, ordered: Option<&str>) -> ApiError {
    let whose = index.map_or_else(|| "table".to_owned(), |index| format!("index {index}"));
    let baseline = match ordered {
        Some(ordered) => format!("{ordered} of ProvisionedThroughput"),
        None => format!("initial throughput for OnDemand. See: {INITIAL_THROUGHPUT_PAGE}"),
    };
    invalid_parameter(format_args!(
        "Requested {member} for WarmThroughput for {whose} is lower than {baseline}"
    ))
}
