//! Keys in order with their rows, read in pages so that no visitor runs under a lock.

use crate::contract::{Direction, KeyRange, Visit};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;
use std::sync::Arc;

/// Rows are shared, so a page is cheap to take out of the lock.
pub(super) type Bytes = Arc<[u8]>;

/// Keys of ordinary length are inline in the tree: a search compares without further cache misses.
type Key = SmallVec<[u8; 36]>;

/// Sorted bytes. The lock around it is its owner's.
#[derive(Debug, Default)]
pub(super) struct OrderedMap(BTreeMap<Key, Bytes>);

impl OrderedMap {
    pub(super) fn row(&self, key: &[u8]) -> Option<Bytes> {
        self.0.get(key).cloned()
    }

    pub(super) fn write(&mut self, key: Vec<u8>, row: Option<Vec<u8>>) {
        match row {
            None => drop(self.0.remove(key.as_slice())),
            Some(row) => match self.0.entry(Key::from_slice(&key)) {
                Entry::Occupied(mut place) => drop(place.insert(row.into())),
                Entry::Vacant(place) => drop(place.insert(row.into())),
            },
        }
    }

    /// Adds rows of the range to the page until it is full.
    pub(super) fn read(&self, range: KeyRange<'_>, direction: Direction, page: &mut Page) {
        if is_empty(range) {
            return;
        }
        let rows = self.0.range::<[u8], _>((range.start, range.end));
        match direction {
            Direction::Forward => page.fill(rows),
            Direction::Reverse => page.fill(rows.rev()),
        }
    }

    /// Takes out the rows whose keys begin with `prefix`.
    pub(super) fn take_prefix(&mut self, prefix: &[u8], after: Option<&[u8]>) -> OrderedMap {
        let mut taken = self.0.split_off(prefix);
        if let Some(after) = after {
            self.0.append(&mut taken.split_off(after));
        }
        OrderedMap(taken)
    }
}

/// Whether no key can lie in the range. `BTreeMap` panics on some of these.
pub(super) fn is_empty(range: KeyRange<'_>) -> bool {
    match (range.start, range.end) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(start), Bound::Included(end)) => start > end,
        (Bound::Included(start) | Bound::Excluded(start), Bound::Included(end) | Bound::Excluded(end)) => {
            start >= end
        }
    }
}

/// Rows taken out of a lock.
pub(super) struct Page {
    rows: Vec<(Key, Bytes)>,
    capacity: usize,
}

const FIRST_PAGE_ROWS: usize = 16;
const PAGE_ROWS_MAX: usize = 256;

impl Page {
    fn new() -> Self {
        Self { rows: Vec::new(), capacity: FIRST_PAGE_ROWS }
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= self.capacity
    }

    fn fill<'a>(&mut self, rows: impl Iterator<Item = (&'a Key, &'a Bytes)>) {
        let room = self.capacity - self.rows.len();
        self.rows.extend(rows.take(room).map(|(key, row)| (Key::from_slice(key), Arc::clone(row))));
    }

    /// Most readers need a few rows, so the first page is small.
    fn empty_and_grow(&mut self) {
        self.rows.clear();
        self.capacity = (self.capacity * 4).min(PAGE_ROWS_MAX);
    }
}

/// Visits a range page by page. `read` fills a page under whatever lock it needs.
pub(super) fn pages(
    range: KeyRange<'_>,
    direction: Direction,
    read: impl Fn(KeyRange<'_>, &mut Page),
    visit: &mut dyn FnMut(&[u8], &[u8]) -> Visit,
) {
    let mut page = Page::new();
    let mut cursor: Option<Key> = None;
    loop {
        page.rows.reserve(page.capacity);
        read(rest(range, direction, cursor.as_deref()), &mut page);
        for (key, row) in &page.rows {
            if visit(key, row) == Visit::Stop {
                return;
            }
        }
        if !page.is_full() {
            return;
        }
        cursor = page.rows.last().map(|(key, _)| key.clone());
        page.empty_and_grow();
    }
}

fn rest<'a>(range: KeyRange<'a>, direction: Direction, cursor: Option<&'a [u8]>) -> KeyRange<'a> {
    match (cursor, direction) {
        (None, _) => range,
        (Some(key), Direction::Forward) => KeyRange { start: Bound::Excluded(key), ..range },
        (Some(key), Direction::Reverse) => KeyRange { end: Bound::Excluded(key), ..range },
    }
}
