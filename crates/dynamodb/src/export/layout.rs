//! Where the objects of an export are: its folder has the manifests and the files of a full export; those of all
//! incremental ones with the prefix are together in `<prefix>/AWSDynamoDB/data/`.

use super::document::{Export, Format, What};
use crate::transfer::Transfer;
use crate::transfer::manifest::{Folder, file_name};

/// The folder of an export.
pub fn of(export: &Export) -> Folder {
    Folder::of(export.prefix.as_deref(), &export.id)
}

/// The manifest that tells what was exported.
pub fn manifest_summary_key(export: &Export) -> String {
    let [key, _] = of(export).manifest_summary();
    key
}

/// A file.
pub(super) fn file_key(export: &Export, number: u32) -> String {
    let end = match export.format {
        Format::DynamoDbJson => "json.gz",
        Format::Ion => "ion.gz",
    };
    let name = format!("data/{}.{end}", file_name(&export.arn(), number));
    match export.what {
        What::Full { .. } => of(export).key(&name),
        What::Incremental { .. } => format!("{}{name}", of(export).base),
    }
}
