//! Bulk operations: puts of objects of S3 into a table that is there.
//!
//! What is asked for is a [document](document), and until it is done there is a task beside it with how far it is. A
//! record of an object is what PutItem would be asked for, with a condition or without; it is judged and put as that
//! is, with everything that follows from it, indexes and streams too. What was counted and how far an object is read
//! are kept together with the [reports](report) of records that were not put. A record that was put and not counted
//! when a server ended is put again; one with a condition that then fails on the very item it would put is one that
//! was put.
//!
//! What is written is not charged to the capacity of the table: `MaxWriteRequestUnits` limits it.

mod description;
mod document;
mod layout;
mod loader;
mod pace;
mod report;

pub use description::{description, status, summary};
pub use document::{BulkPut, BulkPuts, InputObjects, Outputs, ReportKind, Stage, Task};
pub use layout::summary_key;
pub use loader::{BulkLoader, OBJECTS_MAX};
