//! Limits of items, whatever writes them.

use super::Refusal;
use crate::index::entry_size;
use crate::keys::ItemKey;
use crate::table::{IndexKind, Table};
use stdx::limits::{ITEM_SIZE_BYTES_MAX, NESTING_LEVELS_MAX};
use types::MapRef;

/// Checks the nesting of an item that was handed in as a whole.
pub(super) fn check_nesting(item: MapRef<'_>) -> Result<(), Refusal> {
    match item.nesting_levels() > NESTING_LEVELS_MAX {
        true => Err(Refusal::NestedTooDeeply),
        false => Ok(()),
    }
}

/// The size of an item, or `too_large`: an item and its entries in local secondary indexes share one limit.
pub(super) fn check_size(
    table: &Table,
    key: &ItemKey,
    item: MapRef<'_>,
    too_large: Refusal,
) -> Result<usize, Refusal> {
    let size = item.item_size_bytes();
    let local = || table.indexes.iter().filter(|index| index.kind == IndexKind::Local);
    // No entry is larger than its item, so this check nearly always suffices.
    let fits = size * (1 + local().count()) <= ITEM_SIZE_BYTES_MAX
        || size + local().map(|index| entry_size(table, index, key, item)).sum::<usize>()
            <= ITEM_SIZE_BYTES_MAX;
    if fits { Ok(size) } else { Err(too_large) }
}
