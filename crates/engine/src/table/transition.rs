//! Changes of a table that still show as under way.
//!
//! A change takes effect at once; how long it shows is up to the server that makes it. The end is part of the
//! descriptor, so that all servers on a store show the same, also after a restart.

use super::settings::{OnDemandThroughput, ProvisionedThroughput, Sse, TableClass, WarmThroughput};
use serde::{Deserialize, Serialize};

/// A change, and until when it shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// What was changed.
    pub change: Change,
    /// Microseconds since the Unix epoch; 0 shows only in the answer to the change.
    pub until_micros: u64,
}

impl Transition {
    /// Whether the change still shows.
    pub fn shows(&self, now_micros: u64) -> bool {
        now_micros < self.until_micros
    }
}

/// What was changed. Where the old value shows until the end, it is here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// The table is new.
    Creating,
    /// Throughput or billing mode of the table.
    Throughput {
        /// The units before.
        throughput: ProvisionedThroughput,
        /// Warm throughput before.
        warm: Option<WarmThroughput>,
    },
    /// Warm throughput of the table.
    WarmThroughput {
        /// What was set before.
        warm: Option<WarmThroughput>,
    },
    /// The maximum in on-demand mode; shows at once.
    OnDemandThroughput {
        /// The value shown until the end: -1 for a maximum that was lifted.
        told: OnDemandThroughput,
    },
    /// Throughput of a global secondary index.
    IndexThroughput {
        /// The number of the index.
        index: u16,
        /// The units before.
        throughput: ProvisionedThroughput,
        /// The maximum in on-demand mode before.
        on_demand: Option<OnDemandThroughput>,
        /// Warm throughput before.
        warm: Option<WarmThroughput>,
    },
    /// Warm throughput of a global secondary index, and nothing else of it.
    IndexWarmThroughput {
        /// The number of the index.
        index: u16,
        /// What was set before.
        warm: Option<WarmThroughput>,
    },
    /// Encryption was switched on or off, or another key is used.
    Encryption {
        /// What was set before.
        sse: Option<Sse>,
    },
    /// A stream was enabled or disabled; shows at once.
    Stream {
        /// Whether it was enabled.
        enabling: bool,
    },
    /// Room is made for a global secondary index that is new, before it is built.
    IndexCreating {
        /// The number of the index.
        index: u16,
    },
    /// A global secondary index is removed.
    IndexDeleting {
        /// The number of the index.
        index: u16,
    },
    /// The table class.
    TableClass {
        /// The class before.
        class: Option<TableClass>,
        /// When that one was set.
        changed_micros: Option<u64>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The form in descriptors: if this no longer reads, tables of earlier versions are lost.
    #[test]
    fn the_form_of_every_change_is_fixed() {
        let units = ProvisionedThroughput { read_units: 5, write_units: 6, ..Default::default() };
        let units_json = json!({
            "read_units": 5, "write_units": 6, "last_increase_micros": null, "last_decrease_micros": null,
            "decreases_that_day": 0
        });
        let warm = Some(WarmThroughput { read_units: Some(1), write_units: None });
        let warm_json = json!({"read_units": 1, "write_units": null});
        let told = OnDemandThroughput { max_read_units: Some(-1), max_write_units: None };
        let told_json = json!({"max_read_units": -1, "max_write_units": null});
        for (change, form) in [
            (Change::Creating, json!("Creating")),
            (
                Change::Throughput { throughput: units, warm },
                json!({"Throughput": {"throughput": units_json, "warm": warm_json}}),
            ),
            (Change::WarmThroughput { warm }, json!({"WarmThroughput": {"warm": warm_json}})),
            (Change::OnDemandThroughput { told }, json!({"OnDemandThroughput": {"told": told_json}})),
            (
                Change::IndexThroughput { index: 3, throughput: units, on_demand: Some(told), warm },
                json!({"IndexThroughput": {
                    "index": 3, "throughput": units_json, "on_demand": told_json, "warm": warm_json
                }}),
            ),
            (
                Change::IndexWarmThroughput { index: 3, warm: None },
                json!({"IndexWarmThroughput": {"index": 3, "warm": null}}),
            ),
            (
                Change::Encryption { sse: Some(Sse { key_arn: None }) },
                json!({"Encryption": {"sse": {"key_arn": null}}}),
            ),
            (Change::Stream { enabling: true }, json!({"Stream": {"enabling": true}})),
            (Change::IndexCreating { index: 3 }, json!({"IndexCreating": {"index": 3}})),
            (Change::IndexDeleting { index: 3 }, json!({"IndexDeleting": {"index": 3}})),
            (
                Change::TableClass { class: Some(TableClass::Standard), changed_micros: Some(7) },
                json!({"TableClass": {"class": "Standard", "changed_micros": 7}}),
            ),
        ] {
            let transition = Transition { change, until_micros: 9 };
            let form = json!({"change": form, "until_micros": 9});
            assert_eq!(serde_json::to_value(&transition).unwrap(), form);
            assert_eq!(serde_json::from_value::<Transition>(form).unwrap(), transition);
        }
    }
}
