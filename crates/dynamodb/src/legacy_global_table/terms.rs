//! What UpdateGlobalTableSettings asks for of one replica: how it is to be paid for, and how it is to scale. The server
//! of the replica judges it as it judges UpdateTable, whoever was asked.

use crate::auto_scaling::{Scaled, ScalingChange};
use crate::checks::table_class;
use crate::errors::codes;
use crate::ops::table::update_table::paid_for;
use crate::replica_auto_scaling as scaling;
use crate::service::DynamoDb;
use engine::Table;
use engine::table::{BillingMode, Index, IndexKind};
use model::ApiError;
use model::dynamodb::{
    AutoScalingSettingsUpdate, GlobalSecondaryIndexUpdate, ProvisionedThroughput,
    UpdateGlobalSecondaryIndexAction, UpdateGlobalTableSettingsInput, UpdateTableInput,
};
use pipeline::Cx;
use serde::{Deserialize, Serialize};

/// Of a request: that many indexes, and characters of a name.
const INDEXES_MAX: usize = 20;
const NAME_BYTES_MAX: usize = 255;
const POLICY_NAME_BYTES_MAX: usize = 1_024;

/// What is to change about a replica. What is not named stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    billing_mode: Option<String>,
    table_class: Option<String>,
    writes: Wanted,
    reads: Wanted,
}

