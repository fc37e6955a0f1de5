//! Where the objects of an export are: `<prefix>/AWSDynamoDB/<id>/` has the manifests and the files of a full export;
//! those of all incremental ones with the prefix are together in `<prefix>/AWSDynamoDB/data/`.

use super::document::{Export, Format, What};
use crate::transfer::Transfer;
use sha2::{Digest, Sha256};

/// Characters of the name of a file, without what follows its point.
const NAME_CHARACTERS: usize = 26;

/// An object beside the files.
fn beside(export: &Export, name: &str) -> String {
    format!("{}{}/{name}", base(export), export.id)
}

/// What is put first: that the bucket takes objects.
pub(super) fn started_key(export: &Export) -> String {
    beside(export, "_started")
}

/// The manifest that lists the files, and its checksum.
pub(super) fn manifest_files_keys(export: &Export) -> [String; 2] {
    ["manifest-files.json", "manifest-files.md5"].map(|name| beside(export, name))
}

/// The manifest that tells what was exported.
pub fn manifest_summary_key(export: &Export) -> String {
    beside(export, "manifest-summary.json")
}

/// Its checksum.
pub(super) fn manifest_summary_md5_key(export: &Export) -> String {
    beside(export, "manifest-summary.md5")
}

/// A file, whose name tells nothing and is always the same.
pub(super) fn file_key(export: &Export, number: u32) -> String {
    let (base, name) = (base(export), name(export, number));
    let end = match export.format {
        Format::DynamoDbJson => "json.gz",
        Format::Ion => "ion.gz",
    };
    match export.what {
        What::Full { .. } => format!("{base}{}/data/{name}.{end}", export.id),
        What::Incremental { .. } => format!("{base}data/{name}.{end}"),
    }
}

fn base(export: &Export) -> String {
    match export.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
        Some(prefix) => format!("{prefix}/AWSDynamoDB/"),
        None => "AWSDynamoDB/".to_owned(),
    }
}

fn name(export: &Export, number: u32) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(format!("{}/{number}", export.arn()).as_bytes());
    digest.iter().take(NAME_CHARACTERS).map(|byte| char::from(DIGITS[usize::from(byte & 31)])).collect()
}
