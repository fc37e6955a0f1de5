//! S3: buckets and objects, whose bytes are files.
//!
//! Reading order: [`bucket`] and [`object`] (what is kept, as rows), [`folder`] (where the bytes are), [`kept_file`]
//! (how they are sealed there), [`locks`] (keys of KMS), [`shelf`] (rows and files together: what makes an object and
//! what removes one), [`writing`] and [`reading`] (bytes on their way), [`listing`] (pages of keys), [`objects`] (what
//! other parts of the server call), [`ops`] (the table of operations, a file for each).

mod access;
pub mod bucket;
mod checksum;
mod conditions;
mod encoding;
mod encryption;
pub mod errors;
pub mod folder;
mod garbage;
mod kept_file;
mod keys;
mod lines;
mod listing;
mod locks;
pub mod object;
pub mod objects;
pub mod ops;
mod part;
mod range;
mod reading;
mod rows;
mod sending;
pub mod service;
mod shelf;
mod showing;
mod upload;
mod uploads;
mod writing;

pub use encryption::Encryption;
pub use folder::Folder;
pub use object::{About, check_version};
pub use objects::{Listed, Objects};
pub use reading::Download;
pub use service::S3;
pub use writing::{Stored, Upload};
