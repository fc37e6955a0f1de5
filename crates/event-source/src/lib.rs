//! Event source mappings: a function is called with the records of a stream, in order and at least once.
//!
//! Reading order: [`pattern`] (the language of `FilterCriteria`), [`settings`] (what a mapping says about batches and
//! failures), [`lane`] (what happens to the records of a shard, without doing any of it), [`response`] (what a
//! function's answer means), [`report`] (what is told of records that are given up), [`lineage`] (which shards may be
//! read); then what does it: [`mapping`] and [`mappings`] (what is kept), [`source`] (the streams), [`dynamodb_event`]
//! (a record as a function gets it), [`permission`] (what roles may read), [`poller`] (the tasks), [`call`] (what they
//! are handed).
//!
//! It reads streams in the process, by the engine's interface, and knows functions only as something to call.

pub mod call;
pub mod dynamodb_event;
mod kinesis_event;
pub mod lane;
pub mod lineage;
pub mod mapping;
pub mod mappings;
pub mod pattern;
pub mod permission;
pub mod place;
pub mod poller;
mod reader;
pub mod report;
pub mod response;
pub mod settings;
pub mod source;
mod time;

pub use lane::{Lane, Progress, Step};
pub use mapping::Mapping;
pub use mappings::Mappings;
pub use pattern::Pattern;
pub use permission::ReadPermission;
pub use place::Place;
pub use poller::Poller;
pub use settings::Settings;
pub use source::{Source, SourceKind, Sources};
