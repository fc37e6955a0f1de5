//! Kinesis Data Streams on the feeds of the store: a shard is a feed, and splitting or merging shards moves no record.
//!
//! Reading order: [`stream`] (the document of a stream and its shards), [`streams`] (streams in the store: changing,
//! appending, reading, forgetting), [`ops`] (the table of operations, a file for each), [`errors`], [`service`].

pub mod consumer_ref;
mod describe;
pub mod errors;
mod keys;
mod next_token;
pub mod ops;
mod record;
mod record_page;
pub mod sequence_number;
pub mod service;
mod shard_iterator;
mod shard_limits;
mod starting_position;
pub mod stream;
mod stream_ref;
pub mod streams;
mod subscription;
mod subscriptions;

pub use service::Kinesis;
pub use stream::Stream;
pub use stream::hash_of;
pub use stream_ref::StreamRef;
pub use streams::Streams;
pub use streams::{AppendError, Beside, NewRecord};
