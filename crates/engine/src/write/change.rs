//! What a write changes: rows, counters, feed. And the plan that several changes make together.

use super::apply::Before;
use super::{IndexCost, Refusal, Write, Written};
use crate::feed::ChangeRecord;
use crate::index::{EntryChange, entry_change};
use crate::row::NewRow;
use crate::table::{Index, IndexKind, IndexStatus, Table};
use stdx::limits::ITEM_COLLECTION_BYTES_MAX;
use store::{CounterId, FeedId, Plan, RowWrite};
use types::{Item, MapRef};

/// The effects of one write, and what its caller is told.
#[derive(Debug, Default)]
pub(crate) struct Change {
    rows: Vec<RowWrite>,
    counters: Vec<(CounterId, i64)>,
    feed: Option<(FeedId, Vec<u8>)>,
    /// The item's collection after the write, where it has one.
    pub collection_bytes: Option<u64>,
    /// What the caller is told.
    pub written: Written,
}

/// The row header's changing fields.
struct Mark<'a> {
    version: u64,
    write_time_micros: u64,
    old: Option<MapRef<'a>>,
    old_size_bytes: usize,
}

impl Change {
    /// Nothing changes.
    pub(super) fn none(written: Written) -> Change {
        Change { written, ..Change::default() }
    }

    /// The effects of replacing the old row by this item (or by none).
    pub(super) fn of(
        table: &Table,
        write: &Write,
        before: &Before<'_>,
        new: Option<(MapRef<'_>, usize)>,
        now: u64,
    ) -> Result<Change, Refusal> {
        let mark = Mark::after(before, now);
        let mut change = Change { rows: Vec::with_capacity(1 + table.indexes.len()), ..Change::default() };
        change.put_item(table, write, &mark, new);
        let local_bytes = change.put_entries(table, write, &mark, new.map(|(item, _)| item));
        let new_size_bytes = new.map_or(0, |(_, size)| size);
        change.written.old_size_bytes = mark.old_size_bytes;
        change.written.new_size_bytes = new_size_bytes;
        if table.has_local_index() {
            let delta = new_size_bytes as i64 - mark.old_size_bytes as i64 + local_bytes;
            change.put_collection(table, write, before.collection_bytes, delta)?;
        }
        Ok(change)
    }

    fn put_item(&mut self, table: &Table, write: &Write, mark: &Mark<'_>, new: Option<(MapRef<'_>, usize)>) {
        let row = new.map(|(item, size)| mark.row(item, size));
        self.rows.push(RowWrite { key: write.key().as_bytes().to_vec(), row });
        self.count(table, 0, i64::from(new.is_some()) - i64::from(mark.old.is_some()));
        self.weigh(table, 0, new.map_or(0, |(_, size)| size as i64) - mark.old_size_bytes as i64);
        let new = new.map(|(item, _)| item);
        if let Some(needs) = table.feed.filter(|_| mark.old != new) {
            let old = mark.old.filter(|_| needs.old_image);
            let key = write.primary_key(table);
            let record = ChangeRecord::by_user(Item::as_ref(&key), mark.old.is_some(), old, new);
            self.feed = Some((table.feed_id(), record.encode()));
        }
    }

    /// Returns how much the entries of local indexes have grown.
    fn put_entries(&mut self, table: &Table, write: &Write, mark: &Mark<'_>, new: Option<MapRef<'_>>) -> i64 {
        let mut local_bytes = 0;
        for (position, index) in table.indexes.iter().enumerate() {
            if index.status == IndexStatus::Deleting {
                continue;
            }
            let Some(change) = entry_change(table, index, write.key(), mark.old, new) else { continue };
            if index.kind == IndexKind::Local {
                local_bytes += change.size_bytes;
            }
            self.written.index_costs.push(IndexCost { index: position, units: change.units });
            self.put_entry(table, index, mark, change);
        }
        local_bytes
    }

    fn put_entry(&mut self, table: &Table, index: &Index, mark: &Mark<'_>, change: EntryChange<'_>) {
        self.count(table, index.number, change.count);
        self.weigh(table, index.number, change.size_bytes);
        if let Some(key) = change.delete {
            self.rows.push(RowWrite { key: key.to_vec(), row: None });
        }
        if let Some((key, item, size)) = change.put {
            self.rows.push(RowWrite { key: key.to_vec(), row: Some(mark.row(MapRef::new(&item), size)) });
        }
    }

    fn put_collection(&mut self, table: &Table, write: &Write, old: u64, delta: i64) -> Result<(), Refusal> {
        let size_bytes = old.saturating_add_signed(delta);
        if delta > 0 && size_bytes > ITEM_COLLECTION_BYTES_MAX {
            return Err(Refusal::CollectionTooLarge);
        }
        self.collection_bytes = Some(size_bytes);
        self.written.collection = Some(write.collection_size(table, size_bytes));
        Ok(())
    }

    fn count(&mut self, table: &Table, index: u16, delta: i64) {
        if delta != 0 {
            self.counters.push((table.count_counter(index), delta));
        }
    }

    fn weigh(&mut self, table: &Table, index: u16, delta: i64) {
        if delta != 0 {
            self.counters.push((table.size_counter(index), delta));
        }
    }

    /// Hands the effects to a plan; what is left is what the caller is told.
    pub(crate) fn add_to(self, plan: &mut Plan) -> Written {
        append(&mut plan.rows, self.rows);
        append(&mut plan.counters, self.counters);
        plan.feed.extend(self.feed);
        self.written
    }
}

/// Most plans are of one change, whose memory they take over.
fn append<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() { *all = more } else { all.append(&mut more) }
}

impl<'a> Mark<'a> {
    fn after(before: &Before<'a>, now: u64) -> Mark<'a> {
        let row = before.row;
        Mark {
            version: row.map_or(1, |row| row.version + 1),
            write_time_micros: row.map_or(now, |row| now.max(row.write_time_micros + 1)),
            old: row.map(|row| row.item()),
            old_size_bytes: row.map_or(0, |row| row.size_bytes as usize),
        }
    }

    fn row(&self, item: MapRef<'_>, size_bytes: usize) -> Vec<u8> {
        let (version, write_time_micros) = (self.version, self.write_time_micros);
        NewRow { size_bytes, version, write_time_micros, origin: None, item }.encode()
    }
}
