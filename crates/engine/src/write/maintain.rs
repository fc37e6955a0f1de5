//! The maintainers: structures that are updated with every item that changes. A maintainer turns an [`ItemChange`]
//! into its part of the [`Change`](super::change::Change); all of them run for every write, in the order of
//! `Change::of`.

pub(super) mod collection;
pub(super) mod expiry;
pub(super) mod feed;
pub(super) mod index;
pub(super) mod items;
pub(super) mod tombstone;

use super::apply::Before;
use super::{Provenance, Refusal, Write, limits};
use crate::index::Marks;
use crate::replication::attributes;
use crate::row::NewRow;
use crate::table::Table;
use types::{Item, MapRef};

/// One item before and after a write.
pub(super) struct ItemChange<'a> {
    pub table: &'a Table,
    pub write: &'a Write,
    pub collection_bytes: u64,
    pub marks: Marks,
    pub has_tombstone: bool,
    pub old: Option<MapRef<'a>>,
    pub old_size_bytes: usize,
    /// The item as it was written, where attributes were put on it behind that.
    pub between: Option<MapRef<'a>>,
    pub new: Option<MapRef<'a>>,
    pub new_size_bytes: usize,
    stamp: RowStamp<'a>,
}

/// The changing fields of the row header.
struct RowStamp<'a> {
    version: u64,
    write_time_micros: u64,
    origin: Option<&'a str>,
}

impl<'a> ItemChange<'a> {
    pub(super) fn new(
        table: &'a Table,
        write: &'a Write,
        before: &Before<'a>,
        new: Option<(MapRef<'a>, usize)>,
        now: u64,
    ) -> ItemChange<'a> {
        let (old, new_item) = (before.item(), new.map(|(item, _)| item));
        let is_kept = table.global().is_some() && old == new_item;
        ItemChange {
            table,
            write,
            collection_bytes: before.collection_bytes,
            marks: before.marks,
            has_tombstone: before.tombstone.is_some(),
            old,
            old_size_bytes: before.size_bytes(),
            between: None,
            new: new_item,
            new_size_bytes: new.map_or(0, |(_, size)| size),
            stamp: RowStamp::new(write.provenance(), before, is_kept, now),
        }
    }

    /// The item with the attributes that tell when and where it was written, in a global table of version 2017.11.29,
    /// and its size. What another replica has written comes with them.
    pub(super) fn with_replication_attributes(&self) -> Result<Option<(Item, usize)>, Refusal> {
        if !self.table.is_legacy_replica() || self.old == self.new {
            return Ok(None);
        }
        let (Some(new), Some(time)) = (self.new, self.replicated_time_micros()) else { return Ok(None) };
        let item = attributes::put_on(self.table, new, time);
        if item.as_ref() == new {
            return Ok(None);
        }
        let size = limits::check_size(self.table, self.write.key(), item.as_ref(), self.write.too_large())?;
        Ok(Some((item, size)))
    }

    /// Replaces the item that was written by what has become of it.
    pub(super) fn becomes(&mut self, item: MapRef<'a>, size_bytes: usize) {
        (self.between, self.new, self.new_size_bytes) = (self.new, Some(item), size_bytes);
    }

    /// The time of the write, where other replicas get it from here.
    fn replicated_time_micros(&self) -> Option<u64> {
        let is_followed = self.table.global().is_some_and(|global| !global.is_parting);
        (self.stamp.origin.is_none() && is_followed).then_some(self.stamp.write_time_micros)
    }

    /// The row of the item, or of what an index projects of it.
    fn row(&self, item: MapRef<'_>, size_bytes: usize) -> Vec<u8> {
        let RowStamp { version, write_time_micros, origin } = self.stamp;
        NewRow { size_bytes, version, write_time_micros, origin, item }.encode()
    }
}

impl<'a> RowStamp<'a> {
    /// A write that brings its time keeps it. One of this region is later than the one before it, unless it leaves an
    /// item as it is that other replicas have, too: of that they get no record.
    fn new(provenance: &'a Provenance, before: &Before<'a>, is_kept: bool, now: u64) -> RowStamp<'a> {
        let last = before.last_write();
        let version = before.row.map_or(1, |old| old.version + 1);
        let (write_time_micros, origin) = match (provenance.time_micros, last) {
            (Some(time), _) => (time, provenance.origin.as_deref()),
            (None, Some(last)) if is_kept => last,
            (None, last) => (last.map_or(now, |(last, _)| now.max(last + 1)), provenance.origin.as_deref()),
        };
        RowStamp { version, write_time_micros, origin }
    }
}
