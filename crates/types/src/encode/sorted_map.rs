//! Writing a map whose attributes arrive sorted by name, as those of another map do.

use super::{Tag, entry_name, header_len, name_bytes, put_name, put_sorted, put_varint};
use crate::item::MapRef;
use std::ops::Range;

/// Collects the attributes of one map, each name above those before it.
#[derive(Debug, Default)]
pub struct SortedMapWriter {
    entries: Vec<u8>,
    /// Offset of each entry in `entries`.
    starts: Vec<u32>,
}

impl SortedMapWriter {
    /// An empty map with the capacity of another, and a little more.
    pub fn with_room_for(map: MapRef<'_>) -> Self {
        SortedMapWriter {
            entries: Vec::with_capacity(map.as_bytes().len() + 64),
            starts: Vec::with_capacity(map.len() + 1),
        }
    }

    /// Begins an attribute; the caller appends exactly one encoded value to what this returns.
    /// A name is at most 65,535 bytes: the caller has checked it.
    pub fn entry(&mut self, name: &str) -> &mut Vec<u8> {
        let name = name_bytes(name);
        let last = self.starts.last().map(|start| entry_name(&self.entries[*start as usize..]));
        debug_assert!(last.is_none_or(|last| last < name), "names come in order");
        self.starts.push(self.entries.len() as u32);
        put_name(&mut self.entries, name);
        &mut self.entries
    }

    /// Copies the attributes at these positions of another map, all at once.
    pub fn copy(&mut self, map: MapRef<'_>, positions: Range<usize>) {
        if positions.is_empty() {
            return;
        }
        let (at, first) = (self.entries.len(), map.offset(positions.start));
        self.starts.extend(positions.clone().map(|position| (map.offset(position) - first + at) as u32));
        self.entries.extend_from_slice(&map.as_bytes()[first..map.end(positions.end - 1)]);
    }

    /// Whether no attribute was begun.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Appends the canonical bytes of the map.
    pub fn finish(self, out: &mut Vec<u8>) {
        put_sorted(out, self.starts.iter().copied(), &self.entries);
    }

    /// Appends a whole M value: tag, length and map.
    pub fn finish_value(self, out: &mut Vec<u8>) {
        out.push(Tag::M as u8);
        put_varint(out, header_len(self.starts.len()) + self.entries.len());
        self.finish(out);
    }
}
