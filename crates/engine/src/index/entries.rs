//! The entry an item has in an index, and what a change of the item does to it. Pure.

use crate::keys::{ItemKey, KeyBuf, index_key, range_position};
use crate::meter::index_write_units;
use crate::table::{Index, Projected, Table};
use std::borrow::Cow;
use types::{MapRef, MapWriter};

/// An item's entry in one index.
struct Entry<'a> {
    key: KeyBuf,
    item: Cow<'a, [u8]>,
}

impl Entry<'_> {
    fn size_bytes(&self) -> usize {
        MapRef::new(&self.item).item_size_bytes()
    }
}

/// What a write does to one index.
#[derive(Debug, Default)]
pub(crate) struct EntryChange<'a> {
    /// The entry that goes, where its key differs from the new one's.
    pub delete: Option<KeyBuf>,
    /// The entry that comes or is replaced, with its size.
    pub put: Option<(KeyBuf, Cow<'a, [u8]>, usize)>,
    /// Write units of the entry that goes, and of the one that comes or is replaced.
    pub units: (u64, u64),
    /// Change of the number of entries.
    pub count: i64,
    /// Change of their size together.
    pub size_bytes: i64,
}

impl EntryChange<'_> {
    /// Where in the index's ranges of key hashes it costs write units, and how many: where an entry goes, and where one
    /// comes.
    pub(crate) fn costs(&self) -> impl Iterator<Item = (u64, u64)> {
        let gone = self.delete.as_ref().map(|key| (range_position(key), self.units.0));
        let come = self.put.as_ref().map(|(key, ..)| (range_position(key), self.units.1));
        gone.into_iter().chain(come)
    }
}

/// What replacing `old` by `new` does to an index. `None`: nothing.
pub(crate) fn entry_change<'a>(
    table: &Table,
    index: &Index,
    key: &ItemKey,
    old: Option<MapRef<'a>>,
    new: Option<MapRef<'a>>,
) -> Option<EntryChange<'a>> {
    let old = old.and_then(|item| entry(table, index, key, item));
    let new = new.and_then(|item| entry(table, index, key, item));
    let same_key = matches!((&old, &new), (Some(old), Some(new)) if old.key == new.key);
    match (&old, &new) {
        (None, None) => return None,
        (Some(old), Some(new)) if same_key && old.item == new.item => return None,
        _ => {}
    }
    let size = |entry: &Option<Entry<'_>>| entry.as_ref().map(Entry::size_bytes);
    let (old_size, new_size) = (size(&old), size(&new));
    Some(EntryChange {
        units: index_write_units(old_size, new_size, same_key),
        count: i64::from(new.is_some()) - i64::from(old.is_some()),
        size_bytes: new_size.unwrap_or(0) as i64 - old_size.unwrap_or(0) as i64,
        delete: old.filter(|_| !same_key).map(|entry| entry.key),
        put: new.map(|entry| (entry.key, entry.item, new_size.unwrap_or(0))),
    })
}

/// Size of the entry an item has in an index; 0 if it has none.
pub(crate) fn entry_size(table: &Table, index: &Index, key: &ItemKey, item: MapRef<'_>) -> usize {
    entry(table, index, key, item).map_or(0, |entry| entry.size_bytes())
}

/// The entry of an item, if it has one: all index keys are there, and are as they must be.
fn entry<'a>(table: &Table, index: &Index, key: &ItemKey, item: MapRef<'a>) -> Option<Entry<'a>> {
    let key = index_key(table, index, item, key).ok()?;
    Some(Entry { key, item: projected(table, index, item) })
}

/// The part of an item that an index holds; the item itself where that is all of it.
pub(crate) fn projected<'a>(table: &Table, index: &Index, item: MapRef<'a>) -> Cow<'a, [u8]> {
    let kept = |at: &usize| table.projects(index, item.entry_bytes(*at).0);
    if index.projected == Projected::All || (0..item.len()).all(|at| kept(&at)) {
        return Cow::Borrowed(item.as_bytes());
    }
    let mut part = MapWriter::new();
    for (name, value) in (0..item.len()).filter(kept).map(|at| item.entry_bytes(at)) {
        part.entry(name).extend_from_slice(value);
    }
    let mut bytes = Vec::new();
    part.finish(&mut bytes);
    Cow::Owned(bytes)
}
