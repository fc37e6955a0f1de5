//! What the commit log is replayed into: memtables and sorted files, and the work on them that no writer waits for.

pub(crate) mod lsm;
mod name;
mod tree_error;

pub(crate) mod feed_record;
pub(crate) mod system_key;

pub(crate) mod feed_trim;
pub(crate) mod range_tombstones;

pub(crate) mod compaction;
pub(crate) mod compaction_schedule;
pub(crate) mod corruption;
pub(crate) mod flush;
pub(crate) mod maintenance;
pub(crate) mod memtables;
pub(crate) mod reclaim;
pub(crate) mod reclaim_queue;

pub(crate) use lsm::range::{Range, Step};
pub(crate) use lsm::{Bytes, KEY_BYTES_MAX, Sealed, Trees};
pub(crate) use name::Name;
pub(crate) use tree_error::TreeError;
