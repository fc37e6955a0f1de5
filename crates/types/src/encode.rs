//! Writers of the canonical bytes. Every item is made by them, so that sorting, uniqueness and lengths have one
//! home.

mod sorted_map;

pub use sorted_map::SortedMapWriter;

use crate::item::{Item, MapRef, name_prefix, split_name};
use crate::number::Number;
use crate::value::{Tag, Value};
use std::cmp::Ordering;

/// Appends a string value.
pub fn put_string(out: &mut Vec<u8>, text: &str) {
    put_payload(out, Tag::S, text.as_bytes());
}

/// Appends a number value.
pub fn put_number(out: &mut Vec<u8>, number: &Number) {
    put_payload(out, Tag::N, number.as_bytes());
}

/// Appends a binary value.
pub fn put_binary(out: &mut Vec<u8>, bytes: &[u8]) {
    put_payload(out, Tag::B, bytes);
}

/// Appends a null value.
pub fn put_null(out: &mut Vec<u8>) {
    put_payload(out, Tag::Null, &[]);
}

/// Appends a boolean value.
pub fn put_bool(out: &mut Vec<u8>, value: bool) {
    put_payload(out, if value { Tag::True } else { Tag::False }, &[]);
}

/// Appends a string set. `members` must be sorted and unique.
pub fn put_string_set<'a>(out: &mut Vec<u8>, members: impl ExactSizeIterator<Item = &'a [u8]> + Clone) {
    put_set(out, Tag::SS, members);
}

/// Appends a number set of canonical numbers. `members` must be sorted and unique.
pub fn put_number_set<'a>(out: &mut Vec<u8>, members: impl ExactSizeIterator<Item = &'a [u8]> + Clone) {
    put_set(out, Tag::NS, members);
}

/// Appends a binary set. `members` must be sorted and unique.
pub fn put_binary_set<'a>(out: &mut Vec<u8>, members: impl ExactSizeIterator<Item = &'a [u8]> + Clone) {
    put_set(out, Tag::BS, members);
}

/// Appends a list of `count` elements that are already encoded one after another.
pub fn put_list(out: &mut Vec<u8>, count: usize, elements: &[u8]) {
    out.push(Tag::L as u8);
    put_varint(out, 4 + elements.len());
    out.extend_from_slice(&(count as u32).to_le_bytes());
    out.extend_from_slice(elements);
}

/// Appends a map value from its canonical map bytes.
pub fn put_map(out: &mut Vec<u8>, map: MapRef<'_>) {
    put_payload(out, Tag::M, map.as_bytes());
}

/// Appends the tree of a value.
pub fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::S(s) => put_string(out, s),
        Value::N(n) => put_number(out, n),
        Value::B(b) => put_binary(out, b),
        Value::Null => put_null(out),
        Value::Bool(b) => put_bool(out, *b),
        Value::SS(set) => put_members(out, Tag::SS, set.iter().map(String::as_bytes)),
        Value::NS(set) => put_members(out, Tag::NS, set.iter().map(Number::as_bytes)),
        Value::BS(set) => put_members(out, Tag::BS, set.iter().map(Vec::as_slice)),
        Value::L(list) => {
            let mut elements = Vec::new();
            list.iter().for_each(|element| put_value(&mut elements, element));
            put_list(out, list.len(), &elements);
        }
        Value::M(map) => {
            let mut writer = MapWriter::new();
            for (name, value) in map {
                put_value(writer.entry(name), value);
            }
            out.push(Tag::M as u8);
            put_varint(out, writer.map_len());
            writer.finish(out);
        }
    }
}

fn put_members<'a>(out: &mut Vec<u8>, tag: Tag, members: impl Iterator<Item = &'a [u8]>) {
    let members: Vec<_> = members.collect();
    put_set(out, tag, members.into_iter());
}

fn put_set<'a>(out: &mut Vec<u8>, tag: Tag, members: impl ExactSizeIterator<Item = &'a [u8]> + Clone) {
    let len: usize = members.clone().map(|m| varint_len(m.len()) + m.len()).sum();
    out.push(tag as u8);
    put_varint(out, 4 + len);
    out.extend_from_slice(&(members.len() as u32).to_le_bytes());
    for member in members {
        put_varint(out, member.len());
        out.extend_from_slice(member);
    }
}

#[inline]
fn put_payload(out: &mut Vec<u8>, tag: Tag, payload: &[u8]) {
    if payload.len() < 0x80 {
        out.extend_from_slice(&[tag as u8, payload.len() as u8]);
    } else {
        out.push(tag as u8);
        put_varint(out, payload.len());
    }
    out.extend_from_slice(payload);
}

