//! Lends the rows of a walk to a visitor. A visitor is borrowed from the caller and stays on its thread; where the rows
//! are read on another one, they come in lots.
//!
//! No thread is held for long, however few of the stored versions a visitor gets to see: on the caller's thread a walk
//! makes so many steps at most, and after each lot the next read that waits for a thread has its turn.

use crate::read::range::Walk;
use crate::read::read_view::ReadView;
use crate::trees::{Bytes, Step, TreeError};
use std::sync::Arc;
use store::{StoreError, Visit};

/// Steps on the caller's thread: more than a page of small rows has.
const STEPS_HERE: usize = 16 * 1024;
/// Steps, rows and bytes that end a lot. Rows beyond the one where the visitor stops were read for nothing.
const LOT_STEPS: usize = 64 * 1024;
const LOT_ROWS: usize = 256;
const LOT_BYTES: usize = 128 * 1024;

/// What a walk lends its rows to.
pub(crate) type Visitor<'a> = dyn FnMut(&[u8], &[u8]) -> Visit + Send + 'a;

/// On the caller's thread, until the visitor stops. Returns a walk that is not at its end after many steps.
pub(crate) fn here(
    view: &ReadView,
    mut walk: Walk,
    visit: &mut Visitor<'_>,
) -> Result<Option<Walk>, TreeError> {
    for _ in 0..STEPS_HERE {
        let Some(step) = walk.step(view) else { return Ok(None) };
        if let Step::Row(key, row) = step?
            && visit(&key, &row) == Visit::Stop
        {
            return Ok(None);
        }
    }
    Ok(Some(walk))
}

/// The same of rows that are read on other threads.
pub(crate) async fn from_elsewhere(
    view: &Arc<ReadView>,
    begin: impl FnOnce(&ReadView) -> Walk + Send + 'static,
    rows_expected: usize,
    visit: &mut Visitor<'_>,
) -> Result<Result<(), TreeError>, StoreError> {
    let lot_rows = rows_expected.clamp(1, LOT_ROWS);
    let owner = view.clone();
    let mut walk = view.cold_reads.elsewhere(move || begin(&owner)).await?;
    loop {
        let owner = view.clone();
        let lot = view.cold_reads.elsewhere(move || next_lot(&owner, walk, lot_rows)).await?;
        let Lot { rows, rest } = match lot {
            Ok(lot) => lot,
            Err(error) => return Ok(Err(error)),
        };
        if rows.iter().any(|(key, row)| visit(key, row) == Visit::Stop) {
            return Ok(Ok(()));
        }
        match rest {
            Some(rest) => walk = rest,
            None => return Ok(Ok(())),
        }
    }
}

struct Lot {
    rows: Vec<(Bytes, Bytes)>,
    /// The walk, if it is not at its end.
    rest: Option<Walk>,
}

fn next_lot(view: &ReadView, mut walk: Walk, lot_rows: usize) -> Result<Lot, TreeError> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for _ in 0..LOT_STEPS {
        match walk.step(view).transpose()? {
            None => return Ok(Lot { rows, rest: None }),
            Some(Step::Passed) => {}
            Some(Step::Row(key, row)) => {
                bytes += key.len() + row.len();
                rows.push((key, row));
            }
        }
        if rows.len() == lot_rows || bytes >= LOT_BYTES {
            break;
        }
    }
    Ok(Lot { rows, rest: Some(walk) })
}
