//! The items of a table in lots, for jobs that walk all of them.

use crate::keys::{index_prefix, successor};
use crate::row::{RowFault, RowRef};
use crate::table::Table;
use std::ops::Bound;
use store::{Consistency, Direction, KeyRange, RangeRead, Store, StoreError, Visit};

/// Bytes after which a lot ends.
const LOT_BYTES: usize = 1 << 20;

/// Visits the items behind a key in the order of their keys, at most `items_max`. Whatever was committed before this
/// is called is seen.
pub(crate) fn visit_lot(
    store: &dyn Store,
    table: &Table,
    after: Option<&[u8]>,
    items_max: usize,
    mut visit: impl FnMut(&[u8], RowRef<'_>) -> Result<(), RowFault> + Send,
) -> Result<(), StoreError> {
    let prefix = index_prefix(table.id, 0);
    let end = successor(&prefix);
    let start = after.map_or(Bound::Included(&prefix[..]), Bound::Excluded);
    let (mut items, mut bytes, mut fault) = (0, 0, None);
    let visit = &mut |key: &[u8], row: &[u8]| {
        (items, bytes) = (items + 1, bytes + row.len());
        match RowRef::read(row).and_then(|row| visit(key, row)) {
            Ok(()) if items < items_max && bytes < LOT_BYTES => Visit::Continue,
            Ok(()) => Visit::Stop,
            Err(found) => {
                fault = Some(found);
                Visit::Stop
            }
        }
    };
    let range = KeyRange { start, end: Bound::Excluded(&end) };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    store.range(RangeRead { range, direction, consistency, rows_expected: items_max }, visit).wait()?;
    fault.map_or(Ok(()), |fault| Err(fault.into()))
}

/// How many of a hundred items are done, by how many the table has. Items that come and go meanwhile may count in one
/// and not in the other: 100 % is reported only at the end.
pub(super) fn percent(done: u64, of: u64) -> f64 {
    (done as f64 * 100.0 / of.max(1) as f64).min(99.9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_goes_on_is_not_complete() {
        let check = |done, of, expected: f64| assert!((percent(done, of) - expected).abs() < 1e-9);
        check(0, 0, 0.0);
        check(1, 4, 25.0);
        check(5, 4, 99.9);
    }
}
