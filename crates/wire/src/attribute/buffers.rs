//! Memory that values are built in. Kept per thread from one request to the next, so that reading an item
//! allocates the item and nothing else.

use std::cell::Cell;
use types::MapWriter;

/// Buffers above this size are not kept.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// Maps and lists that are not in use at the moment.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(super) maps: Vec<MapWriter>,
    pub(super) lists: Vec<Vec<u8>>,
}

thread_local! {
    static KEPT: Cell<Buffers> = const { Cell::new(Buffers { maps: Vec::new(), lists: Vec::new() }) };
}

impl Buffers {
    /// This thread's buffers, or new ones while those are in use.
    pub(crate) fn take() -> Buffers {
        KEPT.take()
    }

    /// Keeps the buffers for the next reader of this thread.
    pub(crate) fn put_back(self) {
        KEPT.set(self);
    }

    /// An empty map.
    pub(super) fn map(&mut self) -> MapWriter {
        self.maps.pop().unwrap_or_default()
    }

    /// Takes a map back.
    pub(super) fn return_map(&mut self, mut map: MapWriter) {
        if map.capacity() <= KEPT_BYTES_MAX {
            map.clear();
            self.maps.push(map);
        }
    }

    /// An empty run of bytes.
    pub(super) fn list(&mut self) -> Vec<u8> {
        self.lists.pop().unwrap_or_default()
    }

    /// Takes a run of bytes back.
    pub(super) fn return_list(&mut self, mut list: Vec<u8>) {
        if list.capacity() <= KEPT_BYTES_MAX {
            list.clear();
            self.lists.push(list);
        }
    }
}
