//! Streams: what a reader sees of a table's change feed.
//!
//! A stream is a document that is written in the commit which enables or disables it, and outlives its table. Its
//! shards are metadata: a range of partition-key hashes over an interval of positions. Rolling a shard over, splitting
//! it, or disabling the stream moves no record.
//!
//! A boundary between shards is the position of the commit that makes it. Its position is not known beforehand, so
//! it appends a [marker](crate::feed::Boundary) to the feed: a reader of the document finds the position there, and a
//! reader of records with an older document finds the marker and reads the document again. A record is therefore in
//! one shard, on every server.

mod cache;
mod document;
mod label;
mod life;
mod lineage;
mod list;
mod load;
mod read;
mod seek;
mod shard;
mod undocumented;

pub(crate) use cache::StreamCache;
pub use document::{Stream, arn};
pub(crate) use document::{all_of_table, forget};
pub use label::label_at;
pub(crate) use life::{StreamChange, current};
pub(crate) use seek::boundary;
pub(crate) use shard::Place;
pub(crate) use undocumented::give_documents;

pub use lineage::ShardLimits;
pub use load::StreamLoad;
pub use read::{ReadFrom, ShardPage, ShardReadError, StreamRecord, TakeRecord};
pub use shard::{Bounds, Shard};

/// How much longer than they can be read records stay in the feed, at most: as long as an iterator lives, so that a
/// reader whose next record has become too old gets an error.
const FEED_GRACE_MICROS: u64 = 15 * 60 * 1_000_000;
