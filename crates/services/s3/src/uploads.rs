//! Pages of the uploads that have not ended, in the order of their keys and beginnings, with those whose keys share a
//! prefix up to a delimiter as one.

use crate::upload::{Upload, UploadId};
use crate::{errors, keys, rows};
use model::ApiError;
use std::ops::Bound;
use store::{Consistency, Direction, KeyRange, RangeRead, Store, Visit};

/// What is listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct UploadsAsked<'a> {
    pub(crate) prefix: &'a str,
    /// Empty for none.
    pub(crate) delimiter: &'a str,
    /// A key, and one of its uploads: behind it, or behind all of the key.
    pub(crate) after: Option<(&'a str, Option<UploadId>)>,
    pub(crate) limit: usize,
}

/// An upload of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundUpload {
    pub(crate) key: String,
    pub(crate) id: UploadId,
    pub(crate) upload: Upload,
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UploadsPage {
    pub(crate) uploads: Vec<FoundUpload>,
    pub(crate) prefixes: Vec<String>,
    pub(crate) is_truncated: bool,
}

/// Reads a page. Uploads are few, so those behind a common prefix are read and passed over.
pub(crate) async fn page(
    store: &dyn Store,
    bucket: u64,
    asked: &UploadsAsked<'_>,
) -> Result<UploadsPage, ApiError> {
    let prefix = keys::uploads(bucket, asked.prefix.as_bytes());
    let end = keys::after_prefix(&prefix);
    let after = asked.after.map(|(key, id)| {
        let last = UploadId { begun_millis: u64::MAX, id: u128::MAX };
        keys::upload(bucket, key.as_bytes(), id.unwrap_or(last))
    });
    let start = match &after {
        Some(after) if *after >= end => return Ok(UploadsPage::default()),
        Some(after) if *after >= prefix => Bound::Excluded(&after[..]),
        _ => Bound::Included(&prefix[..]),
    };
    let (mut page, mut fault) = (UploadsPage::default(), None);
    let passed = |key: &str| asked.after.is_some_and(|(after, _)| after == key);
    let visit = &mut |row_key: &[u8], row: &[u8]| {
        let Some((key, id)) = keys::upload_of(row_key) else { return Visit::Continue };
        // A prefix with a zero in it may be one of the row, which has a zero behind the key, and not of the key.
        let Some(rest) = key.strip_prefix(asked.prefix) else { return Visit::Continue };
        let common = rest.find(asked.delimiter).filter(|_| !asked.delimiter.is_empty());
        let common = common.map(|at| key[..asked.prefix.len() + at + asked.delimiter.len()].to_owned());
        if common.as_ref().is_some_and(|common| page.prefixes.last() == Some(common) || passed(common)) {
            return Visit::Continue;
        }
        if page.uploads.len() + page.prefixes.len() == asked.limit {
            page.is_truncated = asked.limit > 0;
            return Visit::Stop;
        }
        match (common, rows::parse(row)) {
            (Some(common), _) => page.prefixes.push(common),
            (None, Ok(upload)) => page.uploads.push(FoundUpload { key, id, upload }),
            (None, Err(error)) => fault = Some(error),
        }
        if fault.is_none() { Visit::Continue } else { Visit::Stop }
    };
    let range = KeyRange { start, end: Bound::Excluded(&end) };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    let read = RangeRead { range, direction, consistency, rows_expected: asked.limit };
    store.range(read, visit).await.map_err(|error| errors::store(&error))?;
    fault.map_or(Ok(page), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::{Algorithm, Covers};
    use crate::object::About;
    use std::sync::Arc;
    use stdx::ManualClock;
    use store::MemoryStore;
    use store::change_row::{RowChange, change_row};

    fn names(keys_there: &[&str], asked: &UploadsAsked<'_>) -> Vec<String> {
        let store = MemoryStore::new(Arc::new(ManualClock::at(0)));
        let (algorithm, covers) = (Algorithm::Crc32, Covers::Composite);
        let row =
            rows::row(&Upload { about: About::default(), algorithm, covers, encryption: None, revision: 0 });
        for (begun_millis, key) in (0..).zip(keys_there) {
            let key = keys::upload(7, key.as_bytes(), UploadId { begun_millis, id: 1 });
            store::wait::wait(change_row(&store, &key, |_| RowChange::Put(row.clone()))).unwrap();
        }
        let page = store::wait::wait(page(&store, 7, asked)).unwrap();
        page.uploads.into_iter().map(|found| found.key).chain(page.prefixes).collect()
    }

    #[test]
    fn uploads_by_prefixes() {
        let there = ["a", "a\0b", "a/b", "a/c", "b"];
        let asked = |prefix, delimiter| UploadsAsked { prefix, delimiter, after: None, limit: 9 };
        assert_eq!(names(&there, &asked("", "/")), ["a", "a\0b", "b", "a/"]);
        assert_eq!(names(&there, &asked("a/", "")), ["a/b", "a/c"]);
        assert_eq!(names(&there, &asked("a\0", "")), ["a\0b"], "the zero behind a key is none of it");
        assert_eq!(names(&there, &UploadsAsked { after: Some(("a/", None)), ..asked("", "/") }), ["b"]);
    }
}
