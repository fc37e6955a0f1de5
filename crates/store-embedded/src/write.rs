//! The way of a write: keys → old rows → decide → queue → log → memtables → reply.

pub(crate) mod mutate;

pub(crate) mod batch;
pub(crate) mod entry;
pub(crate) mod fences;
mod full_disk;
pub(crate) mod overlay;
pub(crate) mod queue;
mod refusals;
pub(crate) mod write_path;

pub(crate) mod backpressure;
pub(crate) mod committer;
pub(crate) mod counters;
pub(crate) mod redo;
