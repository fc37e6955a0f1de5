//! What is told of records that were not put: a line of JSON for each, with where it is.

use super::document::{BulkPut, ReportKind};
use crate::transfer::manifest::{Json, pointer};
use types::Item;
use wire::attribute::write_item;

/// The lines of a kind that are not in the bucket yet.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) kind: ReportKind,
    pub(super) count: u64,
    text: Vec<u8>,
}

impl Lines {
    /// Those of the kinds that are asked for.
    pub(super) fn of(bulk: &BulkPut) -> Vec<Lines> {
        let mut kinds: Vec<ReportKind> = Vec::new();
        for kind in &bulk.output.kinds {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        kinds.into_iter().map(|kind| Lines { kind, count: 0, text: Vec::new() }).collect()
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn add(&mut self, line: Json) {
        self.count += 1;
        self.text.extend(line.line());
    }

    /// All lines; none are left.
    pub(super) fn take(&mut self) -> (u64, Vec<u8>) {
        (std::mem::take(&mut self.count), std::mem::take(&mut self.text))
    }
}

/// A record that cannot be put.
pub(super) fn error(bulk: &BulkPut, key: &str, record: u64, error: &str) -> Json {
    let mut line = Json::begin();
    line.raw("itemS3Pointer", |out| out.extend(pointer(&bulk.input.bucket, key, record)));
    line.texts("errorMessages", &[error]);
    line
}

/// A record whose condition does not hold, with the item that is there, if there is one.
pub(super) fn condition_failure(
    bulk: &BulkPut,
    key: &str,
    record: u64,
    item: &Item,
    existing: Option<&Item>,
) -> Json {
    let mut line = Json::begin();
    line.raw("itemS3Pointer", |out| out.extend(pointer(&bulk.input.bucket, key, record)));
    line.raw("Item", |out| write_item(out, item.as_ref()));
    if let Some(existing) = existing {
        line.raw("ExistingItem", |out| write_item(out, existing.as_ref()));
    }
    line
}
