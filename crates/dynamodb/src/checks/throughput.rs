//! Throughput of tables and global secondary indexes: provisioned, on demand, warm.

use crate::errors::invalid_parameter;
use crate::warm_throughput::{ON_DEMAND_READ_UNITS, ON_DEMAND_WRITE_UNITS};
use model::ApiError;
use model::dynamodb::{OnDemandThroughput, ProvisionedThroughput, WarmThroughput};
use std::fmt::Display;

/// Largest throughput that is accepted at all; quotas come later.
const THROUGHPUT_BOUND: i64 = 1_000_000_000_000;

/// The initial throughput of an on-demand table, as documented.
const INITIAL_THROUGHPUT: &str =
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

/// The owner of the throughput, as worded in messages.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// The table's.
    Table,
    /// That of the index with this name.
    Index(&'a str),
}

impl Of<'_> {
    /// `table` or `index`.
    pub fn kind(self) -> &'static str {
        match self {
            Of::Table => "table",
            Of::Index(_) => "index",
        }
    }
}

impl Display for Of<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Of::Table => f.write_str("table"),
            Of::Index(name) => write!(f, "index {name}"),
        }
    }
}

/// Only an on-demand table has a maximum, of at least one unit.
pub fn on_demand_throughput(
    throughput: Option<&OnDemandThroughput>,
    on_demand: bool,
    of: Of<'_>,
) -> Result<(), ApiError> {
    let Some(throughput) = throughput else { return Ok(()) };
    let members = on_demand_members(throughput);
    if let Some((member, _)) = members.iter().find(|(_, units)| units.is_some() && !on_demand) {
        return Err(invalid_parameter(format_args!(
            "{member} for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED."
        )));
    }
    match members.iter().find(|(_, units)| units.is_some_and(|units| units < 1)) {
        Some((member, _)) => Err(out_of_range(member, of)),
        None => Ok(()),
    }
}

/// The members of a maximum by name.
pub fn on_demand_members(throughput: &OnDemandThroughput) -> [(&'static str, Option<i64>); 2] {
    [
        ("MaxReadRequestUnits", throughput.max_read_request_units),
        ("MaxWriteRequestUnits", throughput.max_write_request_units),
    ]
}

/// A maximum of less than a unit.
pub fn out_of_range(member: &str, of: Of<'_>) -> ApiError {
    let whose = match of {
        Of::Table => of.to_string(),
        Of::Index(name) => format!("index : {name}"),
    };
    invalid_parameter(format_args!(
        "Requested {member} for OnDemandThroughput for {whose} is outside of valid range"
    ))
}

/// Warm throughput may only be raised: beyond what is provisioned, or what an on-demand table begins with.
pub fn warm_throughput(
    warm: Option<&WarmThroughput>,
    provisioned: Option<&ProvisionedThroughput>,
    of: Of<'_>,
) -> Result<(), ApiError> {
    let Some(warm) = warm else { return Ok(()) };
    let (read, write) = match provisioned {
        Some(units) => (units.read_capacity_units.unwrap_or(1), units.write_capacity_units.unwrap_or(1)),
        None => (ON_DEMAND_READ_UNITS, ON_DEMAND_WRITE_UNITS),
    };
    for (direction, units, least) in
        [("Read", warm.read_units_per_second, read), ("Write", warm.write_units_per_second, write)]
    {
        if units.is_none_or(|units| units >= least) {
            continue;
        }
        let than = match provisioned {
            Some(_) => format!("{direction}CapacityUnits of ProvisionedThroughput"),
            None => format!("initial throughput for OnDemand. See: {INITIAL_THROUGHPUT}"),
        };
        return Err(invalid_parameter(format_args!(
            "Requested {direction}UnitsPerSecond for WarmThroughput for {of} is lower than {than}"
        )));
    }
    Ok(())
}
