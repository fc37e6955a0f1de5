//! Warm throughput, of the table and of its indexes: it may be raised, one unit or both.

use super::{When, show};
use crate::checks::capacity_quota;
use crate::checks::throughput::Of;
use crate::errors::invalid_parameter;
use crate::warm_throughput;
use engine::Table;
use engine::table::{Change, Index, Settings, WarmThroughput};
use model::ApiError;
use model::dynamodb::{self as shapes, UpdateTableInput};

/// Raises the table's.
pub fn apply(read: &Table, next: &mut Table, input: &UpdateTableInput, when: When) -> Result<(), ApiError> {
    let Some(asked) = &input.warm_throughput else { return Ok(()) };
    let Settings { billing_mode, warm, throughput, .. } = &read.settings;
    let units = |setting| warm_throughput::units(*billing_mode, setting, throughput);
    let settled = first_under_way(read, when, |change| match change {
        Change::WarmThroughput { warm } => Some(*warm),
        _ => None,
    });
    let settled = units(settled.unwrap_or(*warm));
    next.settings.warm = Some(raised(asked, settled, units(*warm), Of::Table, &read.scope.region)?);
    show(next, Change::WarmThroughput { warm: *warm }, when);
    Ok(())
}

/// What an index could serve before the raises that are under way.
pub fn settled_of_index(table: &Table, index: &Index, when: When) -> (i64, i64) {
    let settled = first_under_way(table, when, |change| match change {
        Change::IndexWarmThroughput { index: number, warm } if *number == index.number => Some(*warm),
        _ => None,
    });
    warm_throughput::units(table.settings.billing_mode, settled.unwrap_or(index.warm), &index.throughput)
}

fn first_under_way<T>(table: &Table, when: When, is: impl Fn(&Change) -> Option<T>) -> Option<T> {
    let mut under_way = table.settings.transitions.iter().filter(|change| change.shows(when.now_micros));
    under_way.find_map(|transition| is(&transition.change))
}

/// The requested values with the present ones for those that are absent. It is judged by what is `settled`: while a
/// raise is under way, a lower one may replace it.
pub fn raised(
    asked: &shapes::WarmThroughput,
    settled: (i64, i64),
    latest: (i64, i64),
    of: Of<'_>,
    region: &str,
) -> Result<WarmThroughput, ApiError> {
    let members = [
        ("ReadUnitsPerSecond", asked.read_units_per_second, settled.0),
        ("WriteUnitsPerSecond", asked.write_units_per_second, settled.1),
    ];
    if let Some((member, ..)) = members.iter().find(|(_, asked, now)| asked.is_some_and(|asked| asked < *now))
    {
        return Err(invalid_parameter(format_args!(
            "Requested {member} for WarmThroughput for {of} is lower than current WarmThroughput, decreasing \
             WarmThroughput is not supported"
        )));
    }
    capacity_quota::warm(asked, of, region)?;
    Ok(WarmThroughput {
        read_units: Some(asked.read_units_per_second.unwrap_or(latest.0)),
        write_units: Some(asked.write_units_per_second.unwrap_or(latest.1)),
    })
}
