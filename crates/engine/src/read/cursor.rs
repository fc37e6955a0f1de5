//! The rest of a range that is being walked, and the direction.

use super::bounds::Bounds;
use crate::keys::KeyBuf;
use std::ops::Bound;
use store::{Direction, KeyRange};

/// A range of which a part may be done already.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    bounds: Bounds,
    direction: Direction,
    /// The last key that is done.
    done: Option<KeyBuf>,
}

impl Cursor {
    pub(super) fn new(bounds: Bounds, direction: Direction, done: Option<KeyBuf>) -> Cursor {
        Cursor { bounds, direction, done }
    }

    pub(super) fn direction(&self) -> Direction {
        self.direction
    }

    /// Everything up to this key is done.
    pub(super) fn pass(&mut self, key: &[u8]) {
        self.done = Some(KeyBuf::from_slice(key));
    }

    /// What is left; `None` if that is nothing.
    pub(super) fn rest(&self) -> Option<KeyRange<'_>> {
        let Bounds { start, end } = &self.bounds;
        let mut range =
            KeyRange { start: Bound::Included(start.as_slice()), end: Bound::Excluded(end.as_slice()) };
        match (&self.done, self.direction) {
            (Some(done), Direction::Forward) => range.start = Bound::Excluded(done.as_slice()),
            (Some(done), Direction::Reverse) => range.end = Bound::Excluded(done.as_slice()),
            (None, _) => {}
        }
        (start < end).then_some(range)
    }
}
