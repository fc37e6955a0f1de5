//! Reads of single rows: announce a position, look, leave.

use crate::read::read_view::ReadView;
use crate::trees::{Bytes, Name, TreeError};

/// The row of a key as of a published position, if the row cache has it. No reader slot is needed.
pub(crate) fn cached_row(view: &ReadView, key: &[u8], at: u64) -> Option<Bytes> {
    match view.tombstones.over(key, at) {
        None => view.row_cache.get(key, at),
        Some(_) => None,
    }
}

/// The row of a key as of a position that the caller has announced, for a reader: others will read it again.
pub(crate) fn row(view: &ReadView, key: &[u8], at: u64) -> Result<Option<Bytes>, TreeError> {
    match cached_row(view, key, at) {
        Some(row) => Ok(Some(row)),
        None => row_to_cache(view, key, at),
    }
}

/// The same of a row that the row cache has not; it is offered to it.
pub(crate) fn row_to_cache(view: &ReadView, key: &[u8], at: u64) -> Result<Option<Bytes>, TreeError> {
    let row = stored_row(view, key, at)?;
    if let Some(row) = &row {
        view.row_cache.offer(key, row, at);
    }
    Ok(row)
}

/// The row of a key as of a position that the caller has announced, for a writer, which is about to replace it.
pub(crate) fn old_row(view: &ReadView, key: &[u8], at: u64) -> Result<Option<Bytes>, TreeError> {
    match cached_row(view, key, at) {
        Some(row) => Ok(Some(row)),
        None => stored_row(view, key, at),
    }
}

/// The row of a key as the trees have it.
pub(crate) fn stored_row(view: &ReadView, key: &[u8], at: u64) -> Result<Option<Bytes>, TreeError> {
    match view.tombstones.over(key, at) {
        None => view.trees.get(Name::Rows, key, at),
        Some(dropped) => row_after(view, key, at, dropped),
    }
}

/// The row of a key if it was written after a drop.
pub(crate) fn row_after(
    view: &ReadView,
    key: &[u8],
    at: u64,
    dropped: u64,
) -> Result<Option<Bytes>, TreeError> {
    let row = view.trees.get_with_position(Name::Rows, key, at)?;
    Ok(row.filter(|(position, _)| *position > dropped).map(|(_, row)| row))
}
