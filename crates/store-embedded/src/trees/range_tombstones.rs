//! Ranges that were dropped and are not reclaimed yet. Readers leave their rows out at once: a row is hidden
//! when a drop at or below the reader's position covers its key and is newer than the row.

use parking_lot::RwLock;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// One drop.
#[derive(Debug)]
pub(crate) struct RangeTombstone {
    pub(crate) prefix: Vec<u8>,
    pub(crate) position: u64,
    /// Writes under the prefix after the drop, as far as is known.
    writes: AtomicU64,
}

/// Drops as of a moment.
pub(crate) type Snapshot = Arc<Vec<Arc<RangeTombstone>>>;

/// All drops that are not reclaimed.
#[derive(Debug, Default)]
pub(crate) struct RangeTombstones {
    any: AtomicBool,
    list: RwLock<Snapshot>,
}

impl RangeTombstone {
    /// Rows were written under the prefix after the drop: it cannot be skipped as a whole.
    pub(crate) fn is_rewritten(&self) -> bool {
        self.writes() > 0
    }

    /// Moves with every row written under the prefix after the drop.
    pub(crate) fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }
}

impl RangeTombstones {
    /// The drops, or `None` when there are none, which is nearly always.
    pub(crate) fn snapshot(&self) -> Option<Snapshot> {
        self.any.load(Ordering::SeqCst).then(|| self.list.read().clone())
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Arc<RangeTombstone>>)) {
        let mut list = self.list.write();
        change(Arc::make_mut(&mut list));
        self.any.store(!list.is_empty(), Ordering::SeqCst);
    }

    pub(crate) fn add(&self, prefix: Vec<u8>, position: u64, rewritten: bool) {
        let range = RangeTombstone { prefix, position, writes: AtomicU64::new(rewritten.into()) };
        self.change(|list| list.push(Arc::new(range)));
    }

    pub(crate) fn remove(&self, position: u64) {
        self.change(|list| list.retain(|range| range.position != position));
    }

    /// Forgets drops from a position on: they are given up.
    pub(crate) fn remove_from(&self, position: u64) {
        self.change(|list| list.retain(|range| range.position < position));
    }

    /// Notes that a row with this key is written after whatever was dropped so far.
    pub(crate) fn note_write(&self, key: &[u8]) {
        for range in self.snapshot().iter().flat_map(|list| list.iter()) {
            if key.starts_with(&range.prefix) {
                range.writes.fetch_add(1, Ordering::SeqCst);
            }
        }
    }

    /// The newest drop at or below `at` that covers a key.
    pub(crate) fn over(&self, key: &[u8], at: u64) -> Option<u64> {
        newest_covering(&self.snapshot()?, key, at).map(|range| range.position)
    }
}

/// The newest drop at or below `at` that covers a key.
pub(crate) fn newest_covering<'a>(
    list: &'a Snapshot,
    key: &[u8],
    at: u64,
) -> Option<&'a Arc<RangeTombstone>> {
    list.iter()
        .filter(|range| range.position <= at && key.starts_with(&range.prefix))
        .max_by_key(|r| r.position)
}

/// The first key behind all keys with this prefix.
pub(crate) fn prefix_end(prefix: &[u8]) -> Bound<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte != u8::MAX);
    kept.map_or(Bound::Unbounded, |last| {
        let mut end = prefix[..=last].to_vec();
        end[last] += 1;
        Bound::Excluded(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix() {
        let end = |prefix: &[u8]| prefix_end(prefix);
        assert_eq!(end(b"ab"), Bound::Excluded(b"ac".to_vec()));
        assert_eq!(end(b"a\xff"), Bound::Excluded(b"b".to_vec()));
        assert_eq!(end(b"\xff"), Bound::Unbounded);
        assert_eq!(end(b""), Bound::Unbounded);
    }

    #[test]
    fn a_drop_covers_its_prefix_from_its_position_on() {
        let dropped = RangeTombstones::default();
        assert_eq!(dropped.over(b"a1", 9), None);
        dropped.add(b"a".to_vec(), 5, false);
        assert_eq!(dropped.over(b"a1", 4), None);
        assert_eq!(dropped.over(b"a1", 5), Some(5));
        assert_eq!(dropped.over(b"b1", 5), None);
        dropped.remove(5);
        assert!(dropped.snapshot().is_none());
    }
}
