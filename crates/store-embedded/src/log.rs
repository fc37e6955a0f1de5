//! The commit log. One file at a time is appended to, in whole pages; files are filled with zeros once and
//! recycled. A record is one commit; every record says which position was durable when it was written, which
//! is what tells a torn tail (cut) from damage (refused). [`head`] notices a log that is simply gone.
//!
//! Knows pages, records and positions; not what an operation means.

pub(crate) mod append;
pub(crate) mod commit_log;
pub(crate) mod file;
pub(crate) mod head;
pub(crate) mod head_writer;
pub(crate) mod operation;
pub(crate) mod pages;
pub(crate) mod record;
pub(crate) mod recovery;
pub(crate) mod segments;
