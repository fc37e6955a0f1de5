//! An answer that is kept, what it is an answer to, and what it weighs.

use crate::codec::Method;
use engine::{ItemStamp, Table};
use quick_cache::Equivalent;
use smallvec::SmallVec;
use std::sync::Arc;

/// What the map, the counters and the allocator need beside the bytes.
const OVERHEAD_BYTES: u64 = 168;

/// Bytes of arguments that are in the map and not behind it: the keys of most items.
const INLINE_BYTES: usize = 24;

/// Which request, as it is asked for: who asks copies nothing. Hashed as [`Kept`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key<'a> {
    of: u64,
    arguments: &'a [u8],
}

/// The key of an answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Kept {
    /// The method, the table, which no other has the number of, and what the client means by the arguments.
    of: u64,
    /// As they were sent.
    arguments: SmallVec<[u8; INLINE_BYTES]>,
}

impl<'a> Key<'a> {
    /// The item of a key as a client has spelled it. Numbers have several spellings, each with an answer of its own.
    pub(crate) fn item(table: &Table, key: &'a [u8]) -> Self {
        Key::of(Method::GetItem, table, key, false)
    }

    /// A page: the same arguments give the same page, to clients that mean the same by them.
    pub(crate) fn page(method: Method, table: &Table, arguments: &'a [u8], ignores_select_all: bool) -> Self {
        Key::of(method, table, arguments, ignores_select_all)
    }

    fn of(method: Method, table: &Table, arguments: &'a [u8], ignores_select_all: bool) -> Self {
        let of = u64::from(table.id) << 16 | (method as u64) << 8 | u64::from(ignores_select_all);
        Key { of, arguments }
    }

    pub(super) fn kept(self) -> Kept {
        Kept { of: self.of, arguments: self.arguments.into() }
    }
}

impl Equivalent<Kept> for Key<'_> {
    fn equivalent(&self, kept: &Kept) -> bool {
        self.of == kept.of && *self.arguments == *kept.arguments
    }
}

/// How long an answer is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validity {
    pub(super) stamp: Stamp,
    /// [`NEVER`]: as long as there is room.
    pub(super) expires_micros: u64,
}

/// Later than any time.
pub(super) const NEVER: u64 = u64::MAX;

/// What an answer is about, with its stamp as it was.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stamp {
    Item(ItemStamp, u64),
    /// A page of the table.
    Table(u64),
}

/// An answer. All but its bytes is in the map itself: what is looked for is seldom in the processor's caches.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// As it is sent.
    pub(crate) answer: Arc<[u8]>,
    pub(super) validity: Validity,
}

/// The answer of getItem to an item, in front of its values.
const ITEM_HEAD: [u8; 3] = [0x80, 0xa1, 0x00];

impl Entry {
    /// What getItem answers where there is no item.
    pub(crate) const OF_NO_ITEM: &[u8] = &[0x80, 0xf6];

    /// What getItem answers with these values, a byte string.
    pub(crate) fn of_item(values: &[u8]) -> Vec<u8> {
        [&ITEM_HEAD, values].concat()
    }

    /// The values of the item that this is an answer of; `None` if there is no item.
    pub(crate) fn item(&self) -> Option<&[u8]> {
        self.answer.strip_prefix(&ITEM_HEAD)
    }

    pub(super) fn weight(&self, arguments: &[u8]) -> u64 {
        (arguments.len() + self.answer.len()) as u64 + OVERHEAD_BYTES
    }
}

/// Weighs by bytes.
#[derive(Debug, Clone)]
pub(super) struct Weighter;

impl quick_cache::Weighter<Kept, Entry> for Weighter {
    fn weight(&self, key: &Kept, entry: &Entry) -> u64 {
        entry.weight(&key.arguments)
    }
}
