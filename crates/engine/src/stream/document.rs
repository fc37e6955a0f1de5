//! The document of a stream.

use super::shard::{ALL_HASHES, Place, Shard, created_millis, id};
use crate::catalog::document::{self, Kind};
use crate::error::EngineError;
use crate::keys::{Hash, hash128, partition_hash};
use crate::table::{KeySchema, Scope, Sealing, StreamView, Table};
use serde::{Deserialize, Serialize};
use store::{FeedCursor, FeedId, RecordWrite, Store};
use types::MapRef;

/// A stream with its shards, enabled or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Account and region.
    pub scope: Scope,
    /// The name of its table, which may have been deleted.
    pub table_name: String,
    /// When it was enabled: its name among the streams of the table.
    pub label: String,
    /// What its records show.
    pub view: StreamView,
    /// The primary key of the table.
    pub key: KeySchema,
    /// When it was enabled, in microseconds since the Unix epoch.
    pub created_micros: u64,
    /// When it was disabled; `None` while it is enabled.
    pub disabled_micros: Option<u64>,
    /// Its shards by id, parents before their children.
    pub shards: Vec<Shard>,
    pub(crate) table_id: u32,
    pub(crate) hash_key: [u8; 16],
    /// The schema version of the table by the change that wrote this.
    pub(crate) schema_version: u64,
    /// The keys of the table, since that was deleted or the stream disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sealing: Option<Sealing>,
}

impl Stream {
    /// The stream that is enabled by the change that makes `table`, with its first shard.
    pub(super) fn begin(table: &Table, label: String, view: StreamView, start: Place, now: u64) -> Stream {
        let mut stream = Stream {
            scope: table.scope.clone(),
            table_name: table.name.clone(),
            label,
            view,
            key: table.key.clone(),
            created_micros: now,
            disabled_micros: None,
            shards: Vec::new(),
            table_id: table.id,
            hash_key: table.hash_key,
            schema_version: table.schema_version,
            sealing: None,
        };
        stream.open_shard(None, ALL_HASHES, start, now);
        stream
    }

    /// What keeps the keys of a table that is deleted, for a stream of it that was disabled before.
    pub(crate) fn with_keys_of(&self, table: &Table) -> Option<RecordWrite> {
        let sealing = table.settings.sealing.clone()?;
        Some(Stream { sealing: Some(sealing), ..self.clone() }.record())
    }

    /// Adds an open shard. Its id sorts behind those of all that were there before this change.
    pub(super) fn open_shard(&mut self, parent: Option<&str>, hashes: (u64, u64), start: Place, now: u64) {
        let newest =
            self.shards.iter().filter(|shard| shard.start != start).map(|shard| created_millis(&shard.id));
        let millis = newest.max().map_or(0, |newest| newest + 1).max(now / 1_000);
        let suffix = self.hash([&hashes.0.to_be_bytes()[..], &hashes.1.to_be_bytes()]);
        let suffix = u32::from_be_bytes(suffix[..4].try_into().expect("four bytes of sixteen"));
        self.shards.push(Shard {
            id: id(millis, suffix),
            parent: parent.map(str::to_owned),
            hashes,
            start,
            end: None,
            closed_micros: None,
        });
        self.shards.sort_by(|one, other| one.id.cmp(&other.id));
    }

    /// The ARN.
    pub fn arn(&self) -> String {
        arn(&self.scope, &self.table_name, &self.label)
    }

    /// A shard that is still there.
    pub fn shard(&self, id: &str) -> Option<&Shard> {
        self.shards.iter().find(|shard| shard.id == id)
    }

    /// A name for a record that no other record has, the same at every reading.
    pub fn event_id(&self, place: FeedCursor) -> u128 {
        u128::from_be_bytes(self.hash([&place.position.0.to_be_bytes()[..], &place.index.to_be_bytes()]))
    }

    /// Whether it can still be read where what was disabled at the [horizon](super::ShardLimits::horizon) or before
    /// cannot.
    pub fn is_listed(&self, horizon_micros: u64) -> bool {
        self.disabled_micros.is_none_or(|disabled| disabled > horizon_micros)
    }

    /// The shards that can still be read, in the same way.
    pub fn listed_shards(&self, horizon_micros: u64) -> impl Iterator<Item = &Shard> {
        self.shards.iter().filter(move |shard| shard.is_listed(horizon_micros))
    }

    fn hash(&self, parts: [&[u8]; 2]) -> Hash {
        hash128(&self.hash_key, [self.label.as_bytes(), parts[0], parts[1]].into_iter())
    }

    /// The top 64 bits of the hash of an item's partition key.
    pub(super) fn hash_of(&self, key: MapRef<'_>) -> Option<u64> {
        let hash = partition_hash(&self.hash_key, &self.key, key)?;
        Some(u64::from_be_bytes(hash[..8].try_into().expect("eight bytes of sixteen")))
    }

    pub(super) fn feed(&self) -> FeedId {
        Table::feed_of(self.table_id)
    }

    /// What writes the document.
    pub(super) fn record(&self) -> RecordWrite {
        document::put(Kind::Stream, &self.scope, &document_id(&self.table_name, &self.label), self)
    }
}

/// `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`.
pub fn arn(scope: &Scope, table_name: &str, label: &str) -> String {
    let Scope { account, region } = scope;
    format!("arn:aws:dynamodb:{region}:{account}:table/{table_name}/stream/{label}")
}

/// Names of tables have no slash, so the streams of a table are a prefix of ids.
pub(super) fn document_id(table_name: &str, label: &str) -> String {
    format!("{table_name}/{label}")
}

/// The document of a label, as it is written.
pub(super) async fn read(
    store: &dyn Store,
    scope: &Scope,
    table_name: &str,
    label: &str,
) -> Result<Option<Stream>, EngineError> {
    document::read(store, Kind::Stream, scope, &document_id(table_name, label)).await
}

/// All streams that a table has or has had, as far as they are listed.
pub(crate) async fn all_of_table(
    store: &dyn Store,
    scope: &Scope,
    table_name: &str,
    table_id: u32,
) -> Result<Vec<Stream>, EngineError> {
    let mut streams = Vec::new();
    for (name, label) in super::list::names(store, scope, Some(table_name), None, usize::MAX).await? {
        streams.extend(read(store, scope, &name, &label).await?);
    }
    streams.retain(|stream| stream.table_id == table_id);
    Ok(streams)
}

/// What removes a stream for good.
pub(crate) fn forget(stream: &Stream) -> RecordWrite {
    document::delete(Kind::Stream, &stream.scope, &document_id(&stream.table_name, &stream.label))
}
