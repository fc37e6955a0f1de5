//! Settings of a table that change without touching its items.

use super::contributor_insights::{ContributorInsights, InsightsState};
use super::elsewhere::Elsewhere;
use super::global_table::GlobalTable;
use super::kinesis_destination::KinesisDestination;
use super::replica_overrides::ReplicaOverrides;
use super::sealing::Sealing;
use super::transition::{Change, Transition};
use crate::backup::CopyId;
use crate::stream::label_at;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const MICROS_PER_DAY: u64 = 24 * 3_600 * 1_000_000;

/// The settings of a table. All but a few are kept to be described; the engine acts on none of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How reads and writes are paid.
    pub billing_mode: BillingMode,
    /// When it was last switched to on-demand.
    pub on_demand_since_micros: Option<u64>,
    /// Throughput in provisioned mode; zeros in on-demand mode.
    pub throughput: ProvisionedThroughput,
    /// Maximum in on-demand mode.
    pub on_demand: Option<OnDemandThroughput>,
    /// What happens above these limits; absent: what the server does for all tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityMode>,
    /// Warm throughput, where it was set.
    pub warm: Option<WarmThroughput>,
    /// Table class, where it was set.
    pub table_class: Option<TableClass>,
    /// When the table class was last changed.
    pub table_class_changed_micros: Option<u64>,
    /// DeleteTable is refused.
    pub deletion_protection: bool,
    /// GlobalTableSettingsReplicationMode, where it was set: whether replicas get settings too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicates_settings: Option<bool>,
    /// Replicas are not turned into tables of their own, where it was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disassociation_protection: Option<bool>,
    /// The stream, while or after there was one.
    pub stream: Option<StreamSpecification>,
    /// Encryption with a key of KMS.
    pub sse: Option<Sse>,
    /// How rows and records are sealed, where they are or were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealing: Option<Sealing>,
    /// When it was changed lately, for the budget of such changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sse_changes_micros: Vec<u64>,
    /// Time to live, while it is on.
    pub time_to_live: Option<TimeToLive>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Kinesis data streams that its changes go to, or went to lately.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinesis: Vec<KinesisDestination>,
    /// How it stands with the ranking of keys, of the table and of its indexes, where it was ever changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contributor_insights: Vec<ContributorInsights>,
    /// Point-in-time recovery, while it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point_in_time_recovery: Option<PointInTimeRecovery>,
    /// What its items are being restored from; absent once they all are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<Restore>,
    /// The global table that it is a replica of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub global: Option<GlobalTable>,
    /// Its replicas on other stores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Box<Elsewhere>>,
    /// What is different in this replica.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replica_overrides: Option<ReplicaOverrides>,
    /// The latest changes, some of which may still show.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transitions: Vec<Transition>,
    /// Tags of the table's streams, by label; a stream without tags is not there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stream_tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Policies of the table, whose label is empty, and of its streams.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub resource_policies: BTreeMap<String, ResourcePolicy>,
}

/// The policy of a table or of a stream. The engine does not read it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourcePolicy {
    /// The document.
    pub document: String,
    /// When it was made, in milliseconds since the Unix epoch; later ones have greater numbers.
    pub revision: u64,
}

impl Settings {
    /// Whether the table still shows as being created.
    pub fn is_creating(&self, now_micros: u64) -> bool {
        self.is_being_filled() || self.shows(now_micros, |change| matches!(change, Change::Creating))
    }

    /// Whether items are still being copied into the table, from a backup or from another replica: it is not there yet.
    pub fn is_being_filled(&self) -> bool {
        self.restore.is_some() || self.global.as_ref().is_some_and(|global| global.is_filling)
    }

    /// Whether the table is a replica that is being taken away: it is not there any more.
    pub fn is_leaving(&self) -> bool {
        self.global.as_ref().is_some_and(|global| global.leaving_until_micros.is_some())
    }

    /// The id that the table is to have, where it was told before the table is there.
    pub(crate) fn promised_uuid(&self) -> Option<String> {
        self.restore.as_ref().and_then(|from| from.import.clone())
    }

    /// How the keys of an index (0: the table) are ranked now, if they are.
    pub fn ranked(&self, index: u16) -> Option<&ContributorInsights> {
        let is_on =
            |entry: &&ContributorInsights| entry.index == index && entry.state == InsightsState::Enabled;
        self.contributor_insights.iter().find(is_on)
    }

    /// Whether such a change still shows.
    pub fn shows(&self, now_micros: u64, is: impl Fn(&Change) -> bool) -> bool {
        let mut shown = self.transitions.iter().filter(|transition| transition.shows(now_micros));
        shown.any(|transition| is(&transition.change))
    }

    /// Until when the table shows as new; 0: not at all.
    pub(crate) fn creating_shows_until_micros(&self) -> u64 {
        self.shows_until_micros(|change| matches!(change, Change::Creating))
    }

