//! The document of a stream: everything about it but its records.

mod hash_range;
mod lineage;
mod shard;

pub use hash_range::{HashRange, hash_of};
pub use lineage::LineageError;
pub use shard::{Shard, id as shard_id};

use engine::Scope;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;

/// The shortest retention, which streams have at first.
pub const RETENTION_HOURS_MIN: u32 = 24;
/// The longest.
pub const RETENTION_HOURS_MAX: u32 = 8_760;
/// The largest record of streams that were not told otherwise, in KiB.
pub const RECORD_KIB_MIN: u32 = 1_024;

const FORMAT: u8 = 1;
const MICROS_PER_HOUR: u64 = 3_600 * 1_000_000;

/// A stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Account and region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// When it was created, in microseconds since the Unix epoch.
    pub created_micros: u64,
    /// How its capacity is paid.
    pub mode: Mode,
    /// How long a record can be read, in hours.
    pub retention_hours: u32,
    /// The largest record, in KiB.
    pub max_record_kib: u32,
    /// Shards by number, parents before children. A closed one is there as long as its records may be read.
    pub shards: Vec<Shard>,
    /// How many shards it has had.
    pub shards_made: u32,
    /// What still shows as under way.
    #[serde(default)]
    pub changing: Option<Changing>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Registered consumers, by name.
    #[serde(default)]
    pub consumers: BTreeMap<String, Consumer>,
    /// Metrics that are kept for each shard, as far as they were asked for.
    #[serde(default)]
    pub shard_level_metrics: BTreeSet<String>,
    /// The key that it is described as encrypted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
    /// When the number of shards was last set, for the budget of a day.
    #[serde(default)]
    pub scaled_micros: Vec<u64>,
}

/// How the capacity of a stream is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// By shard.
    Provisioned,
    /// By use.
    OnDemand,
}

/// A consumer with throughput of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumer {
    /// When it was registered, in microseconds since the Unix epoch.
    pub created_micros: u64,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A change that shows for a while. It has taken effect already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changing {
    /// What shows.
    pub status: Status,
    /// Until when, in microseconds since the Unix epoch.
    pub until_micros: u64,
}

/// The states of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It was created a moment ago.
    Creating,
    /// Nothing is under way.
    Active,
    /// Its shards or its retention were changed a moment ago.
    Updating,
}

impl Stream {
    /// A stream without shards yet, with what every stream has at first.
    pub fn new(scope: Scope, name: &str, created_micros: u64) -> Stream {
        Stream {
            scope,
            name: name.to_owned(),
            created_micros,
            mode: Mode::Provisioned,
            retention_hours: RETENTION_HOURS_MIN,
            max_record_kib: RECORD_KIB_MIN,
            shards: Vec::new(),
            shards_made: 0,
            changing: None,
            tags: BTreeMap::new(),
            consumers: BTreeMap::new(),
            shard_level_metrics: BTreeSet::new(),
            encryption_key: None,
            scaled_micros: Vec::new(),
        }
    }

    /// `arn:aws:kinesis:<region>:<account>:stream/<name>`.
    pub fn arn(&self) -> String {
        arn(&self.scope, &self.name)
    }

    /// Its state at a time.
    pub fn status(&self, now_micros: u64) -> Status {
        let changing = self.changing.filter(|changing| now_micros < changing.until_micros);
        changing.map_or(Status::Active, |changing| changing.status)
    }

    /// How long a record can be read, in microseconds.
    pub fn retention_micros(&self) -> u64 {
        u64::from(self.retention_hours) * MICROS_PER_HOUR
    }

    /// Records up to this time can be read no more at `now_micros`.
    pub fn horizon_micros(&self, now_micros: u64) -> u64 {
        now_micros.saturating_sub(self.retention_micros())
    }

    /// The shards that records go into.
    pub fn open_shards(&self) -> impl Iterator<Item = &Shard> {
        self.shards.iter().filter(|shard| shard.is_open())
    }

