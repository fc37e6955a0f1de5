//! What a replica has of its own: its server tells the others what that is, and changes it when another one asks.

use super::carry::about;
use super::messages::{self, Asked, AskedOfIndex, CHANGE, Done};
use super::{ask, out_of_reach};
use crate::checks::table_class;
use crate::encryption_key;
use crate::errors::codes;
use crate::global_table::in_use;
use crate::service::DynamoDb;
use engine::Table;
use engine::table::{OwnSettings, ReadOverrides};
use model::ApiError;
use model::dynamodb as shapes;
use peers::CallError;
use pipeline::Cx;

/// Indexes that a request, or a replica, has settings for: more than a table has.
const INDEXES_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 255;
const KEY_BYTES_MAX: usize = 2_048;

/// What a replica here has of its own.
pub fn of_table(table: &Table) -> OwnSettings {
    let elsewhere = table.settings.elsewhere.as_ref();
    OwnSettings {
        since_micros: elsewhere.map_or(0, |elsewhere| elsewhere.own_since_micros),
        overrides: table.overrides(),
        key: table.settings.sse.as_ref().map(|sse| encryption_key::arn(sse, &table.scope)),
    }
}

/// Whether two replicas, or one before and after a change, have the same of their own.
pub fn is_the_same(before: &Table, after: &Table) -> bool {
    (before.overrides(), &before.settings.sse) == (after.overrides(), &after.settings.sse)
}

/// Whether a table can have this; if not, why.
///
/// # Errors
/// With a sentence.
pub fn check(own: &OwnSettings) -> Result<(), String> {
    let are_units = |reads: &ReadOverrides| {
        reads.read_units.is_none_or(|units| i64::try_from(units.here).is_ok())
            && reads.max_read_units.is_none_or(|units| units.here.is_none_or(|units| units > 0))
    };
    let overrides = &own.overrides;
    let are_indexes = overrides.indexes.len() <= INDEXES_MAX
        && overrides.indexes.iter().all(|(name, reads)| is_name(name) && are_units(reads));
    let is_key = own.key.as_ref().is_none_or(|key| key.len() <= KEY_BYTES_MAX);
    match are_units(&overrides.table) && are_indexes && is_key {
        true => Ok(()),
        false => Err("a replica has settings of its own that none can have".to_owned()),
    }
}

fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
}

/// Has the server of a replica change what that has of its own. It says so to all others afterwards.
pub async fn change(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    action: &shapes::UpdateReplicationGroupMemberAction,
) -> Result<(), ApiError> {
    let (peers, region) = (&cx.service.peers, action.region_name.as_deref().unwrap_or_default());
    let changed = ask::<Done>(peers, region, CHANGE, &Asked::of(read, region, action)).await;
    changed.map(drop).map_err(|error| match error {
        CallError::Said { code, sentence } if code == messages::INVALID => ApiError::validation(sentence),
        CallError::Said { code, sentence } if code == messages::NO_INDEX => {
            ApiError::new(codes::RESOURCE_NOT_FOUND, sentence)
        }
        CallError::Said { code, .. } if code == messages::IN_USE => in_use(),
        error => out_of_reach(peers, region, &error),
    })
}

impl Asked {
    fn of(read: &Table, region: &str, action: &shapes::UpdateReplicationGroupMemberAction) -> Asked {
        let index = |index: &shapes::ReplicaGlobalSecondaryIndex| AskedOfIndex {
            name: index.index_name.clone().unwrap_or_default(),
            read_units: index.provisioned_throughput_override.as_ref().and_then(units),
            max_read_units: index.on_demand_throughput_override.as_ref().and_then(maximum),
        };
        Asked {
            about: about(read, region),
            read_units: action.provisioned_throughput_override.as_ref().and_then(units),
            max_read_units: action.on_demand_throughput_override.as_ref().and_then(maximum),
            table_class: action.table_class_override.clone(),
            indexes: action.global_secondary_indexes.iter().flatten().map(index).collect(),
        }
    }

    /// Whether a client can have asked for this; if not, why.
    ///
    /// # Errors
    /// With a sentence.
    pub fn check(&self) -> Result<(), String> {
        let are_units = |read: Option<i64>, max: Option<i64>| {
            read.is_none_or(|units| units > 0) && max.is_none_or(|units| units > 0 || units == -1)
        };
        let are_indexes = self.indexes.len() <= INDEXES_MAX
            && self
                .indexes
                .iter()
                .all(|index| is_name(&index.name) && are_units(index.read_units, index.max_read_units));
        let is_class = table_class::check(self.table_class.as_deref()).is_ok();
        match are_indexes && is_class && are_units(self.read_units, self.max_read_units) {
            true => Ok(()),
            false => Err("a replica is to have settings of its own that none can have".to_owned()),
        }
    }

    /// As it was asked for.
    pub fn action(&self) -> shapes::UpdateReplicationGroupMemberAction {
        let index = |index: &AskedOfIndex| shapes::ReplicaGlobalSecondaryIndex {
            index_name: Some(index.name.clone()),
            provisioned_throughput_override: index.read_units.map(units_override),
            on_demand_throughput_override: index.max_read_units.map(maximum_override),
        };
        let indexes: Vec<_> = self.indexes.iter().map(index).collect();
        shapes::UpdateReplicationGroupMemberAction {
            region_name: Some(self.about.region.clone()),
            provisioned_throughput_override: self.read_units.map(units_override),
            on_demand_throughput_override: self.max_read_units.map(maximum_override),
            table_class_override: self.table_class.clone(),
            global_secondary_indexes: (!indexes.is_empty()).then_some(indexes),
            ..Default::default()
        }
    }
}

fn units(asked: &shapes::ProvisionedThroughputOverride) -> Option<i64> {
    asked.read_capacity_units
}

fn maximum(asked: &shapes::OnDemandThroughputOverride) -> Option<i64> {
    asked.max_read_request_units
}

fn units_override(units: i64) -> shapes::ProvisionedThroughputOverride {
    shapes::ProvisionedThroughputOverride { read_capacity_units: Some(units) }
}

fn maximum_override(units: i64) -> shapes::OnDemandThroughputOverride {
    shapes::OnDemandThroughputOverride { max_read_request_units: Some(units) }
}
