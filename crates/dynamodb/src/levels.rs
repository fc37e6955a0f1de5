//! What tables are provisioned with and limited to, as metrics that are there whether or not there are requests.

use engine::table::OnDemandThroughput;
use engine::{Engine, IndexKind, Scope, Table};
use std::collections::BTreeMap;
use std::sync::Arc;
use stdx::limits::{ACCOUNT_CAPACITY_UNITS_MAX, TABLE_CAPACITY_UNITS_MAX};

const ACCOUNT_UNITS: f64 = ACCOUNT_CAPACITY_UNITS_MAX as f64;
const TABLE_UNITS: f64 = TABLE_CAPACITY_UNITS_MAX as f64;

/// Accounts with levels of their own: what pretends to be many accounts, as tests do, has them only for the first.
const ACCOUNTS_MAX: usize = 20;

/// A value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Whose it is.
    pub scope: Scope,
    /// Its name.
    pub metric: &'static str,
    /// `Count` or `Percent`.
    pub unit: &'static str,
    /// The table; `None` for what is all tables'.
    pub table: Option<String>,
    /// The index, if it is one's.
    pub index: Option<String>,
    /// The value.
    pub value: f64,
}

/// What all tables of an account in a region are provisioned with.
#[derive(Default)]
struct Sum {
    tables: u32,
    units: [f64; 2],
    most: [f64; 2],
}

/// The levels of all tables, global indexes and accounts.
pub fn levels(engine: &Engine) -> Vec<Level> {
    let mut levels = Vec::new();
    let mut sums = BTreeMap::<Scope, Sum>::new();
    for table in engine.tables() {
        let sum = sums.entry(table.scope.clone()).or_default();
        sum.tables += 1;
        for (index, ordered, maximum) in sides(&table) {
            of_side(&table, index, ordered, maximum, &mut levels);
            for (at, units) in ordered.into_iter().enumerate() {
                sum.units[at] += units;
                sum.most[at] = sum.most[at].max(units);
            }
        }
    }
    levels.extend(sums.iter().take(ACCOUNTS_MAX).flat_map(|(scope, sum)| of_account(scope, sum)));
    levels
}

/// The table and its global indexes: read and write units, and the maxima of on-demand mode.
fn sides(table: &Arc<Table>) -> Vec<(Option<&str>, [f64; 2], OnDemandThroughput)> {
    let units = |ordered: &engine::table::ProvisionedThroughput| {
        [ordered.read_units as f64, ordered.write_units as f64]
    };
    let own = (None, units(&table.settings.throughput), table.settings.on_demand.unwrap_or_default());
    let global = table.indexes.iter().filter(|index| index.kind == IndexKind::Global);
    let indexes = global.map(|index| {
        (Some(index.name.as_str()), units(&index.throughput), index.on_demand.unwrap_or_default())
    });
    [own].into_iter().chain(indexes).collect()
}

fn of_side(
    table: &Table,
    index: Option<&str>,
    [read, write]: [f64; 2],
    maximum: OnDemandThroughput,
    levels: &mut Vec<Level>,
) {
    let known = |units: f64| (units > 0.0).then_some(units);
    let set = |units: Option<i64>| units.filter(|units| *units > 0).map(|units| units as f64);
    for (metric, value) in [
        ("ProvisionedReadCapacityUnits", known(read)),
        ("ProvisionedWriteCapacityUnits", known(write)),
        ("OnDemandMaxReadRequestUnits", set(maximum.max_read_units)),
        ("OnDemandMaxWriteRequestUnits", set(maximum.max_write_units)),
    ] {
        levels.extend(value.map(|value| Level {
            scope: table.scope.clone(),
            metric,
            unit: "Count",
            table: Some(table.name.clone()),
            index: index.map(str::to_owned),
            value,
        }));
    }
}

fn of_account<'a>(scope: &'a Scope, sum: &Sum) -> impl Iterator<Item = Level> + use<'a> {
    let percent = |units: f64, of: f64| units / of * 100.0;
    let levels = [
        ("AccountMaxReads", "Count", ACCOUNT_UNITS),
        ("AccountMaxWrites", "Count", ACCOUNT_UNITS),
        ("AccountMaxTableLevelReads", "Count", TABLE_UNITS),
        ("AccountMaxTableLevelWrites", "Count", TABLE_UNITS),
        ("AccountProvisionedReadCapacityUtilization", "Percent", percent(sum.units[0], ACCOUNT_UNITS)),
        ("AccountProvisionedWriteCapacityUtilization", "Percent", percent(sum.units[1], ACCOUNT_UNITS)),
        ("MaxProvisionedTableReadCapacityUtilization", "Percent", percent(sum.most[0], TABLE_UNITS)),
        ("MaxProvisionedTableWriteCapacityUtilization", "Percent", percent(sum.most[1], TABLE_UNITS)),
        ("TableCount", "Count", f64::from(sum.tables)),
    ];
    levels.into_iter().map(|(metric, unit, value)| Level {
        scope: scope.clone(),
        metric,
        unit,
        table: None,
        index: None,
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_have_their_quotas_and_what_tables_use_of_them() {
        let scope = Scope { account: "123456789012".into(), region: "eu-west-1".into() };
        let sum = Sum { tables: 3, units: [8_000.0, 800.0], most: [4_000.0, 400.0] };
        let values: Vec<_> = of_account(&scope, &sum).map(|level| (level.metric, level.value)).collect();
        assert_eq!(
            values,
            [
                ("AccountMaxReads", 80_000.0),
                ("AccountMaxWrites", 80_000.0),
                ("AccountMaxTableLevelReads", 40_000.0),
                ("AccountMaxTableLevelWrites", 40_000.0),
                ("AccountProvisionedReadCapacityUtilization", 10.0),
                ("AccountProvisionedWriteCapacityUtilization", 1.0),
                ("MaxProvisionedTableReadCapacityUtilization", 10.0),
                ("MaxProvisionedTableWriteCapacityUtilization", 1.0),
                ("TableCount", 3.0),
            ]
        );
    }
}
