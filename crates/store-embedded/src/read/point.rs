//! Reads of single rows: announce a position, look, leave.

use crate::core::Core;
use crate::trees::{Bytes, Name, TreeError};

/// The row of a key as of a published position, if the row cache has it. Nobody needs to announce himself for it.
pub(crate) fn cached_row(core: &Core, key: &[u8], at: u64) -> Option<Bytes> {
    match core.tombstones.over(key, at) {
        None => core.row_cache.get(key, at),
        Some(_) => None,
    }
}

/// The row of a key as of a position that the caller has announced, for a reader: others will read it again.
pub(crate) fn row(core: &Core, key: &[u8], at: u64) -> Result<Option<Bytes>, TreeError> {
    match cached_row(core, key, at) {
        Some(row) => Ok(Some(row)),
        None => row_to_cache(core, key, at),
    }
}

/// The same of a row that the row cache has not; it is offered to it.
pub(crate) fn row_to_cache(core: &Core, key: &[u8], at: u64) -> Result<Option<Bytes>, TreeError> {
    let row = stored_row(core, key, at)?;
    if let Some(row) = &row {
        core.row_cache.offer(key, row, at);
    }
    Ok(row)
}

/// The row of a key as of a position that the caller has announced, for a writer, which is about to replace it.
pub(crate) fn old_row(core: &Core, key: &[u8], at: u64) -> Result<Option<Bytes>, TreeError> {
    match cached_row(core, key, at) {
        Some(row) => Ok(Some(row)),
        None => stored_row(core, key, at),
    }
}

/// The row of a key as the trees have it.
fn stored_row(core: &Core, key: &[u8], at: u64) -> Result<Option<Bytes>, TreeError> {
    match core.tombstones.over(key, at) {
        None => core.trees.get(Name::Rows, key, at),
        Some(dropped) => row_after(core, key, at, dropped),
    }
}

/// The row of a key if it was written after a drop.
pub(crate) fn row_after(core: &Core, key: &[u8], at: u64, dropped: u64) -> Result<Option<Bytes>, TreeError> {
    let row = core.trees.get_with_position(Name::Rows, key, at)?;
    Ok(row.filter(|(position, _)| *position > dropped).map(|(_, row)| row))
}
