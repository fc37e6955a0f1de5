//! Ranges that were dropped and are not reclaimed yet. Readers leave their rows out at once: a row is hidden
//! when a drop at or below the reader's position covers its key and is newer than the row.
//!
//! A key is looked up once for each length that a dropped prefix has, which are few, however many ranges were dropped.

use parking_lot::RwLock;
use std::collections::{BTreeMap, HashMap};
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

/// Drops as of a moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    by_prefix: HashMap<Vec<u8>, Vec<Arc<RangeTombstone>>>,
    /// How many prefixes there are of each length.
    lengths: BTreeMap<usize, usize>,
}

impl Snapshot {
    pub(crate) fn len(&self) -> usize {
        self.by_prefix.values().map(Vec::len).sum()
    }

    /// The drops, oldest first.
    pub(crate) fn in_order(&self) -> Vec<Arc<RangeTombstone>> {
        let mut all: Vec<_> = self.by_prefix.values().flatten().cloned().collect();
        all.sort_by_key(|range| range.position);
        all
    }

    /// The drops that cover a key.
    fn covering(&self, key: &[u8]) -> impl Iterator<Item = &Arc<RangeTombstone>> {
        let prefixes = self.lengths.keys().map_while(|length| key.get(..*length));
        prefixes.filter_map(|prefix| self.by_prefix.get(prefix)).flatten()
    }

    /// The newest drop at or below `at` that covers a key.
    pub(crate) fn newest_covering(&self, key: &[u8], at: u64) -> Option<&Arc<RangeTombstone>> {
        self.covering(key).filter(|range| range.position <= at).max_by_key(|range| range.position)
    }

    fn add(&mut self, range: RangeTombstone) {
        let same = self.by_prefix.entry(range.prefix.clone()).or_default();
        if same.is_empty() {
            *self.lengths.entry(range.prefix.len()).or_default() += 1;
        }
        same.push(Arc::new(range));
    }

    fn remove(&mut self, prefix: &[u8], position: u64) {
        let Some(same) = self.by_prefix.get_mut(prefix) else { return };
        same.retain(|range| range.position != position);
        if same.is_empty() {
            self.by_prefix.remove(prefix);
            let of_length = self.lengths.entry(prefix.len()).or_default();
            *of_length -= 1;
            if *of_length == 0 {
                self.lengths.remove(&prefix.len());
            }
        }
    }
}

/// All drops that are not reclaimed.
#[derive(Debug, Default)]
pub(crate) struct RangeTombstones {
    any: AtomicBool,
    drops: RwLock<Arc<Snapshot>>,
}

impl RangeTombstones {
    /// The drops, or `None` when there are none, which is nearly always.
    pub(crate) fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.any.load(Ordering::SeqCst).then(|| self.drops.read().clone())
    }

    fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut drops = self.drops.write();
        change(Arc::make_mut(&mut drops));
        self.any.store(!drops.by_prefix.is_empty(), Ordering::SeqCst);
    }

    pub(crate) fn add(&self, prefix: Vec<u8>, position: u64, rewritten: bool) {
        let range = RangeTombstone { prefix, position, writes: AtomicU64::new(rewritten.into()) };
        self.change(|drops| drops.add(range));
    }

    pub(crate) fn remove(&self, prefix: &[u8], position: u64) {
        self.change(|drops| drops.remove(prefix, position));
    }

    /// Removes drops from a position on: they are rolled back.
    pub(crate) fn remove_from(&self, position: u64) {
        self.change(|drops| {
            for range in drops.in_order().iter().filter(|range| range.position >= position) {
                drops.remove(&range.prefix, range.position);
            }
        });
    }

    /// Notes that a row with this key is written after whatever was dropped so far.
    pub(crate) fn note_write(&self, key: &[u8]) {
        if let Some(drops) = self.snapshot() {
            drops.covering(key).for_each(|range| _ = range.writes.fetch_add(1, Ordering::SeqCst));
        }
    }

    /// The newest drop at or below `at` that covers a key.
    pub(crate) fn over(&self, key: &[u8], at: u64) -> Option<u64> {
        self.snapshot()?.newest_covering(key, at).map(|range| range.position)
    }
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
        dropped.add(b"".to_vec(), 6, false);
        dropped.add(b"a1".to_vec(), 7, false);
        assert_eq!([5, 6, 7, 8].map(|at| dropped.over(b"a1", at)), [Some(5), Some(6), Some(7), Some(7)]);
        assert_eq!(dropped.over(b"b", 9), Some(6));
        dropped.remove_from(6);
        assert_eq!(dropped.over(b"a1", 9), Some(5));
        dropped.remove(b"a", 5);
        assert!(dropped.snapshot().is_none());
    }

    /// Fails by taking minutes where a write is compared with every drop.
    #[test]
    fn a_write_does_not_look_at_every_drop() {
        let dropped = RangeTombstones::default();
        let key = |number: u32| number.to_be_bytes();
        dropped.change(|drops| {
            for number in 0..200_000 {
                let writes = AtomicU64::new(0);
                drops.add(RangeTombstone { prefix: key(number).to_vec(), position: 1, writes });
            }
        });
        for number in 0..200_000 {
            dropped.note_write(&[key(number).as_slice(), b"row"].concat());
        }
        assert!(dropped.snapshot().unwrap().in_order().iter().all(|range| range.writes() == 1));
    }
}
