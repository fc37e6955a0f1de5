//! The way of a read: a position that the flusher respects, the row cache, the trees.

pub(crate) mod point;
pub(crate) mod range;

pub(crate) mod cold_reads;
pub(crate) mod feed_watchers;
pub(crate) mod lend;
pub(crate) mod read_view;
pub(crate) mod reader_epochs;
pub(crate) mod row_cache;
