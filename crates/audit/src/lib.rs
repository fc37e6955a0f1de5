//! The audit log: who called what, as JSON in the form of CloudTrail, a line a record, in files that are rotated.
//!
//! Requests put events into a bounded queue; a thread makes records of them and writes them. When the queue is full or
//! the disk fails, events are lost, and a line says how many: a request never waits for its record. A record contains
//! names and ARNs from a list, never other contents of the request, so it contains no secrets.
//!
//! Reading order: [`log`] (what the pipeline talks to), [`record`], [`parameters`], [`files`].

pub mod files;
pub mod log;
pub mod parameters;
pub mod record;

pub use files::Rotation;
pub use log::{Audited, FileLog};
