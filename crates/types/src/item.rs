//! The canonical bytes of an item, and views that read them in place.
//!
//! ```text
//! map     = count u32 LE | count × offset u32 LE (of the entry, from the start of the map) | entries
//! entry   = name length u16 LE | name | value                     sorted by name, names unique
//! value   = tag u8 | payload length (LEB128) | payload
//!           S 1: UTF-8   N 2: canonical number   B 3: bytes   NULL 4: empty   false 5, true 6: empty
//!           SS 7, NS 8, BS 9: count u32 LE | count × (length LEB128 | member)   sorted by bytes, unique
//!           L 10: count u32 LE | count × value
//!           M 11: map
//! ```
//!
//! An item is a map. Equal items have equal bytes. Views trust the bytes: they come from this crate's
//! writers, and what a disk returns has been checked by its checksums before it gets here; still a view of
//! damaged bytes panics at worst, it never reads outside them.

use crate::number::Number;
use crate::value::{Tag, ValueRef};
use std::cmp::Ordering;
use std::fmt;

/// An item (or a key, which is an item of key attributes only) in canonical bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Item(Vec<u8>);

impl Item {
    /// The item without attributes.
    pub fn empty() -> Item {
        Item(vec![0; 4])
    }

    /// Takes bytes that a writer of this crate has made.
    pub fn from_canonical(bytes: Vec<u8>) -> Item {
        Item(bytes)
    }

    /// The canonical bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A view of the attributes.
    pub fn as_ref(&self) -> MapRef<'_> {
        MapRef::new(&self.0)
    }

    /// The value of a top-level attribute.
    pub fn get(&self, name: &str) -> Option<ValueRef<'_>> {
        self.as_ref().get(name)
    }

    /// DynamoDB's size of the item in bytes.
    pub fn size_bytes(&self) -> usize {
        self.as_ref().item_size_bytes()
    }

    /// Whether DynamoDB's size of the item is above a limit. Seldom needs to count: the canonical bytes are
    /// never fewer than that.
    pub fn exceeds(&self, size_bytes: usize) -> bool {
        self.0.len() > size_bytes && self.size_bytes() > size_bytes
    }
}

impl Default for Item {
    fn default() -> Self {
        Item::empty()
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

/// A map in place: an item, or the payload of an M value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MapRef<'a>(&'a [u8]);

impl<'a> MapRef<'a> {
    /// Views canonical bytes of a map.
    pub fn new(bytes: &'a [u8]) -> Self {
        MapRef(bytes)
    }

    /// The canonical bytes.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Number of attributes.
    pub fn len(self) -> usize {
        read_u32(self.0, 0)
    }

    /// Whether there is no attribute.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Name and value at a position in name order.
    pub fn entry(self, index: usize) -> (&'a str, ValueRef<'a>) {
        let (name, value) = self.entry_bytes(index);
        (name, ValueRef::read(value))
    }

    /// All attributes in name order as bytes: UTF-8 of the name and the encoded value. One walk without
    /// checks of texts, for writers.
    #[inline]
    pub fn iter_bytes(self) -> Entries<'a> {
        Entries { rest: &self.0[4 + 4 * self.len()..], left: self.len() }
    }

    /// Name and encoded value (tag, length, payload) at a position: for copying without decoding.
    pub fn entry_bytes(self, index: usize) -> (&'a str, &'a [u8]) {
        let (name, value) = self.raw_entry(index);
        (text(name), value)
    }

    /// Encoded value at a position.
    pub fn value_bytes(self, index: usize) -> &'a [u8] {
        self.raw_entry(index).1
    }

    /// Name and encoded value at a position, the name's bytes unchecked.
    #[inline]
    fn raw_entry(self, index: usize) -> (&'a [u8], &'a [u8]) {
        split_name(&self.0[self.offset(index)..self.end(index)])
    }

