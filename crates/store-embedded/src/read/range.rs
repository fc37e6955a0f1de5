//! Reads of ranges: announce a position, take an iterator, leave. An iterator holds its files itself.

use crate::read::point;
use crate::read::read_view::ReadView;
use crate::trees::range_tombstones::{self, Snapshot};
use crate::trees::{Bytes, Name, Range, TreeError};
use std::ops::{Bound, Deref};
use std::sync::Arc;
use store::{Direction, KeyRange};

/// A walk over rows in one direction: the rows that a reader sees, in order.
pub(crate) struct Walk<V> {
    view: V,
    direction: Direction,
    start: Bound<Vec<u8>>,
    end: Bound<Vec<u8>>,
    position: u64,
    dropped: Option<Arc<Snapshot>>,
    rows: Range,
}

impl<V: Deref<Target = ReadView>> Iterator for Walk<V> {
    type Item = Result<(Bytes, Bytes), TreeError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (key, row) = match self.step()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error)),
            };
            match self.seen(&key, row) {
                Ok(Seen::Row(row)) => return Some(Ok((key, row))),
                Ok(Seen::Nothing) => {}
                Ok(Seen::NothingUnder(prefix)) => self.skip(&prefix),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// What a reader sees at a key.
enum Seen {
    Row(Bytes),
    Nothing,
    /// Nothing at any key with this prefix.
    NothingUnder(Vec<u8>),
}

impl<V: Deref<Target = ReadView>> Walk<V> {
    pub(crate) fn begin(view: V, range: KeyRange<'_>, direction: Direction) -> Self {
        let (position, dropped, rows) = {
            let reading = view.readers.enter();
            let rows = view.trees.range(Name::Rows, range.start, range.end, reading.position);
            (reading.position, view.tombstones.snapshot(), rows)
        };
        let (start, end) = (range.start.map(<[u8]>::to_vec), range.end.map(<[u8]>::to_vec));
        Walk { view, direction, start, end, position, dropped, rows }
    }

    fn step(&mut self) -> Option<Result<(Bytes, Bytes), TreeError>> {
        match self.direction {
            Direction::Forward => self.rows.next(),
            Direction::Reverse => self.rows.next_back(),
        }
    }

    fn seen(&self, key: &[u8], row: Bytes) -> Result<Seen, TreeError> {
        let over = self.dropped.as_ref().and_then(|list| list.newest_covering(key, self.position));
        let Some(over) = over else { return Ok(Seen::Row(row)) };
        if !over.is_rewritten() {
            return Ok(Seen::NothingUnder(over.prefix.clone()));
        }
        // The row met here does not say when it was written; the one that is there now does.
        let reading = self.view.readers.enter();
        let newer = point::row_after(&self.view, key, reading.position, over.position)?;
        Ok(newer.map_or(Seen::Nothing, Seen::Row))
    }

    /// Continues behind a prefix with a new iterator at the published position: a walk is not a snapshot.
    fn skip(&mut self, prefix: &[u8]) {
        match self.direction {
            Direction::Forward => {
                self.start = match range_tombstones::prefix_end(prefix) {
                    Bound::Excluded(key) => Bound::Included(key),
                    _ => return self.rows = self.view.trees.nothing(),
                }
            }
            Direction::Reverse => self.end = Bound::Excluded(prefix.to_vec()),
        }
        let reading = self.view.readers.enter();
        self.position = reading.position;
        self.dropped = self.view.tombstones.snapshot();
        let bounds = (self.start.as_ref().map(Vec::as_slice), self.end.as_ref().map(Vec::as_slice));
        self.rows = self.view.trees.range(Name::Rows, bounds.0, bounds.1, reading.position);
    }
}
