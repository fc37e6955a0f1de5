//! A page that is being filled.

use super::Selection;
use crate::lane::{Page, Record, Wanted};
use serde_json::Value;

/// A page, as far as it has come.
pub(super) struct PageFilling<'a> {
    pub(super) page: Page,
    selection: &'a Selection,
    wanted: Wanted,
    bytes: usize,
}

impl PageFilling<'_> {
    pub(super) fn new(selection: &Selection, wanted: Wanted) -> PageFilling<'_> {
        let page = Page { read_to: wanted.after, ..Page::default() };
        PageFilling { page, selection, wanted, bytes: 0 }
    }

    /// Whether it has as many records as were asked for.
    pub(super) fn is_full(&self) -> bool {
        self.page.records.len() == self.wanted.records_max
    }

    /// Adds a record of the lane. False: the page is full, and the record begins the next one. `filtered` is the record
    /// as filters see it.
    pub(super) fn add(&mut self, record: Record, filtered: impl FnOnce(&Record) -> Value) -> bool {
        let (place, patterns) = (record.place, &self.selection.patterns);
        let is_wanted = patterns.is_empty() || {
            let filtered = filtered(&record);
            patterns.iter().any(|pattern| pattern.matches(&filtered))
        };
        if is_wanted {
            self.bytes += record.json.len() + 1;
            if self.bytes > self.wanted.bytes_max && !self.page.records.is_empty() {
                return false;
            }
            self.page.records.push(record);
        }
        self.page.seen += 1;
        self.page.read_to = place;
        true
    }
}