    /// Where an entry begins.
    #[inline]
    pub(crate) fn offset(self, index: usize) -> usize {
        read_u32(self.0, 4 + 4 * index)
    }

    /// Where an entry ends.
    #[inline]
    pub(crate) fn end(self, index: usize) -> usize {
        if index + 1 < self.len() { self.offset(index + 1) } else { self.0.len() }
    }

    /// Position of the name, or the position to insert it at.
    pub fn find(self, name: &str) -> Result<usize, usize> {
        self.search(name).map(|(index, _)| index)
    }

    /// The same, with the bytes that follow the name.
    #[inline]
    fn search(self, name: &str) -> Result<(usize, &'a [u8]), usize> {
        let wanted = (name_prefix(name.as_bytes()), name.as_bytes());
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let entry = &self.0[self.offset(middle)..];
            let (found, behind) = split_name(entry);
            match cmp_names((entry_prefix(entry, found), found), wanted) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok((middle, behind)),
            }
        }
        Err(low)
    }

    /// The value of an attribute.
    pub fn get(self, name: &str) -> Option<ValueRef<'a>> {
        self.get_bytes(name).map(ValueRef::read)
    }

    /// The encoded value (tag, length, payload) of an attribute.
    pub fn get_bytes(self, name: &str) -> Option<&'a [u8]> {
        self.search(name).ok().map(|(_, behind)| &behind[..encoded_len(behind)])
    }

    /// All attributes in name order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = (&'a str, ValueRef<'a>)> + Clone {
        (0..self.len()).map(move |index| self.entry(index))
    }

    /// A copy that owns its bytes.
    pub fn to_item(self) -> Item {
        Item(self.0.to_vec())
    }
}

impl fmt::Debug for MapRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The attributes of a map as bytes, on one walk.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a [u8], &'a [u8]);

    /// In line always: it is called for every attribute that is read, measured or written.
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (name, tail) = split_name(self.rest);
        let (value, tail) = tail.split_at(encoded_len(tail));
        self.rest = tail;
        Some((name, value))
    }
}

/// A list in place: the payload of an L value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ListRef<'a>(&'a [u8]);

impl<'a> ListRef<'a> {
    pub(crate) fn new(payload: &'a [u8]) -> Self {
        ListRef(payload)
    }

    /// Number of elements.
    pub fn len(self) -> usize {
        read_u32(self.0, 0)
    }

    /// Whether there is no element.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The elements in order, each with its encoded bytes (tag, length, payload).
    pub fn iter_bytes(self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone {
        let mut rest = &self.0[4..];
        (0..self.len()).map(move |_| {
            let (value, tail) = rest.split_at(encoded_len(rest));
            rest = tail;
            value
        })
    }

    /// The elements in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = ValueRef<'a>> + Clone {
        self.iter_bytes().map(ValueRef::read)
    }

    /// The element at a position, in time linear in the position.
    pub fn get(self, index: usize) -> Option<ValueRef<'a>> {
        self.iter_bytes().nth(index).map(ValueRef::read)
    }
}

impl fmt::Debug for ListRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A set in place: the payload of an SS, NS or BS value. Members are order-preserving bytes: UTF-8,
/// canonical numbers, or the binary itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SetRef<'a>(&'a [u8]);

impl<'a> SetRef<'a> {
    pub(crate) fn new(payload: &'a [u8]) -> Self {
        SetRef(payload)
    }

    /// Number of members.
    pub fn len(self) -> usize {
        read_u32(self.0, 0)
    }

    /// Whether there is no member (never true for a stored set).
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The members, ascending.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone {
        let mut rest = &self.0[4..];
        (0..self.len()).map(move |_| {
            let (len, header) = read_varint(rest);
            let (member, tail) = rest[header..].split_at(len);
            rest = tail;
            member
        })
    }

    /// Whether a member with these bytes is in the set.
    pub fn contains(self, member: &[u8]) -> bool {
        self.iter().any(|m| m == member)
    }
}

