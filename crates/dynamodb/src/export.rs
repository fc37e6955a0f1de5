//! Exports of tables to S3.
//!
//! What is asked for is a [document](document), and until it is done there is a task beside it with how far it is. The
//! engine makes a copy of the table as it was, or of what has changed in it, which is read lot by lot into
//! files; manifests tell of them. A file has its name by its number, and the commit that knows of it keeps
//! how far the copy is read: whatever happens to the server, another one goes on behind the last file, and one that was
//! not known of is put again in its place.
//!
//! Whether the caller may put into the bucket is judged when the export is ordered, and told by its end, as everything
//! about the bucket is.

mod description;
mod document;
mod exporter;
mod filter;
mod layout;
mod line;
mod manifest;

pub use description::{description, summary};
pub use document::{Export, ExportedTable, Exports, Format, Stage, Task, View, What, token_print};
pub use exporter::Exporter;
pub use filter::Filter;
pub use layout::manifest_summary_key;
