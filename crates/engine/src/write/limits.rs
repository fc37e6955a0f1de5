//! What an item must not exceed, wherever it comes from.

use super::Refusal;
use stdx::limits::{ITEM_SIZE_BYTES_MAX, NESTING_LEVELS_MAX};
use types::MapRef;

/// Checks the nesting of an item that was handed in as a whole.
pub(super) fn check_nesting(item: MapRef<'_>) -> Result<(), Refusal> {
    match item.nesting_levels() > NESTING_LEVELS_MAX {
        true => Err(Refusal::NestedTooDeeply),
        false => Ok(()),
    }
}

/// The size of an item, or `too_large`.
pub(super) fn check_size(item: MapRef<'_>, too_large: Refusal) -> Result<usize, Refusal> {
    let size = item.item_size_bytes();
    if size > ITEM_SIZE_BYTES_MAX { Err(too_large) } else { Ok(size) }
}