/// The number behind the bytes of a member of an NS, or of any key bytes of type N.
pub fn number_of(bytes: &[u8]) -> Number {
    Number::from_trusted(bytes)
}

/// The first bytes of a name as a number with the same order: it distinguishes most names by itself.
#[inline]
pub(crate) fn name_prefix(name: &[u8]) -> u64 {
    if let Some(first) = name.first_chunk() {
        return u64::from_be_bytes(*first);
    }
    let unused_bits = 64 - 8 * name.len();
    match (name.first_chunk(), name.last_chunk(), name) {
        (Some(first), Some(last), _) => {
            u64::from(u32::from_be_bytes(*first)) << 32 | u64::from(u32::from_be_bytes(*last)) << unused_bits
        }
        (_, _, [a, b, rest @ ..]) => {
            let third = rest.first().map_or(0, |byte| u64::from(*byte) << 40);
            u64::from(u16::from_be_bytes([*a, *b])) << 48 | third
        }
        (_, _, [a]) => u64::from(*a) << 56,
        (_, _, []) => 0,
    }
}

/// [`name_prefix`] of the name an entry begins with: one load, because bytes follow nearly every name.
#[inline]
fn entry_prefix(entry: &[u8], name: &[u8]) -> u64 {
    match entry[2..].first_chunk() {
        Some(first) if name.len() >= 8 => u64::from_be_bytes(*first),
        Some(first) => u64::from_be_bytes(*first) & !(u64::MAX >> (8 * name.len())),
        None => name_prefix(name),
    }
}

/// Compares names that are given with their prefixes.
#[inline]
fn cmp_names(one: (u64, &[u8]), other: (u64, &[u8])) -> Ordering {
    if one.0 != other.0 {
        return one.0.cmp(&other.0);
    }
    if one.1.len() == other.1.len() && one.1.len() <= 8 { Ordering::Equal } else { one.1.cmp(other.1) }
}

/// The name an entry begins with, and what follows it.
#[inline]
pub(crate) fn split_name(entry: &[u8]) -> (&[u8], &[u8]) {
    let (name_len, rest) = entry.split_first_chunk().expect("an entry begins with the length of its name");
    rest.split_at(usize::from(u16::from_le_bytes(*name_len)))
}

#[inline]
pub(crate) fn read_u32(bytes: &[u8], at: usize) -> usize {
    let word = bytes[at..].first_chunk().expect("canonical bytes are as long as their counts say");
    u32::from_le_bytes(*word) as usize
}

/// Reads a LEB128 length: the value and how many bytes it took. Most are below 128.
#[inline(always)]
pub(crate) fn read_varint(bytes: &[u8]) -> (usize, usize) {
    if bytes[0] < 0x80 { (usize::from(bytes[0]), 1) } else { read_long_varint(bytes) }
}

#[inline(never)]
fn read_long_varint(bytes: &[u8]) -> (usize, usize) {
    let (mut value, mut shift) = (0usize, 0);
    for (i, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return (value, i + 1);
        }
        shift += 7;
    }
    panic!("a length of canonical bytes has at most 5 bytes")
}

/// Length of the encoded value at the start of `bytes`: tag, length and payload.
#[inline(always)]
pub(crate) fn encoded_len(bytes: &[u8]) -> usize {
    let (len, header) = read_varint(&bytes[1..]);
    1 + header + len
}

/// Splits an encoded value into its tag and payload.
#[inline]
pub(crate) fn split(encoded: &[u8]) -> (Tag, &[u8]) {
    (Tag::from_byte(encoded[0]), payload(encoded))
}

/// The payload of an encoded value.
#[inline(always)]
pub(crate) fn payload(encoded: &[u8]) -> &[u8] {
    let (len, header) = read_varint(&encoded[1..]);
    &encoded[1 + header..][..len]
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("canonical bytes hold UTF-8 text")
}
