//! Reads of ranges: announce a position, take a walk, leave. A walk keeps its files itself, and goes step by step: see
//! [`Step`].

use crate::read::point;
use crate::read::read_view::ReadView;
use crate::trees::range_tombstones::{self, Snapshot};
use crate::trees::{Bytes, Name, Range, Step, TreeError};
use std::ops::Bound;
use std::sync::Arc;
use store::{Direction, KeyRange};

/// A walk over what a reader sees of a tree, in order.
pub(crate) struct Walk {
    direction: Direction,
    start: Bound<Vec<u8>>,
    end: Bound<Vec<u8>>,
    position: u64,
    dropped: Option<Arc<Snapshot>>,
    steps: Range,
}

/// What a reader sees at a key.
enum Seen {
    Row(Bytes),
    Nothing,
    /// Nothing at any key with this prefix.
    NothingUnder(Vec<u8>),
}

/// Over rows, some of which may be in dropped ranges.
pub(crate) fn rows(view: &ReadView, range: KeyRange<'_>, direction: Direction) -> Walk {
    let (start, end) = (range.start.map(<[u8]>::to_vec), range.end.map(<[u8]>::to_vec));
    let reading = view.readers.enter();
    let steps = view.trees.range(Name::Rows, (range.start, range.end), direction, reading.position);
    Walk { direction, start, end, position: reading.position, dropped: view.tombstones.snapshot(), steps }
}

/// Over another tree, which has no dropped ranges.
pub(crate) fn whole(steps: Range) -> Walk {
    let (start, end) = (Bound::Unbounded, Bound::Unbounded);
    Walk { direction: Direction::Forward, start, end, position: 0, dropped: None, steps }
}

impl Walk {
    /// The next step, if the walk is not at its end.
    pub(crate) fn step(&mut self, view: &ReadView) -> Option<Result<Step, TreeError>> {
        let (key, row) = match self.steps.next()? {
            Ok(Step::Row(key, row)) if self.dropped.is_some() => (key, row),
            step => return Some(step),
        };
        Some(self.seen(view, &key, row).map(|seen| match seen {
            Seen::Row(row) => Step::Row(key, row),
            Seen::Nothing => Step::Passed,
            Seen::NothingUnder(prefix) => {
                self.skip(view, &prefix);
                Step::Passed
            }
        }))
    }

    fn seen(&self, view: &ReadView, key: &[u8], row: Bytes) -> Result<Seen, TreeError> {
        let over = self.dropped.as_ref().and_then(|list| list.newest_covering(key, self.position));
        let Some(over) = over else { return Ok(Seen::Row(row)) };
        if !over.is_rewritten() {
            return Ok(Seen::NothingUnder(over.prefix.clone()));
        }
        // The row found here has no position of its write; the one that is there now has.
        let reading = view.readers.enter();
        let newer = point::row_after(view, key, reading.position, over.position)?;
        Ok(newer.map_or(Seen::Nothing, Seen::Row))
    }

    /// Continues behind a prefix, at the published position: a walk is not a snapshot.
    fn skip(&mut self, view: &ReadView, prefix: &[u8]) {
        match self.direction {
            Direction::Forward => {
                self.start = match range_tombstones::prefix_end(prefix) {
                    Bound::Excluded(key) => Bound::Included(key),
                    _ => return self.steps = Range::nothing(),
                }
            }
            Direction::Reverse => self.end = Bound::Excluded(prefix.to_vec()),
        }
        let bounds = (self.start.as_ref().map(Vec::as_slice), self.end.as_ref().map(Vec::as_slice));
        let reading = view.readers.enter();
        self.position = reading.position;
        self.dropped = view.tombstones.snapshot();
        self.steps = view.trees.range(Name::Rows, bounds, self.direction, reading.position);
    }
}
