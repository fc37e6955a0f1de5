//! Event source mappings: a function is called with the records of a stream, in order and at least once.
//!
//! Reading order: [`pattern`] (the language of `FilterCriteria`), [`settings`] (what a mapping says about batches and
//! failures), [`lane`] (what happens to the records of a shard, without doing any of it), [`response`] (what a
//! function's answer means), [`report`] (what is told of records that are given up), [`lineage`] (which shards may be
//! read).

pub mod lane;
pub mod lineage;
pub mod pattern;
pub mod place;
pub mod report;
pub mod response;
pub mod settings;
mod time;

pub use lane::{Lane, Progress, Step};
pub use pattern::Pattern;
pub use place::Place;
pub use settings::Settings;