    /// The shards that can be read at a time.
    pub fn listed_shards(&self, now_micros: u64) -> impl Iterator<Item = &Shard> {
        let horizon = self.horizon_micros(now_micros);
        self.shards.iter().filter(move |shard| shard.closed_micros.is_none_or(|closed| closed > horizon))
    }

    /// A shard that can be read at a time.
    pub fn shard(&self, id: &str, now_micros: u64) -> Option<&Shard> {
        self.listed_shards(now_micros).find(|shard| shard.id() == id)
    }

    /// The open shard that takes a hash.
    pub fn shard_of(&self, hash: u128) -> Option<&Shard> {
        self.open_shards().find(|shard| shard.range.contains(hash))
    }

    /// The largest record, in bytes.
    pub fn record_bytes_max(&self) -> usize {
        self.max_record_kib as usize * 1_024
    }

    /// Whether it takes larger records than streams usually do.
    pub fn has_large_records(&self) -> bool {
        self.max_record_kib > RECORD_KIB_MIN
    }

    /// When a shard was opened, in microseconds since the Unix epoch.
    pub fn opened_micros(&self, shard: &Shard) -> u64 {
        let is_parent = |other: &&Shard| shard.parents().any(|number| number == other.number);
        let closed = self.shards.iter().filter(is_parent).filter_map(|parent| parent.closed_micros).max();
        closed.unwrap_or(self.created_micros)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut row = vec![FORMAT];
        serde_json::to_writer(&mut row, self).expect("the document has a JSON form");
        row
    }

    pub(crate) fn read(row: &[u8]) -> Result<Stream, StoreError> {
        match row.split_first() {
            Some((&FORMAT, json)) => serde_json::from_slice(json)
                .map_err(|error| StoreError::Corrupt(format!("the row of a Kinesis stream: {error}"))),
            Some((format, _)) => Err(StoreError::Corrupt(format!(
                "the row of a Kinesis stream has format {format}; this version knows {FORMAT}"
            ))),
            None => Err(StoreError::Corrupt("the row of a Kinesis stream is empty".to_owned())),
        }
    }
}

/// `arn:aws:kinesis:<region>:<account>:stream/<name>`.
pub fn arn(scope: &Scope, name: &str) -> String {
    format!("arn:aws:kinesis:{}:{}:stream/{name}", scope.region, scope.account)
}

impl Status {
    /// The API's word.
    pub fn name(self) -> &'static str {
        match self {
            Status::Creating => "CREATING",
            Status::Active => "ACTIVE",
            Status::Updating => "UPDATING",
        }
    }
}

impl Mode {
    /// The API's word.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Provisioned => "PROVISIONED",
            Mode::OnDemand => "ON_DEMAND",
        }
    }

    /// The mode of a word that has been checked.
    pub fn of(name: &str) -> Mode {
        if name == "ON_DEMAND" { Mode::OnDemand } else { Mode::Provisioned }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk: if this changes, the version must.
    #[test]
    fn the_document_is_fixed() {
        let scope = Scope { account: "000000000000".into(), region: "eu-west-1".into() };
        let mut stream = Stream::new(scope, "s", 1);
        stream.open_first(1, 1_767_225_600_000_000, &mut || store::FeedId(5));
        let row = stream.encode();
        assert_eq!(
            String::from_utf8_lossy(&row[1..]),
            r#"{"scope":{"account":"000000000000","region":"eu-west-1"},"name":"s","created_micros":1,"mode":"Provisioned","retention_hours":24,"max_record_kib":1024,"shards":[{"number":0,"feed":5,"made_secs":1767225600,"range":{"first":0,"last":340282366920938463463374607431768211455},"parent":null,"adjacent_parent":null,"closed_micros":null}],"shards_made":1,"changing":null,"tags":{},"consumers":{},"shard_level_metrics":[],"scaled_micros":[]}"#
        );
        assert_eq!((row[0], Stream::read(&row)), (1, Ok(stream)));
        assert!(
            Stream::read(&[]).is_err() && Stream::read(&[2]).is_err() && Stream::read(&[1, b'{']).is_err()
        );
    }
}
