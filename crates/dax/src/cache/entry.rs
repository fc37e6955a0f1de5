//! An answer that is kept, what it is an answer to, and what it weighs.

use crate::codec::Method;
use engine::{ItemStamp, Table};
use smallvec::SmallVec;
use std::sync::Arc;

/// What the map, the counters and the allocator need beside the bytes.
const OVERHEAD_BYTES: u64 = 160;

/// Bytes of a key that are in the map and not behind it: those of most items.
const INLINE_BYTES: usize = 32;

/// Which request: the table, which no other has the number of, and the arguments as they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key(SmallVec<[u8; INLINE_BYTES]>);

impl Key {
    /// The item of a key as a client has spelled it. Numbers have several spellings, each with an answer of its own.
    pub(crate) fn item(table: &Table, key: &[u8]) -> Key {
        Key::of(Method::GetItem, table, key)
    }

    /// A page: the same arguments give the same page, to clients that mean the same by them.
    pub(crate) fn page(method: Method, table: &Table, arguments: &[u8], ignores_select_all: bool) -> Key {
        let mut key = Key::of(method, table, arguments);
        key.0.push(u8::from(ignores_select_all));
        key
    }

    fn of(method: Method, table: &Table, arguments: &[u8]) -> Key {
        let mut key = SmallVec::with_capacity(6 + arguments.len());
        key.push(method as u8);
        key.extend_from_slice(&table.id.to_le_bytes());
        key.extend_from_slice(arguments);
        Key(key)
    }

    fn len(&self) -> usize {
        self.0.len()
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

    pub(super) fn weight(&self, key: &Key) -> u64 {
        (key.len() + self.answer.len()) as u64 + OVERHEAD_BYTES
    }
}

/// Weighs by bytes.
#[derive(Debug, Clone)]
pub(super) struct Weighter;

impl quick_cache::Weighter<Key, Entry> for Weighter {
    fn weight(&self, key: &Key, entry: &Entry) -> u64 {
        entry.weight(key)
    }
}
