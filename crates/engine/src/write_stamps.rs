//! Counters that change with writes, for caches beside the engine: what was read after a stamp was taken is what the
//! table has as long as the stamp has not changed. Items share stamps, so a stamp may change without need; it never
//! stays where it must not, for the writes of this process.
//!
//! A stamp changes once a write is durable and before its writer is answered.

use crate::keys::ItemKey;
use crate::table::Table;
use crate::write::Write;
use parking_lot::Mutex;
use smallvec::SmallVec;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::{Store, StoreError};

const ITEM_STAMPS: usize = 1 << 16;
const TABLE_STAMPS: usize = 1 << 8;

/// The counters.
pub struct WriteStamps {
    items: Box<[AtomicU64]>,
    tables: Box<[AtomicU64]>,
    /// Of writes whose writers have gone away before they were durable.
    left_behind: Mutex<Vec<(u32, ItemStamp)>>,
    are_left_behind: AtomicBool,
}

/// A write on its way: the stamps change when this is dropped, whatever has become of it.
pub(crate) struct Stamping<'a> {
    stamps: &'a WriteStamps,
    items: SmallVec<[(u32, ItemStamp); 1]>,
    is_concluded: bool,
}

/// Where the stamp of an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemStamp(u32);

impl Default for WriteStamps {
    fn default() -> Self {
        let zeros = |count| std::iter::repeat_with(AtomicU64::default).take(count).collect();
        WriteStamps {
            items: zeros(ITEM_STAMPS),
            tables: zeros(TABLE_STAMPS),
            left_behind: Mutex::default(),
            are_left_behind: AtomicBool::default(),
        }
    }
}

impl ItemStamp {
    /// Of the item of a key.
    pub fn of(key: &ItemKey) -> ItemStamp {
        // FNV-1a over a row key, which has a keyed hash in it.
        let mixed = key.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        ItemStamp((mixed >> 32) as u32 % ITEM_STAMPS as u32)
    }
}

impl WriteStamps {
    /// The stamp of an item.
    pub fn item(&self, at: ItemStamp) -> u64 {
        self.items[at.0 as usize].load(Ordering::Acquire)
    }

    /// The stamp of everything in a table.
    pub fn table(&self, table: &Table) -> u64 {
        self.tables[table.id as usize % TABLE_STAMPS].load(Ordering::Acquire)
    }

    /// An item has been written.
    pub fn wrote(&self, table: &Table, key: &ItemKey) {
        self.change(table.id, ItemStamp::of(key));
    }

    fn change(&self, table: u32, item: ItemStamp) {
        self.items[item.0 as usize].fetch_add(1, Ordering::AcqRel);
        self.tables[table as usize % TABLE_STAMPS].fetch_add(1, Ordering::AcqRel);
    }

    /// Whether writes may become durable that nobody waits for any more: [`WriteStamps::settle`] first.
    pub fn are_unsettled(&self) -> bool {
        self.are_left_behind.load(Ordering::Acquire)
    }

    /// Waits for these writes. A stamp that is taken behind this changes with every write that is not durable yet.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle(&self, store: &dyn Store) -> Result<(), StoreError> {
        let left = self.left_behind.lock().clone();
        store.settled().await?;
        left.iter().for_each(|(table, item)| self.change(*table, *item));
        let mut rest = self.left_behind.lock();
        rest.retain(|entry| !left.contains(entry));
        self.are_left_behind.store(!rest.is_empty(), Ordering::Release);
        Ok(())
    }
}

impl<'a> Stamping<'a> {
    /// A write that begins, if anybody asks for stamps.
    pub(crate) fn begin<'w>(
        stamps: Option<&'a WriteStamps>,
        writes: impl Iterator<Item = (&'w Table, &'w Write)>,
    ) -> Option<Self> {
        let items = writes.map(|(table, write)| (table.id, ItemStamp::of(write.key())));
        Some(Stamping { stamps: stamps?, items: items.collect(), is_concluded: false })
    }

    /// It has ended, and is durable if it was committed.
    pub(crate) fn conclude(stamping: Option<Self>) {
        if let Some(mut stamping) = stamping {
            stamping.is_concluded = true;
        }
    }
}

impl Drop for Stamping<'_> {
    fn drop(&mut self) {
        if !self.is_concluded {
            let mut left = self.stamps.left_behind.lock();
            left.extend_from_slice(&self.items);
            self.stamps.are_left_behind.store(true, Ordering::Release);
        }
        self.items.iter().for_each(|(table, item)| self.stamps.change(*table, *item));
    }
}

impl fmt::Debug for WriteStamps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteStamps").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::table;
    use std::sync::Arc;
    use stdx::ManualClock;
    use store::MemoryStore;
    use store::wait::wait;
    use types::{ItemBuilder, Value};

    #[test]
    fn a_write_that_is_left_behind_changes_its_stamp_again_once_it_is_durable() {
        let (table, stamps) = (table(), WriteStamps::default());
        let mut item = ItemBuilder::new();
        item.put("pk", &Value::S("a".into())).put("sk", &Value::N(1.into()));
        let write = Write::delete(&table, item.build()).expect("a key");
        let at = ItemStamp::of(write.key());
        let begin = || Stamping::begin(Some(&stamps), std::iter::once((&table, &write))).expect("stamps");
        Stamping::conclude(Some(begin()));
        assert_eq!((stamps.item(at), stamps.table(&table), stamps.are_unsettled()), (1, 1, false));
        drop(begin());
        assert_eq!((stamps.item(at), stamps.are_unsettled()), (2, true));
        let store = MemoryStore::new(Arc::new(ManualClock::at(0)));
        wait(stamps.settle(&store)).expect("the store is there");
        assert_eq!((stamps.item(at), stamps.are_unsettled()), (3, false));
    }
}
