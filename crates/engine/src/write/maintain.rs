//! The maintainers: structures that are updated with every item that changes. A maintainer turns an [`ItemChange`]
//! into its part of the [`Change`](super::change::Change); all of them run for every write, in the order of
//! `Change::of`.

pub(super) mod collection;
pub(super) mod expiry;
pub(super) mod feed;
pub(super) mod index;
pub(super) mod items;

use super::apply::Before;
use super::{Provenance, Write};
use crate::index::Marks;
use crate::row::NewRow;
use crate::table::Table;
use types::MapRef;

/// One item before and after a write.
pub(super) struct ItemChange<'a> {
    pub table: &'a Table,
    pub write: &'a Write,
    pub collection_bytes: u64,
    pub marks: Marks,
    pub old: Option<MapRef<'a>>,
    pub old_size_bytes: usize,
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
        ItemChange {
            table,
            write,
            collection_bytes: before.collection_bytes,
            marks: before.marks,
            old: before.item(),
            old_size_bytes: before.size_bytes(),
            new: new.map(|(item, _)| item),
            new_size_bytes: new.map_or(0, |(_, size)| size),
            stamp: RowStamp::new(write.provenance(), before, now),
        }
    }

    /// The row of the item, or of what an index projects of it.
    fn row(&self, item: MapRef<'_>, size_bytes: usize) -> Vec<u8> {
        let RowStamp { version, write_time_micros, origin } = self.stamp;
        NewRow { size_bytes, version, write_time_micros, origin, item }.encode()
    }
}

impl<'a> RowStamp<'a> {
    /// A write that brings its time keeps it. One of this region is later than the one before it.
    fn new(provenance: &'a Provenance, before: &Before<'_>, now: u64) -> RowStamp<'a> {
        let old = before.row;
        let next = old.map_or(now, |old| now.max(old.write_time_micros + 1));
        RowStamp {
            version: old.map_or(1, |old| old.version + 1),
            write_time_micros: provenance.time_micros.unwrap_or(next),
            origin: provenance.origin.as_deref(),
        }
    }
}
