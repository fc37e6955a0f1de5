//! Reads: announce a position, look, leave. Rows hidden by a drop are left out here and nowhere else.

use crate::core::Core;
use crate::dropped::{self, Snapshot};
use crate::trees::{Bytes, Name, Range, TreeError};
use std::ops::Bound;
use store::{Direction, KeyRange, Visit};

/// The row of a key as of a published position, if the row cache has it. Nobody needs to announce himself for it.
pub(crate) fn cached_row(core: &Core, key: &[u8], at: u64) -> Option<Bytes> {
    match core.dropped.over(key, at) {
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
    match core.dropped.over(key, at) {
        None => core.trees.get(Name::Rows, key, at),
        Some(dropped) => row_after(core, key, at, dropped),
    }
}

/// The row of a key if it was written after a drop.
fn row_after(core: &Core, key: &[u8], at: u64, dropped: u64) -> Result<Option<Bytes>, TreeError> {
    let row = core.trees.get_with_position(Name::Rows, key, at)?;
    Ok(row.filter(|(position, _)| *position > dropped).map(|(_, row)| row))
}

/// A walk over rows in one direction.
struct Walk<'a> {
    core: &'a Core,
    direction: Direction,
    start: Bound<Vec<u8>>,
    end: Bound<Vec<u8>>,
    position: u64,
    dropped: Option<Snapshot>,
    rows: Range,
}

/// Visits the rows of a range in order.
pub(crate) fn rows(
    core: &Core,
    range: KeyRange<'_>,
    direction: Direction,
    visit: &mut dyn FnMut(&[u8], &[u8]) -> Visit,
) -> Result<(), TreeError> {
    let mut walk = Walk::begin(core, range, direction);
    while let Some(next) = walk.next() {
        let (key, row) = next?;
        match walk.seen(&key, row)? {
            Seen::Row(row) if visit(&key, &row) == Visit::Stop => return Ok(()),
            Seen::Row(_) | Seen::Nothing => {}
            Seen::NothingUnder(prefix) => walk.skip(&prefix),
        }
    }
    Ok(())
}

/// What a reader sees at a key.
enum Seen {
    Row(Bytes),
    Nothing,
    /// Nothing at any key with this prefix.
    NothingUnder(Vec<u8>),
}

impl<'a> Walk<'a> {
    fn begin(core: &'a Core, range: KeyRange<'_>, direction: Direction) -> Self {
        let reading = core.readers.enter();
        Walk {
            core,
            direction,
            start: range.start.map(<[u8]>::to_vec),
            end: range.end.map(<[u8]>::to_vec),
            position: reading.position,
            dropped: core.dropped.snapshot(),
            rows: core.trees.range(Name::Rows, range.start, range.end, reading.position),
        }
    }

    fn next(&mut self) -> Option<Result<(Bytes, Bytes), TreeError>> {
        match self.direction {
            Direction::Forward => self.rows.next(),
            Direction::Reverse => self.rows.next_back(),
        }
    }

    fn seen(&self, key: &[u8], row: Bytes) -> Result<Seen, TreeError> {
        let over = self.dropped.as_ref().and_then(|list| dropped::newest_over(list, key, self.position));
        let Some(over) = over else { return Ok(Seen::Row(row)) };
        if !over.is_rewritten() {
            return Ok(Seen::NothingUnder(over.prefix.clone()));
        }
        // The row met here does not say when it was written; the one that is there now does.
        let reading = self.core.readers.enter();
        let newer = row_after(self.core, key, reading.position, over.position)?;
        Ok(newer.map_or(Seen::Nothing, Seen::Row))
    }

    /// Goes on behind a prefix. Begins anew at the published position: a walk is not a snapshot.
    fn skip(&mut self, prefix: &[u8]) {
        match self.direction {
            Direction::Forward => {
                self.start = match dropped::prefix_end(prefix) {
                    Bound::Excluded(key) => Bound::Included(key),
                    _ => return self.rows = self.core.trees.nothing(),
                }
            }
            Direction::Reverse => self.end = Bound::Excluded(prefix.to_vec()),
        }
        let reading = self.core.readers.enter();
        self.position = reading.position;
        self.dropped = self.core.dropped.snapshot();
        let bounds = (self.start.as_ref().map(Vec::as_slice), self.end.as_ref().map(Vec::as_slice));
        self.rows = self.core.trees.range(Name::Rows, bounds.0, bounds.1, reading.position);
    }
}
