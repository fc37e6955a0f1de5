//! Warm throughput: what a table or a global index can serve at once. It never falls: it is what was asked for, or the
//! highest of what the billing modes so far have given.

use engine::table::{BillingMode, ProvisionedThroughput, WarmThroughput};

/// What an on-demand table begins with.
pub const ON_DEMAND_READ_UNITS: i64 = capacity::ON_DEMAND_READ_UNITS as i64;
/// The same for writes.
pub const ON_DEMAND_WRITE_UNITS: i64 = capacity::ON_DEMAND_WRITE_UNITS as i64;

/// The units of a table or index with this setting; where it is silent, what its mode gives.
pub fn units(
    mode: BillingMode,
    setting: Option<WarmThroughput>,
    ordered: &ProvisionedThroughput,
) -> (i64, i64) {
    let (read, write) = given(mode, ordered);
    let setting = setting.unwrap_or_default();
    (setting.read_units.unwrap_or(read), setting.write_units.unwrap_or(write))
}

/// The setting that keeps what there was, now that mode or capacity is another.
pub fn raised(before: (i64, i64), mode: BillingMode, ordered: &ProvisionedThroughput) -> WarmThroughput {
    let (read, write) = given(mode, ordered);
    WarmThroughput { read_units: Some(before.0.max(read)), write_units: Some(before.1.max(write)) }
}

fn given(mode: BillingMode, ordered: &ProvisionedThroughput) -> (i64, i64) {
    match mode {
        BillingMode::Provisioned => (ordered.read_units as i64, ordered.write_units as i64),
        BillingMode::PayPerRequest => (ON_DEMAND_READ_UNITS, ON_DEMAND_WRITE_UNITS),
    }
}
