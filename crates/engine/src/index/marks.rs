//! Marks of the items that a secondary index being built has already.
//!
//! While an index is Backfilling, an item is marked from when the index has it: its entry is there and counted, or it
//! is known that there is none. The backfill that comes by marks it, or the first write of the item, deletions
//! included. Every write declares the mark beside the item, so it can tell whether there is an old entry to replace
//! and to subtract, and the backfill can tell that an item without a mark was not written since the index was created.
//! The marks go when the index is active.

use crate::keys::{KeyBuf, mark_key};
use crate::table::{IndexStatus, Table};
use smallvec::SmallVec;
use store::RowWrite;

/// What a mark holds: a version.
const MARK: [u8; 1] = [1];

/// The indexes of a table that are being built, by their position, and which of them have indexed an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Bit by position of the index.
    unmarked: u32,
}

impl Marks {
    /// Whether this index is being built and has not indexed the item yet.
    pub(crate) fn lack(self, position: usize) -> bool {
        self.unmarked & bit(position) != 0
    }

    /// Reads the rows of the keys that [`mark_keys`] has named.
    pub(crate) fn read<'a>(table: &Table, mut rows: impl Iterator<Item = Option<&'a [u8]>>) -> Marks {
        let mut unmarked = 0;
        for (position, _) in backfilling(table) {
            if rows.next().flatten().is_none() {
                unmarked |= bit(position);
            }
        }
        Marks { unmarked }
    }
}

/// A table has at most 25 indexes.
fn bit(position: usize) -> u32 {
    1u32.checked_shl(position as u32).unwrap_or(0)
}

fn backfilling(table: &Table) -> impl Iterator<Item = (usize, u16)> {
    let indexes = table.indexes.iter().enumerate();
    indexes
        .filter(|(_, index)| index.status == IndexStatus::Backfilling)
        .map(|(position, index)| (position, index.number))
}

/// The marks that a write of an item declares: one for each index that is being built.
pub(crate) fn mark_keys(table: &Table, item: &[u8]) -> SmallVec<[KeyBuf; 1]> {
    backfilling(table).map(|(_, number)| mark_key(table, number, item)).collect()
}

/// How many marks a write of an item declares.
pub(crate) fn mark_count(table: &Table) -> usize {
    backfilling(table).count()
}

/// Marks an item.
pub(crate) fn mark_row(table: &Table, index: u16, item: &[u8]) -> RowWrite {
    RowWrite { key: mark_key(table, index, item).to_vec(), row: Some(MARK.to_vec()) }
}
