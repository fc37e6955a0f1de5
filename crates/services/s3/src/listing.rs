//! Pages of keys in their order, with those that share a prefix up to a delimiter as one. A page costs what it shows:
//! what is behind a common prefix is skipped, not read.

use crate::object::Object;
use crate::{errors, keys, rows};
use model::ApiError;
use std::ops::Bound;
use store::{Consistency, Direction, KeyRange, RangeRead, Store, Visit};

/// What is listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) prefix: &'a str,
    /// Empty for none.
    pub(crate) delimiter: &'a str,
    /// A key, or a common prefix with all that is behind it.
    pub(crate) after: &'a str,
    pub(crate) limit: usize,
}

/// A line of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    Object(String, Box<Object>),
    Prefix(String),
}

impl Line {
    pub(crate) fn name(&self) -> &str {
        match self {
            Line::Object(key, _) => key,
            Line::Prefix(prefix) => prefix,
        }
    }
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) lines: Vec<Line>,
    pub(crate) is_truncated: bool,
}

impl Asked<'_> {
    /// What a key is listed as together with others.
    fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let rest = key.strip_prefix(self.prefix).filter(|_| !self.delimiter.is_empty())?;
        let end = rest.find(self.delimiter)? + self.delimiter.len();
        Some(&key[..self.prefix.len() + end])
    }

    fn start(&self, bucket: u64) -> Bound<Vec<u8>> {
        let (prefix, after) =
            (keys::object(bucket, self.prefix.as_bytes()), keys::object(bucket, self.after.as_bytes()));
        if after < prefix || self.after.is_empty() {
            Bound::Included(prefix)
        } else if self.common_prefix(self.after) == Some(self.after) {
            Bound::Included(keys::after_prefix(&after))
        } else {
            Bound::Excluded(after)
        }
    }
}

/// Reads a page.
pub(crate) async fn page(store: &dyn Store, bucket: u64, asked: &Asked<'_>) -> Result<Page, ApiError> {
    let mut page = Page::default();
    if asked.limit == 0 {
        return Ok(page);
    }
    let end = keys::after_prefix(&keys::object(bucket, asked.prefix.as_bytes()));
    let mut start = asked.start(bucket);
    while let Some(prefix) = run(store, &start, &end, asked, &mut page).await? {
        start = Bound::Included(keys::after_prefix(&keys::object(bucket, prefix.as_bytes())));
        page.lines.push(Line::Prefix(prefix));
    }
    Ok(page)
}

/// Adds objects up to the next common prefix, which it gives, or the end of the page.
async fn run(
    store: &dyn Store,
    start: &Bound<Vec<u8>>,
    end: &[u8],
    asked: &Asked<'_>,
    page: &mut Page,
) -> Result<Option<String>, ApiError> {
    let start = match start {
        Bound::Included(key) if key[..] >= *end => return Ok(None),
        Bound::Excluded(key) if key[..] >= *end => return Ok(None),
        Bound::Included(key) => Bound::Included(&key[..]),
        Bound::Excluded(key) => Bound::Excluded(&key[..]),
        Bound::Unbounded => Bound::Unbounded,
    };
    let range = KeyRange { start, end: Bound::Excluded(end) };
    let (mut found, mut fault) = (None, None);
    let visit = &mut |key: &[u8], row: &[u8]| {
        if page.lines.len() == asked.limit {
            page.is_truncated = true;
            return Visit::Stop;
        }
        let key = String::from_utf8_lossy(&key[keys::OBJECT_KEY_AT..]).into_owned();
        if let Some(prefix) = asked.common_prefix(&key) {
            found = Some(prefix.to_owned());
            return Visit::Stop;
        }
        match rows::parse(row) {
            Ok(object) => page.lines.push(Line::Object(key, Box::new(object))),
            Err(error) => fault = Some(error),
        }
        if fault.is_none() { Visit::Continue } else { Visit::Stop }
    };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    let read = RangeRead { range, direction, consistency, rows_expected: asked.limit };
    store.range(read, visit).await.map_err(|error| errors::store(&error))?;
    fault.map_or(Ok(found), Err)
}

/// Whether a bucket has no object.
pub(crate) async fn is_empty(store: &dyn Store, bucket: u64) -> Result<bool, ApiError> {
    let asked = Asked { limit: 1, ..Asked::default() };
    Ok(page(store, bucket, &asked).await?.lines.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept_file::KeptFile;
    use crate::object::{About, Bytes};
    use std::sync::Arc;
    use stdx::ManualClock;
    use store::MemoryStore;
    use store::change_row::{RowChange, change_row};

    fn names(keys_there: &[&str], asked: &Asked<'_>) -> (Vec<String>, bool) {
        let store = MemoryStore::new(Arc::new(ManualClock::at(0)));
        for (bucket, key) in keys_there.iter().map(|key| (7, *key)).chain([(6, "z"), (8, "")]) {
            let object = Object {
                bytes: Bytes::File(KeptFile::Open(1)),
                size_bytes: 0,
                etag: String::new(),
                modified_millis: 0,
                checksum: None,
                encryption: None,
                about: About::default(),
            };
            let row = rows::row(&object);
            let key = keys::object(bucket, key.as_bytes());
            store::wait::wait(change_row(&store, &key, |_| RowChange::Put(row.clone()))).unwrap();
        }
        let page = store::wait::wait(page(&store, 7, asked)).unwrap();
        (page.lines.iter().map(|line| line.name().to_owned()).collect(), page.is_truncated)
    }

    /// Every listing, whatever its pages, shows what sorting and grouping the keys would.
    #[test]
    fn pages_are_what_sorting_would_give() {
        let there =
            ["a", "a/", "a/b", "a/b/c", "a/b/d", "a0", "b/x", "b//y", "c", "ü/é", "ü/z", "..", "/", "a\0/"];
        for delimiter in ["", "/", "b", "//"] {
            for prefix in ["", "a", "a/", "b/", "ü", "x"] {
                let asked = Asked { prefix, delimiter, ..Asked::default() };
                let shown = |key: &&str| asked.common_prefix(key).unwrap_or(key).to_owned();
                let own = there.iter().filter(|key| key.starts_with(prefix));
                let mut expect: Vec<String> = own.map(shown).collect();
                expect.sort();
                expect.dedup();
                for limit in [1, 2, 3, 100] {
                    assert_eq!(paged(&there, &asked, limit), expect, "{prefix:?} {delimiter:?} by {limit}");
                }
            }
        }
    }

    fn paged(there: &[&str], asked: &Asked<'_>, limit: usize) -> Vec<String> {
        let (mut seen, mut after) = (Vec::<String>::new(), String::new());
        loop {
            let (lines, is_truncated) = names(there, &Asked { after: &after, limit, ..asked.clone() });
            seen.extend(lines);
            match seen.last().filter(|_| is_truncated) {
                Some(last) => after = last.clone(),
                None => return seen,
            }
        }
    }

    #[test]
    fn nothing_is_shown_of_a_page_of_nothing() {
        assert_eq!(names(&["a"], &Asked::default()), (vec![], false));
        let after = Asked { after: "b", limit: 9, ..Asked::default() };
        assert_eq!(names(&["a", "b", "c"], &after), (vec!["c".to_owned()], false));
        let before = Asked { prefix: "b", after: "a", limit: 1, ..Asked::default() };
        assert_eq!(names(&["a", "b", "bc"], &before), (vec!["b".to_owned()], true));
    }
}
