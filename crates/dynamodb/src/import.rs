//! Imports of tables from S3.
//!
//! What is asked for is a [document](document), and until it is done there is a task beside it with how far it is. The
//! table is created behind the answer and shows as being created until the last object is read. An object is taken
//! apart by a thread, and its items are put in batches; how far that is, and what was counted, is kept together, so
//! whoever goes on behind a crash counts nothing twice. A record that is no item ends its object; an item that the
//! table does not take is counted, and told in a log. Either makes the import a failed one, with its table kept.

mod description;
mod document;
mod importer;
mod quota;
mod table;

pub use description::{description, summary};
pub use document::{Import, Imports, OBJECTS_MAX, Stage, Task};
pub use importer::Importer;
pub use table::as_create_table;

/// Where errors of items are told.
pub const LOG_GROUP: &str = "/aws-dynamodb/imports";
