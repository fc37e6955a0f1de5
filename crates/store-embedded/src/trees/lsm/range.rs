//! A walk over a range of a tree, one stored version at a time.
//!
//! lsm-tree's own iterators pass over deleted rows and older versions inside one call, however many there are. Here its
//! memtables and sorted files are merged so that each step reads one stored version: the caller decides how many
//! steps it takes before other reads run. A walk reads the files and memtables that were there when it began and keeps
//! them; it holds no lock.

use super::{BASE, Trees};
use crate::trees::Bytes;
use crate::trees::name::Name;
use crate::trees::tree_error::TreeError;
use lsm_tree::merge::Merger;
use lsm_tree::{AbstractTree, BoxedIterator, InternalValue, Memtable, SeqNo, ValueType};
use self_cell::self_cell;
use std::ops::Bound;
use std::sync::Arc;
use store::Direction;

type Result<T> = std::result::Result<T, TreeError>;
type Bounds = (Bound<Bytes>, Bound<Bytes>);

/// What one step of a walk found.
pub(crate) enum Step {
    /// A row, as of the walk's position.
    Row(Bytes, Bytes),
    /// A version that is deleted, older than another one, or newer than the walk.
    Passed,
}

/// The walk. It yields one item a step.
pub(crate) struct Range {
    versions: Merger<BoxedIterator<'static>>,
    direction: Direction,
    /// Versions from this sequence number on are newer than the walk.
    end: SeqNo,
    /// Forward: the key met last. Its newest version came first.
    key: Option<Bytes>,
    /// Reverse: the newest version so far of the key met last. Its oldest version came first.
    newest: Option<InternalValue>,
}

impl Trees {
    /// The rows between two bounds as of a position, which the caller has announced.
    pub(crate) fn range(
        &self,
        name: Name,
        (start, end): (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        at: u64,
    ) -> Range {
        let sources = match is_empty(start, end) {
            true => Vec::new(),
            false => {
                self.about_to_read();
                self.sources(name, &(start.map(Bytes::from), end.map(Bytes::from)))
            }
        };
        Range { versions: Merger::new(sources), direction, end: BASE + at + 1, key: None, newest: None }
    }

    /// Memtables before files: what is flushed in between is found in both, which does no harm.
    fn sources(&self, name: Name, bounds: &Bounds) -> Vec<BoxedIterator<'static>> {
        let memtables = self.memtables(name);
        let mut sources: Vec<BoxedIterator<'static>> = Vec::with_capacity(memtables.len() + 8);
        for memtable in memtables.iter() {
            sources.push(Box::new(MemtableVersions::between(memtable.clone(), bounds)));
        }
        let version = self.tree(name).current_version();
        for run in version.iter_levels().flat_map(|level| level.iter()) {
            if let Some((first, last)) = run.range_overlap_indexes(bounds) {
                // The closure keeps the run, and the run its files.
                let (run, bounds) = (run.clone(), bounds.clone());
                sources.push(Box::new((first..=last).flat_map(move |file| run[file].range(bounds.clone()))));
            }
        }
        sources
    }
}

fn is_empty(start: Bound<&[u8]>, end: Bound<&[u8]>) -> bool {
    match (start, end) {
        (Bound::Included(a), Bound::Included(b)) => a > b,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a >= b,
        _ => false,
    }
}

impl Range {
    /// A walk over nothing.
    pub(crate) fn nothing() -> Self {
        let versions = Merger::new(Vec::new());
        Range { versions, direction: Direction::Forward, end: 0, key: None, newest: None }
    }

    /// The rows alone.
    pub(crate) fn rows(self) -> impl Iterator<Item = Result<(Bytes, Bytes)>> {
        self.filter_map(|step| match step {
            Ok(Step::Row(key, row)) => Some(Ok((key, row))),
            Ok(Step::Passed) => None,
            Err(error) => Some(Err(error)),
        })
    }

    fn forward(&mut self, version: InternalValue) -> Step {
        if self.key.as_ref() == Some(&version.key.user_key) {
            return Step::Passed;
        }
        self.key = Some(version.key.user_key.clone());
        shown(version)
    }

    /// The newest version of a key is known when the next key is met.
    fn reverse(&mut self, version: InternalValue) -> Step {
        let is_next = |last: &InternalValue| last.key.user_key != version.key.user_key;
        let known = self.newest.take_if(|last| is_next(last));
        self.newest = Some(version);
        known.map_or(Step::Passed, shown)
    }
}

fn shown(version: InternalValue) -> Step {
    match version.is_tombstone() {
        true => Step::Passed,
        false => Step::Row(version.key.user_key, version.value),
    }
}

impl Iterator for Range {
    type Item = Result<Step>;

    fn next(&mut self) -> Option<Self::Item> {
        let version = match self.direction {
            Direction::Forward => self.versions.next(),
            Direction::Reverse => self.versions.next_back(),
        };
        match (version, self.direction) {
            (Some(Err(error)), _) => Some(Err(error.into())),
            (Some(Ok(version)), _) if version.key.seqno >= self.end => Some(Ok(Step::Passed)),
            (Some(Ok(version)), Direction::Forward) => Some(Ok(self.forward(version))),
            (Some(Ok(version)), Direction::Reverse) => Some(Ok(self.reverse(version))),
            (None, Direction::Forward) => None,
            (None, Direction::Reverse) => self.newest.take().map(|last| Ok(shown(last))),
        }
    }
}

type Versions<'a> = Box<dyn DoubleEndedIterator<Item = InternalValue> + Send + 'a>;

self_cell! {
    /// The versions in a part of a memtable, which it keeps.
    struct MemtableVersions {
        owner: Arc<Memtable>,
        #[covariant]
        dependent: Versions,
    }
}

impl MemtableVersions {
    /// Versions of one key are ordered by descending sequence number.
    fn between(memtable: Arc<Memtable>, (start, end): &Bounds) -> Self {
        let place = |key: &Bytes, seqno| {
            // A bound may be empty, which the constructor does not take.
            let mut place = InternalValue::from_components(b"-", b"", seqno, ValueType::Tombstone).key;
            place.user_key = key.clone();
            place
        };
        let start = match start {
            Bound::Included(key) => Bound::Included(place(key, SeqNo::MAX)),
            Bound::Excluded(key) => Bound::Excluded(place(key, 0)),
            Bound::Unbounded => Bound::Unbounded,
        };
        let end = match end {
            Bound::Included(key) => Bound::Included(place(key, 0)),
            Bound::Excluded(key) => Bound::Excluded(place(key, SeqNo::MAX)),
            Bound::Unbounded => Bound::Unbounded,
        };
        Self::new(memtable, |memtable| {
            let entries = memtable.items.range((start, end));
            Box::new(entries.map(|entry| InternalValue::new(entry.key().clone(), entry.value().clone())))
        })
    }
}

impl Iterator for MemtableVersions {
    type Item = lsm_tree::Result<InternalValue>;

    fn next(&mut self) -> Option<Self::Item> {
        self.with_dependent_mut(|_, versions| versions.next()).map(Ok)
    }
}

impl DoubleEndedIterator for MemtableVersions {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.with_dependent_mut(|_, versions| versions.next_back()).map(Ok)
    }
}
