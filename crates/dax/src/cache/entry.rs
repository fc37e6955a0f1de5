//! An answer that is kept, what it is an answer to, and what it weighs.

use crate::codec::Method;
use engine::{ItemStamp, Table};
use std::sync::Arc;

/// What the map, the counters and the allocator need beside the bytes.
const OVERHEAD_BYTES: u64 = 160;

/// Which request: the table, which no other has the number of, and the arguments as they were sent.
#[derive(Debug, Default)]
pub(crate) struct Key(Vec<u8>);

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
        let mut key = Vec::with_capacity(6 + arguments.len());
        key.push(method as u8);
        key.extend_from_slice(&table.id.to_le_bytes());
        key.extend_from_slice(arguments);
        Key(key)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// How long an answer is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validity {
    /// Of an item: its stamp as it was.
    pub(super) item: Option<(ItemStamp, u64)>,
    /// Of a page: the table's stamp as it was.
    pub(super) table: u64,
    /// `None`: as long as there is room.
    pub(super) expires_micros: Option<u64>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Entry {
    /// As it is sent.
    pub(crate) answer: Box<[u8]>,
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

    pub(super) fn weight(&self, key: &[u8]) -> u64 {
        (key.len() + self.answer.len()) as u64 + OVERHEAD_BYTES
    }
}

/// Weighs by bytes.
#[derive(Debug, Clone)]
pub(super) struct Weighter;

impl quick_cache::Weighter<Box<[u8]>, Arc<Entry>> for Weighter {
    fn weight(&self, key: &Box<[u8]>, entry: &Arc<Entry>) -> u64 {
        entry.weight(key)
    }
}
