//! How much throughput an account may have: of one table, of one index, and provisioned in a region of all tables and
//! indexes together.
//!
//! The sum is that of the tables in this server's catalog. Two requests at the same time may both find room.

use super::throughput::{Of, on_demand_members};
use crate::errors::codes;
use crate::service::{DynamoDb, scope_of};
use engine::table::{Index, ProvisionedThroughput};
use model::ApiError;
use model::dynamodb as shapes;
use pipeline::Cx;
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

/// Units that are provisioned for tables and their indexes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Provisioned {
    read_units: u64,
    write_units: u64,
}

impl Provisioned {
    /// Those of a table.
    pub fn of(table: &ProvisionedThroughput, indexes: &[Index]) -> Provisioned {
        let all = std::iter::once(table).chain(indexes.iter().map(|index| &index.throughput));
        all.fold(Provisioned::default(), |sum, units| {
            sum.and(Provisioned { read_units: units.read_units, write_units: units.write_units })
        })
    }

    fn and(self, other: Provisioned) -> Provisioned {
        Provisioned {
            read_units: self.read_units.saturating_add(other.read_units),
            write_units: self.write_units.saturating_add(other.write_units),
        }
    }
}

/// A table that comes to more units than it had, within what all tables of the account may have together.
pub fn of_account(cx: &Cx<'_, DynamoDb>, had: Provisioned, comes_to: Provisioned) -> Result<(), ApiError> {
    if comes_to.read_units <= had.read_units && comes_to.write_units <= had.write_units {
        return Ok(());
    }
    let tables = cx.service.engine.tables_of(&scope_of(cx.caller));
    let of_table = |table: &engine::Table| Provisioned::of(&table.settings.throughput, &table.indexes);
    let now = tables.iter().map(|table| of_table(table)).fold(Provisioned::default(), Provisioned::and);
    fits(now, had, comes_to, &cx.caller.region)
}

fn fits(now: Provisioned, had: Provisioned, comes_to: Provisioned, region: &str) -> Result<(), ApiError> {
    for (member, now, had, comes_to) in [
        ("ReadCapacityUnits", now.read_units, had.read_units, comes_to.read_units),
        ("WriteCapacityUnits", now.write_units, had.write_units, comes_to.write_units),
    ] {
        let more = comes_to.saturating_sub(had);
        if more > 0 && now.saturating_add(more) > ACCOUNT_CAPACITY_UNITS_MAX {
            return Err(limit_exceeded(format_args!(
                "This request would have caused the {member} limit to be exceeded for the account in {region}. Current \
                 {member} reserved by the account: {now}. Limit: {ACCOUNT_CAPACITY_UNITS_MAX}. Requested: {more}. \
                 {REFER_TO}"
            )));
        }
    }
    Ok(())
}

fn limit_exceeded(text: impl std::fmt::Display) -> ApiError {
    ApiError::new(codes::LIMIT_EXCEEDED, text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(read_units: u64, write_units: u64) -> Provisioned {
        Provisioned { read_units, write_units }
    }

    #[test]
    fn only_what_is_added_has_to_fit() {
        let check = |now, had, comes_to| fits(now, had, comes_to, "eu-west-1").map_err(|error| error.message);
        assert_eq!(check(units(79_990, 0), units(0, 0), units(10, 80_000)), Ok(()));
        assert_eq!(check(units(90_000, 5), units(9, 5), units(9, 6)), Ok(()));
        assert_eq!(
            check(units(79_990, 0), units(5, 0), units(16, 0)).unwrap_err().as_deref(),
            Some(
                "This request would have caused the ReadCapacityUnits limit to be exceeded for the account in eu-west-1. \
                 Current ReadCapacityUnits reserved by the account: 79990. Limit: 80000. Requested: 11. Refer to the \
                 Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
            )
        );
        assert!(check(units(0, 1), units(0, 0), units(0, u64::MAX)).is_err());
    }
}
