//! The commit log. One file at a time is appended to, in whole pages; files are filled with zeros once and
//! recycled. A record is one commit; every record says which position was durable when it was written, which
//! is what distinguishes a torn tail (cut) from damage (refused). [`head`] detects a log that is gone.
//!
//! It handles pages, records and positions; operations are opaque bytes.

pub(crate) mod append;
pub(crate) mod changes;
pub(crate) mod commit_log;
pub(crate) mod file;
pub(crate) mod head;
pub(crate) mod head_writer;
pub(crate) mod operation;
pub(crate) mod pages;
pub(crate) mod record;
pub(crate) mod recovery;
pub(crate) mod segments;
