//! What a write changes: rows, counters, feed. Several changes add up to one plan.

use super::apply::Before;
use super::maintain::{self, ItemChange};
use super::{Refusal, Write, Written};
use crate::table::Table;
use store::{CounterId, FeedId, Plan, RowWrite};
use types::MapRef;

/// The effects of one write, and its caller's result.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(super) rows: Vec<RowWrite>,
    counters: Vec<(CounterId, i64)>,
    pub(super) feed: Vec<(FeedId, Vec<u8>)>,
    /// The item's collection after the write, where it has one.
    pub collection_bytes: Option<u64>,
    /// The caller's result.
    pub written: Written,
}

impl Change {
    /// Nothing changes.
    pub(super) fn none(written: Written) -> Change {
        Change { written, ..Change::default() }
    }

    /// The effects of replacing the old row by this item (or by none): the item, and all that is derived from it.
    pub(super) fn of(
        table: &Table,
        write: &Write,
        before: &Before<'_>,
        new: Option<(MapRef<'_>, usize)>,
        now: u64,
    ) -> Result<Change, Refusal> {
        let mut item = ItemChange::new(table, write, before, new, now);
        let mut change = Change { rows: Vec::with_capacity(1 + table.indexes.len()), ..Change::default() };
        change.written.old_size_bytes = item.old_size_bytes;
        change.written.new_size_bytes = item.new_size_bytes;
        let attributed = item.with_replication_attributes()?;
        if let Some((attributed, size_bytes)) = &attributed {
            item.becomes(attributed.as_ref(), *size_bytes);
        }
        maintain::items::update(&item, &mut change);
        let local_bytes = maintain::index::update(&item, &mut change);
        maintain::collection::update(&item, local_bytes, &mut change)?;
        maintain::expiry::update(&item, &mut change);
        maintain::tombstone::update(&item, &mut change);
        maintain::feed::update(&item, &mut change);
        Ok(change)
    }

    /// What the row of the item is replaced by, if it is.
    pub(crate) fn item_row(&self) -> Option<Option<&[u8]>> {
        Some(self.rows.first()?.row.as_deref())
    }

    pub(super) fn count(&mut self, counter: CounterId, delta: i64) {
        if delta != 0 {
            self.counters.push((counter, delta));
        }
    }

    /// Moves the effects into a plan and returns the caller's result.
    pub(crate) fn add_to(self, plan: &mut Plan) -> Written {
        append(&mut plan.rows, self.rows);
        append(&mut plan.counters, self.counters);
        append(&mut plan.feed, self.feed);
        self.written
    }
}

/// Most plans are of one change, whose memory they take over.
fn append<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() { *all = more } else { all.append(&mut more) }
}