fn put_varint(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn varint_len(value: usize) -> usize {
    (usize::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// Collects the attributes of one map in any order and writes them sorted. Of two attributes with one name
/// the later wins, as in DynamoDB's own JSON reader. Can be reused after [`MapWriter::clear`]; then nothing
/// is allocated, sorting included.
#[derive(Debug, Default)]
pub struct MapWriter {
    entries: Vec<u8>,
    /// Each entry in `entries`: in the order of writing, or by name once sorted.
    starts: Vec<Start>,
    out_of_order: bool,
    /// `starts` no longer follows the order of `entries`, or leaves some out.
    shuffled: bool,
}

const FIRST_BYTES: usize = 256;

/// Position of an entry, and the prefix of its name, which distinguishes most names without reading them.
#[derive(Debug, Clone, Copy)]
struct Start {
    prefix: u64,
    at: u32,
    /// 0 as long as the entry may grow.
    end: u32,
}

impl Start {
    fn new(at: usize, name: &[u8]) -> Start {
        Start { prefix: name_prefix(name), at: at as u32, end: 0 }
    }

    fn entry(self, entries: &[u8]) -> &[u8] {
        &entries[self.at as usize..self.end as usize]
    }

    #[inline]
    fn cmp_name(self, other: Start, entries: &[u8]) -> Ordering {
        let name = |start: Start| entry_name(start.entry(entries));
        self.prefix.cmp(&other.prefix).then_with(|| name(self).cmp(name(other)))
    }
}

impl MapWriter {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes all entries and keeps the memory.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.starts.clear();
        self.out_of_order = false;
        self.shuffled = false;
    }

    /// Memory held, in bytes: whether the writer is worth keeping.
    pub fn capacity(&self) -> usize {
        self.entries.capacity() + size_of::<Start>() * self.starts.capacity()
    }

    /// Begins an attribute; the caller appends exactly one encoded value to what this returns. A name is at
    /// most 65,535 bytes: the caller has checked it.
    pub fn entry(&mut self, name: &str) -> &mut Vec<u8> {
        let name = name_bytes(name);
        let start = Start::new(self.entries.len(), name);
        self.close();
        match self.starts.last() {
            Some(last) if last.prefix < start.prefix => {}
            Some(last) => {
                let same_prefix = last.prefix == start.prefix;
                self.out_of_order |= !same_prefix || entry_name(last.entry(&self.entries)) >= name;
            }
            None => self.reserve_first(),
        }
        self.starts.push(start);
        self.entries.reserve(2 + name.len() + 16);
        put_name(&mut self.entries, name);
        &mut self.entries
    }

    /// Initial capacity: enough for an item of ordinary size, so that it seldom grows.
    fn reserve_first(&mut self) {
        self.entries.reserve(FIRST_BYTES);
        self.starts.reserve(FIRST_BYTES / size_of::<Start>());
    }

    /// The attribute that was begun last is complete.
    fn close(&mut self) {
        if let Some(last) = self.starts.last_mut().filter(|last| last.end == 0) {
            last.end = self.entries.len() as u32;
        }
    }

    /// Number of attributes begun.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether no attribute was begun.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Length of what [`MapWriter::finish`] will append. Sorts, so that duplicates are not counted.
    pub fn map_len(&mut self) -> usize {
        self.sort();
        let entries =
            if self.shuffled { self.entries_in_order().map(<[u8]>::len).sum() } else { self.entries.len() };
        header_len(self.starts.len()) + entries
    }

    /// Appends the canonical bytes of the map.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.sort();
        if !self.shuffled {
            return put_sorted(out, self.starts.iter().map(|start| start.at), &self.entries);
        }
        out.reserve(header_len(self.starts.len()) + self.entries.len());
        out.extend_from_slice(&(self.starts.len() as u32).to_le_bytes());
        let mut offset = header_len(self.starts.len()) as u32;
        for entry in self.entries_in_order() {
            out.extend_from_slice(&offset.to_le_bytes());
            offset += entry.len() as u32;
        }
        self.entries_in_order().for_each(|entry| out.extend_from_slice(entry));
    }

    /// Appends a whole M value: tag, length and map.
    pub fn finish_value(&mut self, out: &mut Vec<u8>) {
        out.push(Tag::M as u8);
        put_varint(out, self.map_len());
        self.finish(out);
    }

    fn entries_in_order(&self) -> impl Iterator<Item = &[u8]> {
        self.starts.iter().map(|start| start.entry(&self.entries))
    }

    fn sort_whole_names(&mut self) {
        let entries = &self.entries;
        // Of equal names the later comes first, which is the one `dedup_by` keeps.
        self.starts.sort_unstable_by(|a, b| a.cmp_name(*b, entries).then_with(|| b.at.cmp(&a.at)));
        self.starts.dedup_by(|a, b| a.cmp_name(*b, entries).is_eq());
    }

    fn sort(&mut self) {
        self.close();
        if !self.out_of_order {
            return;
        }
        self.starts.sort_unstable_by_key(|start| start.prefix);
        if self.starts.windows(2).any(|pair| pair[0].prefix == pair[1].prefix) {
            self.sort_whole_names();
        }
        self.out_of_order = false;
        self.shuffled = true;
    }
}

fn entry_name(entry: &[u8]) -> &[u8] {
    split_name(entry).0
}

/// The bytes of a name, of which an entry holds so many.
fn name_bytes(name: &str) -> &[u8] {
    &name.as_bytes()[..name.len().min(usize::from(u16::MAX))]
}

/// What an entry begins with.
fn put_name(entries: &mut Vec<u8>, name: &[u8]) {
    entries.extend_from_slice(&(name.len() as u16).to_le_bytes());
    entries.extend_from_slice(name);
}

/// Length of the header of a map: the count and the offsets.
fn header_len(entries: usize) -> usize {
    4 + 4 * entries
}

/// Appends a map of entries sorted by name; `starts` holds the offset of each within `entries`.
fn put_sorted(out: &mut Vec<u8>, starts: impl ExactSizeIterator<Item = u32>, entries: &[u8]) {
    let header = header_len(starts.len());
    out.reserve(header + entries.len());
    out.extend_from_slice(&(starts.len() as u32).to_le_bytes());
    starts.for_each(|start| out.extend_from_slice(&(header as u32 + start).to_le_bytes()));
    out.extend_from_slice(entries);
}

/// Builds an item attribute by attribute.
#[derive(Debug, Default)]
pub struct ItemBuilder(MapWriter);

impl ItemBuilder {
    /// An item without attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an attribute.
    pub fn put(&mut self, name: &str, value: &Value) -> &mut Self {
        put_value(self.0.entry(name), value);
        self
    }

    /// Adds an attribute whose value is already encoded.
    pub fn put_encoded(&mut self, name: &str, encoded: &[u8]) -> &mut Self {
        self.0.entry(name).extend_from_slice(encoded);
        self
    }

    /// The finished item.
    pub fn build(&mut self) -> Item {
        let mut bytes = Vec::new();
        self.0.finish(&mut bytes);
        self.0.clear();
        Item::from_canonical(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{ValueBuf, ValueRef};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn number() -> impl Strategy<Value = Number> {
        (any::<i64>(), -100i32..100).prop_map(|(d, e)| Number::parse(&format!("{d}e{e}")).unwrap())
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            ".{0,8}".prop_map(Value::S),
            number().prop_map(Value::N),
            proptest::collection::vec(any::<u8>(), 0..200).prop_map(Value::B),
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            proptest::collection::btree_set(".{0,3}", 1..4).prop_map(Value::SS),
            proptest::collection::btree_set(number(), 1..4).prop_map(Value::NS),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::L),
                proptest::collection::btree_map(".{1,4}", inner, 0..4).prop_map(Value::M),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_tree_survives_the_bytes(value in value()) {
            prop_assert_eq!(ValueBuf::from(&value).as_ref().to_value(), value);
        }

        #[test]
        fn order_of_writing_does_not_matter(map in proptest::collection::btree_map(".{1,4}", value(), 0..6)) {
            let (mut forward, mut backward) = (ItemBuilder::new(), ItemBuilder::new());
            for (name, value) in &map { forward.put(name, value); }
            for (name, value) in map.iter().rev() { backward.put(name, value); }
            let item = forward.build();
            prop_assert_eq!(&item, &backward.build());
            prop_assert!(item.size_bytes() <= item.as_bytes().len(), "what `exceeds` rests on");
            let half = map.len() / 2;
            let mut sorted = SortedMapWriter::default();
            sorted.copy(item.as_ref(), 0..half);
            for (name, value) in map.iter().skip(half) { put_value(sorted.entry(name), value); }
            let mut bytes = Vec::new();
            sorted.finish(&mut bytes);
            prop_assert_eq!(item.as_bytes(), bytes);
            for (name, value) in &map {
                prop_assert_eq!(item.get(name).map(ValueRef::to_value), Some(value.clone()));
            }
            prop_assert_eq!(item.get("no such name at all"), None);
        }
    }

    #[test]
    fn the_later_of_two_equal_names_wins() {
        let mut item = ItemBuilder::new();
        item.put("a", &Value::S("1".into())).put("b", &Value::Null).put("a", &Value::S("2".into()));
        let item = item.build();
        assert_eq!(item.as_ref().len(), 2);
        assert_eq!(item.get("a"), Some(ValueRef::S("2")));
        assert_eq!(Value::M(BTreeMap::new()), ValueBuf::from(&Value::M(BTreeMap::new())).as_ref().to_value());
    }
}
