//! How a replica of a global table of version 2017.11.29 is paid for, and how it scales, as DynamoDB tells it and
//! servers tell each other.

use crate::auto_scaling::ScalingSettings;
use crate::describe::{self, Moment};
use crate::replica_auto_scaling as scaling;
use crate::service::DynamoDb;
use engine::table::BillingMode;
use engine::{Table, TableStatistics};
use model::ApiError;
use model::dynamodb as shapes;
use pipeline::Cx;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The settings of a replica, as they show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicaSettings {
    status: String,
    billing_mode: Option<Choice>,
    table_class: Option<Choice>,
    reads: Capacity,
    writes: Capacity,
    indexes: Vec<IndexSettings>,
}

/// The same of a global index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexSettings {
    name: String,
    status: Option<String>,
    reads: Capacity,
    writes: Capacity,
}

/// What was chosen, and when, in seconds since the Unix epoch, where that is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    value: String,
    since: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Capacity {
    units: Option<i64>,
    scales: Scales,
}

/// How capacity scales. What is paid for by request has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Scales {
    ByRequest,
    Off,
    On(ScalingSettings),
}

impl ReplicaSettings {
    /// Those of a table here.
    pub async fn of(cx: &Cx<'_, DynamoDb>, member: &Table) -> Result<ReplicaSettings, ApiError> {
        let described = describe::table(member, &TableStatistics::empty(member), Moment::at(cx.now_micros));
        let units = described.provisioned_throughput.unwrap_or_default();
        let mut indexes = Vec::new();
        for index in described.global_secondary_indexes.unwrap_or_default() {
            let units = index.provisioned_throughput.unwrap_or_default();
            let name = index.index_name.unwrap_or_default();
            indexes.push(IndexSettings {
                reads: Capacity::of(cx, member, Some(&name), (true, units.read_capacity_units)).await?,
                writes: Capacity::of(cx, member, Some(&name), (false, units.write_capacity_units)).await?,
                name,
                status: index.index_status,
            });
        }
        Ok(ReplicaSettings {
            status: described.table_status.unwrap_or_default(),
            billing_mode: described.billing_mode_summary.map(|summary| Choice {
                value: summary.billing_mode.unwrap_or_default(),
                since: summary.last_update_to_pay_per_request_date_time,
            }),
            table_class: described.table_class_summary.map(|summary| Choice {
                value: summary.table_class.unwrap_or_default(),
                since: summary.last_update_date_time,
            }),
            reads: Capacity::of(cx, member, None, (true, units.read_capacity_units)).await?,
            writes: Capacity::of(cx, member, None, (false, units.write_capacity_units)).await?,
            indexes,
        })
    }

    /// As DescribeGlobalTableSettings has them.
    pub fn described(self, region: &str) -> shapes::ReplicaSettingsDescription {
        let index = |index: IndexSettings| shapes::ReplicaGlobalSecondaryIndexSettingsDescription {
            index_name: Some(index.name),
            index_status: index.status,
            provisioned_read_capacity_units: index.reads.units,
            provisioned_read_capacity_auto_scaling_settings: index.reads.scales.described(),
            provisioned_write_capacity_units: index.writes.units,
            provisioned_write_capacity_auto_scaling_settings: index.writes.scales.described(),
        };
        let indexes: Vec<_> = self.indexes.into_iter().map(index).collect();
        shapes::ReplicaSettingsDescription {
            region_name: Some(region.to_owned()),
            replica_status: Some(self.status),
            replica_billing_mode_summary: self.billing_mode.map(|mode| shapes::BillingModeSummary {
                billing_mode: Some(mode.value),
                last_update_to_pay_per_request_date_time: mode.since,
            }),
            replica_provisioned_read_capacity_units: self.reads.units,
            replica_provisioned_read_capacity_auto_scaling_settings: self.reads.scales.described(),
            replica_provisioned_write_capacity_units: self.writes.units,
            replica_provisioned_write_capacity_auto_scaling_settings: self.writes.scales.described(),
            replica_global_secondary_index_settings: (!indexes.is_empty()).then_some(indexes),
            replica_table_class_summary: self.table_class.map(|class| shapes::TableClassSummary {
                table_class: Some(class.value),
                last_update_date_time: class.since,
            }),
        }
    }

    /// Tells settings apart. Only the server of the replica makes and compares them.
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_vec(self).expect("structures, lists and finite numbers");
        stdx::hex::encode(&Sha256::digest(text))
    }
}

impl Capacity {
    async fn of(
        cx: &Cx<'_, DynamoDb>,
        member: &Table,
        index: Option<&str>,
        (is_read, units): (bool, Option<i64>),
    ) -> Result<Capacity, ApiError> {
        let scales = match member.settings.billing_mode {
            BillingMode::PayPerRequest => Scales::ByRequest,
            BillingMode::Provisioned => {
                let told = scaling::told(cx, member, index, is_read).await?;
                told.map_or(Scales::Off, Scales::On)
            }
        };
        Ok(Capacity { units, scales })
    }
}

impl Scales {
    /// Nothing is told of policies where it does not scale.
    fn described(self) -> Option<shapes::AutoScalingSettingsDescription> {
        let settings = match self {
            Scales::ByRequest => return None,
            Scales::Off => None,
            Scales::On(settings) => Some(settings),
        };
        let mut described = scaling::shown(settings);
        described.scaling_policies.take_if(|policies| policies.is_empty());
        Some(described)
    }
}
