//! The descriptor of a table: immutable, shared, replaced as a whole when something changes.
//!
//! Every change has a higher `schema_version`, which fences writes planned with an older one. Stored as a
//! versioned document; independent of the API's spelling of its members.

mod contributor_insights;
mod elsewhere;
mod global_table;
mod index;
mod key_schema;
mod kinesis_destination;
mod provisioned;
mod replica_overrides;
mod sealing;
mod settings;
mod transition;

pub use contributor_insights::{ContributorInsights, InsightsState};
pub use elsewhere::{Elsewhere, Introduction, OwnSettings, RemoteReplica, RemoteState};
pub use global_table::GlobalTable;
pub(crate) use global_table::replication_to;
pub use index::{Index, IndexKind, IndexStatus, Projected};
pub use key_schema::{KeyAttribute, KeySchema, KeyType};
pub use kinesis_destination::{DestinationState, KinesisDestination, TimePrecision};
pub use provisioned::Provisioned;
pub use replica_overrides::{Override, ReadOverrides, ReplicaOverrides};
pub use sealing::{Generation, Sealing};
pub use settings::{
    BillingMode, CapacityMode, OnDemandThroughput, PointInTimeRecovery, ProvisionedThroughput,
    ResourcePolicy, Restore, Settings, Sse, StreamSpecification, StreamView, TableClass, TimeToLive,
    WarmThroughput,
};
pub use transition::{Change, Transition};

use crate::feed::Consumer;
use crate::keys::hash128;
use crate::stream::StreamLoad;
use capacity::TableBuckets;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{CounterId, FeedCursor, FeedId, Fence};
use types::MapRef;

/// Whose tables, and where: names are unique within. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The account, such as `000000000000`.
    pub account: Arc<str>,
    /// The region, such as `eu-west-1`.
    pub region: Arc<str>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Names the table in row keys; never reused.
    pub id: u32,
    /// Rises with every change.
    pub schema_version: u64,
    /// Account and region.
    pub scope: Scope,
    /// The name.
    pub name: String,
    /// The API's TableId.
    pub uuid: String,
    /// When it was created, in microseconds since the Unix epoch.
    pub created_micros: u64,
    /// Keys the hashes of this table's row keys. A table that is restored has that of its source.
    pub hash_key: [u8; 16],
    /// The primary key.
    pub key: KeySchema,
    /// All attribute definitions, in the order they were given.
    pub attribute_definitions: Vec<KeyAttribute>,
    /// The secondary indexes, in the order they were given.
    pub indexes: Vec<Index>,
    /// The highest index number ever given; numbers are not reused.
    pub index_number_max: u16,
    /// The consumers of the change feed beside the stream, which is among the settings.
    #[serde(default)]
    pub consumers: Vec<Consumer>,
    /// Whether consumers were removed: the feed may hold records for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub had_consumers: bool,
    /// The write load on this server; unused where there is no stream.
    #[serde(skip)]
    pub load: StreamLoad,
    /// The capacity left on this server. Admission reads and charges it.
    #[serde(skip)]
    pub buckets: TableBuckets,
    /// What UpdateTable and its relatives change.
    pub settings: Settings,
}

impl Table {
    /// `arn:aws:dynamodb:<region>:<account>:table/<name>`.
    pub fn arn(&self) -> String {
        format!("arn:aws:dynamodb:{}:{}:table/{}", self.scope.region, self.scope.account, self.name)
    }

    /// An index and its position in `indexes`.
    pub fn index(&self, name: &str) -> Option<(usize, &Index)> {
        self.indexes.iter().enumerate().find(|(_, index)| index.name == name)
    }

    /// Whether there is a local secondary index, and so a limit on item collections.
    pub fn has_local_index(&self) -> bool {
        self.indexes.iter().any(|index| index.kind == IndexKind::Local)
    }

    /// Whether reads of this index find the attribute in its entries.
    pub fn projects(&self, index: &Index, attribute: &str) -> bool {
        match &index.projected {
            Projected::All => true,
            Projected::KeysOnly => self.is_key_of(index, attribute),
            Projected::Include(names) => {
                self.is_key_of(index, attribute) || names.iter().any(|name| name == attribute)
            }
        }
    }

    /// Whether the attribute is a key of the table or of the index.
    pub fn is_key_of(&self, index: &Index, attribute: &str) -> bool {
        self.key.contains(attribute) || index.key.contains(attribute)
    }

    /// Drops the attribute definitions that neither the table's key nor that of an index uses.
    pub fn forget_unused_attributes(&mut self) {
        let Table { key, indexes, attribute_definitions, .. } = self;
        let is_used = |name: &str| key.contains(name) || indexes.iter().any(|index| index.key.contains(name));
        attribute_definitions.retain(|attribute| is_used(&attribute.name));
    }

    /// Whether changes go into a stream.
    pub(crate) fn has_enabled_stream(&self) -> bool {
        self.settings.stream.as_ref().is_some_and(|stream| stream.enabled)
    }

    /// Switches time to live on, in the descriptor that follows this one.
    pub fn switch_on_time_to_live(&mut self, attribute: String) {
        let since_version = self.schema_version + 1;
        self.settings.time_to_live = Some(TimeToLive { attribute, since_version });
    }

    /// The fence of writes planned with this descriptor.
    pub fn fence(&self) -> Fence {
        Fence { subject: u64::from(self.id), version: self.schema_version }
    }

    /// A name for a change that no other change has, the same at every reading.
    pub fn change_id(&self, place: FeedCursor) -> u128 {
        let parts = [&place.position.0.to_be_bytes()[..], &place.index.to_be_bytes()];
        u128::from_be_bytes(hash128(&self.hash_key, parts.into_iter()))
    }

    /// A name for the item of a key, from which the key cannot be derived.
    pub fn key_digest(&self, key: MapRef<'_>) -> u128 {
        u128::from_be_bytes(hash128(&self.hash_key, [key.as_bytes()].into_iter()))
    }

    /// The change feed.
    pub fn feed_id(&self) -> FeedId {
        Table::feed_of(self.id)
    }

    /// The change feed of a table that may have been deleted.
    pub(crate) fn feed_of(id: u32) -> FeedId {
        FeedId(u64::from(id))
    }

    /// Counts the items of the table (index 0) or the entries of an index.
    pub(crate) fn count_counter(&self, index: u16) -> CounterId {
        CounterId(u64::from(self.id) << 32 | u64::from(index) << 1)
    }

    /// Sums the DynamoDB sizes of the items of the table (index 0) or of the entries of an index.
    pub(crate) fn size_counter(&self, index: u16) -> CounterId {
        CounterId(u64::from(self.id) << 32 | u64::from(index) << 1 | 1)
    }
}

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests;
