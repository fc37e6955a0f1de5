//! The audit log: who called what, as JSON in the form of CloudTrail, a line a record, in files that are rotated.
//!
//! Requests hand an event over and go on; a thread makes a record of it and writes it. Where events come faster than it
//! writes, or the disk takes none, they are lost, and a line says how many: a request never waits for its record. A
//! record has names and ARNs of the request and none of its contents, so nothing secret gets into it.
//!
//! Reading order: [`log`] (what the pipeline talks to), [`record`], [`parameters`], [`files`].

pub mod files;
pub mod log;
pub mod parameters;
pub mod record;

pub use files::Rotation;
pub use log::{Audited, FileLog};
