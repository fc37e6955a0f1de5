//! Lending rows to a visitor. A visitor is borrowed from the caller and stays on its thread; where the rows are read
//! elsewhere, they come in lots.

use crate::read::cold_reads::ColdReads;
use crate::trees::{Bytes, TreeError};
use store::{StoreError, Visit};

/// Rows of a lot, and bytes that end it: what is read in vain when the visitor stops in it.
const LOT_ROWS: usize = 256;
const LOT_BYTES: usize = 128 * 1024;

type Row = Result<(Bytes, Bytes), TreeError>;

/// Lends the rows of an iterator until the visitor stops.
pub(crate) fn here(
    rows: impl Iterator<Item = Row>,
    visit: &mut dyn FnMut(&[u8], &[u8]) -> Visit,
) -> Result<(), TreeError> {
    for row in rows {
        let (key, row) = row?;
        if visit(&key, &row) == Visit::Stop {
            break;
        }
    }
    Ok(())
}

/// The same of rows that are read off the calling thread.
pub(crate) async fn from_elsewhere<I: Iterator<Item = Row> + Send + 'static>(
    cold_reads: &ColdReads,
    begin: impl FnOnce() -> I + Send + 'static,
    rows_expected: usize,
    visit: &mut (dyn FnMut(&[u8], &[u8]) -> Visit + Send),
) -> Result<Result<(), TreeError>, StoreError> {
    let lot_rows = rows_expected.clamp(1, LOT_ROWS);
    let mut rows = cold_reads.elsewhere(begin).await?;
    loop {
        let (rest, lot) = cold_reads.elsewhere(move || next_lot(rows, lot_rows)).await?;
        for row in lot {
            match row {
                Ok((key, row)) if visit(&key, &row) == Visit::Continue => {}
                Ok(_) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
        }
        match rest {
            Some(rest) => rows = rest,
            None => return Ok(Ok(())),
        }
    }
}

/// A lot, and the iterator if there may be more behind it.
fn next_lot<I: Iterator<Item = Row>>(mut rows: I, lot_rows: usize) -> (Option<I>, Vec<Row>) {
    let (mut lot, mut bytes) = (Vec::new(), 0);
    while lot.len() < lot_rows && bytes < LOT_BYTES {
        let Some(row) = rows.next() else { return (None, lot) };
        bytes += row.as_ref().map_or(0, |(key, row)| key.len() + row.len());
        lot.push(row);
    }
    (Some(rows), lot)
}
