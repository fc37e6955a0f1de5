//! Secondary indexes of a table.

use super::key_schema::KeySchema;
use super::settings::{OnDemandThroughput, ProvisionedThroughput, WarmThroughput};
use serde::{Deserialize, Serialize};

/// A secondary index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// Names the index in row keys, from 1; given by the catalog when the index is created, never reused.
    pub number: u16,
    /// The name.
    pub name: String,
    /// Local or global.
    pub kind: IndexKind,
    /// The index key.
    pub key: KeySchema,
    /// Which attributes entries hold beside the keys of table and index.
    pub projected: Projected,
    /// Whether it can be read.
    pub status: IndexStatus,
    /// Own throughput of a global index in provisioned mode.
    pub throughput: ProvisionedThroughput,
    /// Own maximum of a global index in on-demand mode.
    pub on_demand: Option<OnDemandThroughput>,
    /// Warm throughput, where it was set.
    pub warm: Option<WarmThroughput>,
}

/// The two kinds of index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexKind {
    /// Shares the table's partition key.
    Local,
    /// Has a key of its own.
    Global,
}

/// Which attributes entries hold; the keys of table and index always are among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Projected {
    /// All.
    All,
    /// Only the keys.
    KeysOnly,
    /// The keys and these.
    Include(Vec<String>),
}

/// Where an index is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexStatus {
    /// Written, but not complete yet.
    Backfilling,
    /// Complete.
    Active,
    /// Neither written nor read any more.
    Deleting,
}