    /// Until when a new index shows as having no room yet, or one that is removed as being deleted; 0: not at all.
    pub(crate) fn index_shows_until_micros(&self, number: u16) -> u64 {
        self.shows_until_micros(|change| match change {
            Change::IndexCreating { index } | Change::IndexDeleting { index } => *index == number,
            _ => false,
        })
    }

    fn shows_until_micros(&self, is_about: impl Fn(&Change) -> bool) -> u64 {
        let about = self.transitions.iter().filter(|transition| is_about(&transition.change));
        about.map(|transition| transition.until_micros).max().unwrap_or(0)
    }
}

/// Point-in-time recovery. The table has a consumer of its feed for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointInTimeRecovery {
    /// Since when changes can be taken back, in microseconds since the Unix epoch.
    pub since_micros: u64,
    /// For how many days they are kept.
    pub period_days: u64,
}

/// What a table is restored from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Restore {
    /// The ARN of the backup, where it is from one.
    pub backup_arn: Option<String>,
    /// The ARN of the table that was copied.
    pub table_arn: String,
    /// The time that the items are as of, in microseconds since the Unix epoch.
    pub time_micros: u64,
    /// The copy of the backup, given when the table is created.
    pub(crate) copy: Option<CopyId>,
    /// Where its items do not come from another table at all, but from objects that are imported: the id that the table
    /// was promised when the import was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
}

impl Restore {
    /// From a table as it was at a time, or from a backup of that time.
    pub fn of(backup_arn: Option<String>, table_arn: String, time_micros: u64) -> Restore {
        Restore { backup_arn, table_arn, time_micros, copy: None, import: None }
    }

    /// From objects, by an import, which ends by itself; the table has this id.
    pub fn by_import(uuid: String) -> Restore {
        Restore { import: Some(uuid), ..Restore::default() }
    }
}

/// What happens to requests above the limits of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CapacityMode {
    /// They are served, and counted.
    #[default]
    Observe,
    /// They are refused.
    Enforce,
}

/// How reads and writes are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum BillingMode {
    /// By capacity that was ordered.
    #[default]
    Provisioned,
    /// By request.
    PayPerRequest,
}

/// Ordered capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProvisionedThroughput {
    /// ReadCapacityUnits
    pub read_units: u64,
    /// WriteCapacityUnits
    pub write_units: u64,
    /// When it was last raised.
    pub last_increase_micros: Option<u64>,
    /// When it was last lowered.
    pub last_decrease_micros: Option<u64>,
    /// How often it was lowered on the (UTC) day of the last time.
    pub decreases_that_day: u32,
}

impl ProvisionedThroughput {
    /// The same units without the history of their changes.
    pub fn as_new(&self) -> Self {
        ProvisionedThroughput {
            read_units: self.read_units,
            write_units: self.write_units,
            ..Self::default()
        }
    }

    /// NumberOfDecreasesToday: how often it was lowered on the (UTC) day of a time.
    pub fn decreases_on_day_of(&self, micros: u64) -> u32 {
        let day = |micros: u64| micros / MICROS_PER_DAY;
        match self.last_decrease_micros {
            Some(last) if day(last) == day(micros) => self.decreases_that_day,
            _ => 0,
        }
    }
}

/// Maximum in on-demand mode; absent is no maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OnDemandThroughput {
    /// MaxReadRequestUnits
    pub max_read_units: Option<i64>,
    /// MaxWriteRequestUnits
    pub max_write_units: Option<i64>,
}

/// Warm throughput.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WarmThroughput {
    /// ReadUnitsPerSecond
    pub read_units: Option<i64>,
    /// WriteUnitsPerSecond
    pub write_units: Option<i64>,
}

/// Table classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TableClass {
    /// STANDARD
    Standard,
    /// STANDARD_INFREQUENT_ACCESS
    StandardInfrequentAccess,
}

/// A stream as it was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamSpecification {
    /// Whether changes go into it.
    pub enabled: bool,
    /// What its records show.
    pub view: StreamView,
    /// LatestStreamLabel, given when it was enabled.
    pub label: String,
}

impl StreamSpecification {
    /// One that begins at a time, in microseconds since the Unix epoch.
    pub fn beginning(view: StreamView, now_micros: u64) -> Self {
        StreamSpecification { enabled: true, view, label: label_at(now_micros) }
    }
}

/// What the records of a stream show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StreamView {
    /// KEYS_ONLY
    KeysOnly,
    /// NEW_IMAGE
    NewImage,
    /// OLD_IMAGE
    OldImage,
    /// NEW_AND_OLD_IMAGES
    NewAndOldImages,
}

/// Time to live, switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeToLive {
    /// The attribute with the time an item expires.
    pub attribute: String,
    /// The schema version it was switched on in: names its time index, so that one that is still being dropped is
    /// never taken for its successor.
    pub since_version: u64,
}

/// Encryption with a key of KMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sse {
    /// The key as an ARN; absent is the key AWS manages.
    pub key_arn: Option<String>,
}