/// Reads or writes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    table: Capacity,
    indexes: Vec<OfIndex>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfIndex {
    name: String,
    capacity: Capacity,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Capacity {
    units: Option<i64>,
    scaling: Option<ScalingChange>,
}

impl Terms {
    /// The part of a request that concerns the replica in a region: what is asked for of all, and of that one.
    pub fn of(input: &UpdateGlobalTableSettingsInput, region: &str) -> Terms {
        let name = input.global_table_name.as_deref().unwrap_or_default();
        let capacity = |index: Option<&str>, is_read, units, update: &Option<AutoScalingSettingsUpdate>| {
            let place = Scaled { table: name.to_owned(), index: index.map(str::to_owned), is_read };
            Capacity { units, scaling: update.as_ref().map(|update| scaling::change(update, &place)) }
        };
        let of_index = |index: &Option<String>, is_read, units, update| {
            let name = index.clone().unwrap_or_default();
            OfIndex { capacity: capacity(Some(&name), is_read, units, update), name }
        };
        let writes =
            input.global_table_global_secondary_index_settings_update.iter().flatten().map(|update| {
                let scaling = &update.provisioned_write_capacity_auto_scaling_settings_update;
                of_index(&update.index_name, false, update.provisioned_write_capacity_units, scaling)
            });
        let mut replicas = input.replica_settings_update.iter().flatten();
        let replica = replicas
            .find(|update| update.region_name.as_deref() == Some(region))
            .cloned()
            .unwrap_or_default();
        let reads = replica.replica_global_secondary_index_settings_update.iter().flatten().map(|update| {
            let scaling = &update.provisioned_read_capacity_auto_scaling_settings_update;
            of_index(&update.index_name, true, update.provisioned_read_capacity_units, scaling)
        });
        Terms {
            billing_mode: input.global_table_billing_mode.clone(),
            table_class: replica.replica_table_class.clone(),
            writes: Wanted {
                table: capacity(
                    None,
                    false,
                    input.global_table_provisioned_write_capacity_units,
                    &input.global_table_provisioned_write_capacity_auto_scaling_settings_update,
                ),
                indexes: writes.collect(),
            },
            reads: Wanted {
                table: capacity(
                    None,
                    true,
                    replica.replica_provisioned_read_capacity_units,
                    &replica.replica_provisioned_read_capacity_auto_scaling_settings_update,
                ),
                indexes: reads.collect(),
            },
        }
    }

    /// Whether nothing is asked for.
    pub fn are_none(&self) -> bool {
        *self == Terms::default()
    }

    /// Whether a client can have asked for this; if not, why.
    ///
    /// # Errors
    /// With a sentence.
    pub fn check(&self) -> Result<(), String> {
        let is_mode = matches!(self.billing_mode.as_deref(), None | Some("PROVISIONED" | "PAY_PER_REQUEST"));
        let is_class = table_class::check(self.table_class.as_deref()).is_ok();
        match is_mode && is_class && self.writes.can_be() && self.reads.can_be() {
            true => Ok(()),
            false => Err("a replica is to be paid for as none can be".to_owned()),
        }
    }

    /// Every index that is named is one of the replica.
    pub fn are_about(&self, member: &Table) -> Result<(), ApiError> {
        let mut names = self.writes.indexes.iter().chain(&self.reads.indexes).map(|index| &index.name);
        match names.find(|name| !indexes(member).any(|index| index.name == **name)) {
            Some(unknown) => {
                let text = format!("Requested resource not found: Index {unknown} of the global table");
                Err(ApiError::new(codes::INDEX_NOT_FOUND, text))
            }
            None => Ok(()),
        }
    }

    /// The replica as it is to be paid for, or what UpdateTable in its region refuses that with.
    pub fn put_on(&self, cx: &Cx<'_, DynamoDb>, member: &Table) -> Result<Table, ApiError> {
        self.are_about(member)?;
        match self.of_table(member) {
            input if input == UpdateTableInput::default() => Ok(member.clone()),
            input => paid_for(cx, member, &input),
        }
    }

    /// Lets the replica scale as it is to: writes before reads, the table before its indexes.
    pub async fn scale(&self, cx: &Cx<'_, DynamoDb>, member: &Table) -> Result<(), ApiError> {
        for (wanted, is_read) in [(&self.writes, false), (&self.reads, true)] {
            let of_indexes = wanted.indexes.iter().map(|index| (Some(index.name.as_str()), &index.capacity));
            for (index, Capacity { scaling: change, .. }) in
                std::iter::once((None, &wanted.table)).chain(of_indexes)
            {
                if let Some(change) = change {
                    scaling::apply(cx, member, &scaling::place(member, index, is_read), change).await?;
                }
            }
        }
        Ok(())
    }

    /// As UpdateTable is asked for it. What is as it should be is left out.
    fn of_table(&self, member: &Table) -> UpdateTableInput {
        let settings = &member.settings;
        let now = (settings.throughput.read_units, settings.throughput.write_units);
        let asked = (self.reads.table.units, self.writes.table.units);
        let updates: Vec<_> = indexes(member).filter_map(|index| self.of_index(member, index)).collect();
        let is_ordered = settings.billing_mode == BillingMode::Provisioned;
        let mode = self.billing_mode.clone().filter(|mode| !(is_ordered && mode == "PROVISIONED"));
        UpdateTableInput {
            billing_mode: mode,
            provisioned_throughput: units(now, asked, self.make_provisioned(member)),
            global_secondary_index_updates: (!updates.is_empty()).then_some(updates),
            table_class: self.table_class.clone(),
            ..Default::default()
        }
    }

    /// Whoever turns to it names the units, and those that stay are none yet.
    fn make_provisioned(&self, member: &Table) -> bool {
        member.settings.billing_mode == BillingMode::PayPerRequest
            && self.billing_mode.as_deref() == Some("PROVISIONED")
    }

    fn of_index(&self, member: &Table, index: &Index) -> Option<GlobalSecondaryIndexUpdate> {
        let asked = (self.reads.units_of(&index.name), self.writes.units_of(&index.name));
        let now = (index.throughput.read_units, index.throughput.write_units);
        let throughput = units(now, asked, self.make_provisioned(member))?;
        let action = UpdateGlobalSecondaryIndexAction {
            index_name: Some(index.name.clone()),
            provisioned_throughput: Some(throughput),
            ..Default::default()
        };
        Some(GlobalSecondaryIndexUpdate { update: Some(action), ..Default::default() })
    }
}

impl Wanted {
    fn units_of(&self, index: &str) -> Option<i64> {
        self.indexes.iter().find(|update| update.name == index)?.capacity.units
    }

    fn can_be(&self) -> bool {
        let of_indexes = self.indexes.iter().map(|index| &index.capacity);
        self.indexes.len() <= INDEXES_MAX
            && self.indexes.iter().all(|index| (1..=NAME_BYTES_MAX).contains(&index.name.len()))
            && std::iter::once(&self.table).chain(of_indexes).all(Capacity::can_be)
    }
}

impl Capacity {
    /// What bounds and targets must be is judged by whoever scales.
    fn can_be(&self) -> bool {
        let is_name = match &self.scaling {
            Some(ScalingChange::On { policy: Some(policy), .. }) => {
                policy.name.len() <= POLICY_NAME_BYTES_MAX
            }
            _ => true,
        };
        is_name && self.units.is_none_or(|units| units > 0)
    }
}

fn indexes(member: &Table) -> impl Iterator<Item = &Index> {
    member.indexes.iter().filter(|index| index.kind == IndexKind::Global)
}

/// The units after a change, with those that stay; `None`: they are as they should be, or not all of new ones are
/// named, which UpdateTable refuses.
fn units(now: (u64, u64), asked: (Option<i64>, Option<i64>), are_new: bool) -> Option<ProvisionedThroughput> {
    let kept = |units: u64| i64::try_from(units).ok().filter(|_| !are_new);
    let next = (asked.0.or(kept(now.0)), asked.1.or(kept(now.1)));
    let is_whole = next.0.is_some() && next.1.is_some();
    if asked == (None, None) || !is_whole || next == (kept(now.0), kept(now.1)) {
        return None;
    }
    let (read_capacity_units, write_capacity_units) = next;
    Some(ProvisionedThroughput { read_capacity_units, write_capacity_units })
}
