//! Settings that are different in one replica of a global table: how much may be read, and the class of the table.
//!
//! What is in force stands where it always stands; here is what it would be without the override, so that a change of
//! what all replicas share can be made on that.

use super::{BillingMode, Index, OnDemandThroughput, ProvisionedThroughput, Settings, Table, TableClass};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The overrides of a replica.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicaOverrides {
    /// Of the table.
    pub table: ReadOverrides,
    /// Of its indexes, by name.
    pub indexes: BTreeMap<String, ReadOverrides>,
    /// The class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_class: Option<Override<Option<TableClass>>>,
}

/// How much may be read of a table or of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOverrides {
    /// ReadCapacityUnits
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_units: Option<Override<u64>>,
    /// MaxReadRequestUnits
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_read_units: Option<Override<Option<i64>>>,
}

/// A value in place of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override<T> {
    /// What all replicas share.
    pub shared: T,
    /// What is in force here.
    pub here: T,
}

impl<T: Copy + PartialEq> Override<T> {
    /// `None` where there is no difference.
    fn of(shared: T, here: T) -> Option<Override<T>> {
        (shared != here).then_some(Override { shared, here })
    }
}

impl ReadOverrides {
    fn is_none(&self) -> bool {
        *self == ReadOverrides::default()
    }

    fn take_off(self, throughput: &mut ProvisionedThroughput, on_demand: &mut Option<OnDemandThroughput>) {
        if let Some(units) = self.read_units {
            throughput.read_units = units.shared;
        }
        if let Some(units) = self.max_read_units {
            set_max(on_demand, units.shared);
        }
    }

    /// The same over what is shared now, put in force. Units are for provisioned tables, maxima for others.
    fn put_on(
        self,
        mode: BillingMode,
        throughput: &mut ProvisionedThroughput,
        on_demand: &mut Option<OnDemandThroughput>,
    ) -> ReadOverrides {
        let is_provisioned = mode == BillingMode::Provisioned;
        let read_units = self.read_units.filter(|_| is_provisioned);
        let read_units = read_units.and_then(|units| Override::of(throughput.read_units, units.here));
        let shared = on_demand.and_then(|units| units.max_read_units);
        let max_read_units = self.max_read_units.filter(|_| !is_provisioned);
        let max_read_units = max_read_units.and_then(|units| Override::of(shared, units.here));
        if let Some(units) = read_units {
            throughput.read_units = units.here;
        }
        if let Some(units) = max_read_units {
            set_max(on_demand, units.here);
        }
        ReadOverrides { read_units, max_read_units }
    }
}

fn set_max(on_demand: &mut Option<OnDemandThroughput>, max_read_units: Option<i64>) {
    let units = OnDemandThroughput { max_read_units, ..on_demand.unwrap_or_default() };
    *on_demand = (units != OnDemandThroughput::default()).then_some(units);
}

impl Table {
    /// The overrides of this replica.
    pub fn overrides(&self) -> ReplicaOverrides {
        self.settings.replica_overrides.clone().unwrap_or_default()
    }

    /// The table as it would be without overrides, and those.
    pub fn without_overrides(&self) -> (Table, ReplicaOverrides) {
        let (mut table, overrides) = (self.clone(), self.overrides());
        overrides.table.take_off(&mut table.settings.throughput, &mut table.settings.on_demand);
        for index in &mut table.indexes {
            let of_index = overrides.indexes.get(&index.name).copied().unwrap_or_default();
            of_index.take_off(&mut index.throughput, &mut index.on_demand);
        }
        if let Some(class) = overrides.table_class {
            table.settings.table_class = class.shared;
        }
        table.settings.replica_overrides = None;
        (table, overrides)
    }

    /// Puts overrides in force over what a table has without them. What makes no difference is forgotten.
    pub fn put_overrides(&mut self, overrides: &ReplicaOverrides) {
        overrides.put_on(&mut self.settings, &mut self.indexes);
    }
}

impl ReplicaOverrides {
    /// The same for what a table has, which may be one that is yet to be made.
    pub fn put_on(&self, settings: &mut Settings, indexes: &mut [Index]) {
        let mode = settings.billing_mode;
        let table = self.table.put_on(mode, &mut settings.throughput, &mut settings.on_demand);
        let class = self.table_class.and_then(|class| Override::of(settings.table_class, class.here));
        if let Some(class) = class {
            settings.table_class = class.here;
        }
        let mut kept = ReplicaOverrides { table, indexes: BTreeMap::new(), table_class: class };
        for index in indexes {
            let of_index = self.indexes.get(&index.name).copied().unwrap_or_default();
            let of_index = of_index.put_on(mode, &mut index.throughput, &mut index.on_demand);
            if !of_index.is_none() {
                kept.indexes.insert(index.name.clone(), of_index);
            }
        }
        settings.replica_overrides = (kept != ReplicaOverrides::default()).then_some(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::table;
    use super::*;
    use serde_json::json;

    #[test]
    fn what_all_share_changes_under_an_override() {
        let mut table = table();
        table.settings.throughput.read_units = 5;
        let asked = Some(Override { shared: 0, here: 9 });
        let overrides = ReplicaOverrides {
            table: ReadOverrides { read_units: asked, max_read_units: None },
            ..Default::default()
        };
        table.put_overrides(&overrides);
        assert_eq!(table.settings.throughput.read_units, 9);
        let form = json!({"table": {"read_units": {"shared": 5, "here": 9}}, "indexes": {}});
        assert_eq!(serde_json::to_value(table.overrides()).unwrap(), form);
        assert_eq!(serde_json::from_value::<ReplicaOverrides>(form).unwrap(), table.overrides());
        let (mut shared, overrides) = table.without_overrides();
        assert_eq!(
            (shared.settings.throughput.read_units, shared.settings.replica_overrides.is_none()),
            (5, true)
        );
        shared.settings.throughput.read_units = 7;
        shared.put_overrides(&overrides);
        assert_eq!(shared.overrides().table.read_units, Some(Override { shared: 7, here: 9 }));
        let (mut same, overrides) = shared.without_overrides();
        same.settings.throughput.read_units = 9;
        same.put_overrides(&overrides);
        assert_eq!(same.settings.replica_overrides, None);
    }

    #[test]
    fn a_class_of_its_own_stays_under_that_of_all() {
        let mut table = table();
        let class = Some(Override { shared: None, here: Some(TableClass::StandardInfrequentAccess) });
        table.put_overrides(&ReplicaOverrides { table_class: class, ..Default::default() });
        let (mut shared, overrides) = table.without_overrides();
        assert_eq!((shared.settings.table_class, overrides.table_class), (None, class));
        shared.settings.table_class = Some(TableClass::Standard);
        shared.put_overrides(&overrides);
        assert_eq!(shared.settings.table_class, Some(TableClass::StandardInfrequentAccess));
        assert_eq!(shared.without_overrides().0.settings.table_class, Some(TableClass::Standard));
    }
}
