//! One shard: an index of buckets over a ring of records. A bucket is as large as a line of the processor's cache,
//! so a row is found with two waits for memory: one for its bucket, one for its record.
//!
//! The oldest records go first, but one that was found since it came is given another round.

use super::huge_page::Pages;
use super::ring::{Head, Place, Ring, record_bytes};
use crate::trees::Bytes;

/// Of the shard's bytes, one part in so many is the index.
const INDEX_SHARE: usize = 16;
const BUCKET_SLOTS: usize = 8;
/// Larger ones are few, and copying them would hold others up.
const RECORD_BYTES_MAX: usize = 64 * 1024;
/// A record may take so much of a ring.
const RING_SHARE_MAX: usize = 8;
/// So many are given another round for one that comes.
const ROUNDS_MAX: usize = 8;
/// So many are looked through while others wait.
const BUCKETS_AT_ONCE: usize = 64;
/// Groups of keys of which is known when they were written last.
const GROUPS: usize = 32;

/// A place in the ring, plus one, and above it a part of the hash; 0 when it is free.
type Slot = u64;

pub(super) struct Shard {
    ring: Ring,
    /// Empty until the first record comes.
    buckets: Vec<[Slot; BUCKET_SLOTS]>,
    buckets_wanted: usize,
    /// By group of keys: the position of the newest write.
    newest_write: [u64; GROUPS],
}

/// A record and where it was found.
struct Found {
    bucket: usize,
    slot: usize,
    place: Place,
    head: Head,
}

fn group(hash: u64) -> usize {
    (hash >> 40) as usize % GROUPS
}

fn slot_of(hash: u64, place: Place) -> Slot {
    (hash >> 32) << 32 | u64::from(place + 1)
}

fn place_of(slot: Slot) -> Option<Place> {
    (slot as u32).checked_sub(1)
}

impl Shard {
    pub(super) fn new(bytes: usize) -> Self {
        let index_bytes = bytes / INDEX_SHARE;
        Self {
            ring: Ring::new(bytes - index_bytes),
            buckets: Vec::new(),
            buckets_wanted: index_bytes / size_of::<[Slot; BUCKET_SLOTS]>(),
            newest_write: [0; GROUPS],
        }
    }

    pub(super) fn get(&mut self, hash: u64, key: &[u8], at: u64) -> Option<Bytes> {
        let Found { place, head, .. } = self.find(hash, key).filter(|found| found.head.position <= at)?;
        if !head.is_used {
            self.ring.set_used(place, true);
        }
        Some(self.ring.row(place, &head).into())
    }

    /// A row was written, or deleted.
    pub(super) fn write(&mut self, hash: u64, key: &[u8], row: Option<&[u8]>, position: u64) {
        self.newest_write[group(hash)] = position;
        if let Some(found) = self.find(hash, key) {
            if row.is_some_and(|row| self.ring.replace_row(found.place, &found.head, row, position)) {
                return self.ring.set_used(found.place, true);
            }
            self.buckets[found.bucket][found.slot] = 0;
        }
        if let Some(row) = row {
            self.insert(hash, key, row, position);
        }
    }

    /// A row was read as of a position.
    pub(super) fn offer(&mut self, hash: u64, key: &[u8], row: &[u8], at: u64) {
        if self.newest_write[group(hash)] <= at && self.find(hash, key).is_none() {
            self.insert(hash, key, row, at);
        }
    }

    /// See [`Ring::take_full_pages`].
    pub(super) fn take_full_pages(&mut self) -> Option<Pages> {
        self.ring.take_full_pages()
    }

    /// Removes the rows under a prefix in some buckets; returns the bucket to continue at. A row stays in its bucket.
    pub(super) fn forget(&mut self, prefix: &[u8], from: usize) -> Option<usize> {
        let next = from + BUCKETS_AT_ONCE;
        let last = next.min(self.buckets.len());
        for slot in self.buckets[from.min(last)..last].as_flattened_mut() {
            let Some(place) = place_of(*slot) else { continue };
            if self.ring.key(place, &self.ring.head(place)).starts_with(prefix) {
                *slot = 0;
            }
        }
        (next < self.buckets.len()).then_some(next)
    }

    /// Which bucket a hash belongs to.
    fn bucket(&self, hash: u64) -> usize {
        (((hash & u64::from(u32::MAX)) * self.buckets_wanted as u64) >> 32) as usize
    }

    fn find(&self, hash: u64, key: &[u8]) -> Option<Found> {
        let bucket = self.bucket(hash);
        let slots = self.buckets.get(bucket)?.iter().enumerate();
        slots.filter(|(_, slot)| *slot >> 32 == hash >> 32).find_map(|(slot, &content)| {
            let place = place_of(content)?;
            let head = self.ring.head(place);
            let is_it = head.hash == hash && self.ring.key(place, &head) == key;
            is_it.then_some(Found { bucket, slot, place, head })
        })
    }

    /// The key is not there.
    fn insert(&mut self, hash: u64, key: &[u8], row: &[u8], position: u64) {
        let bytes = record_bytes(key, row);
        if bytes > RECORD_BYTES_MAX.min(self.ring.capacity() / RING_SHARE_MAX) || self.buckets_wanted == 0 {
            return;
        }
        let mut rounds = ROUNDS_MAX;
        let place = loop {
            if let Some(place) = self.ring.push(hash, key, row, position) {
                break place;
            }
            self.evict(&mut rounds);
        };
        if self.buckets.is_empty() {
            self.buckets = vec![[0; BUCKET_SLOTS]; self.buckets_wanted];
        }
        let bucket = self.bucket(hash);
        let slots = &mut self.buckets[bucket];
        // Where all are taken, one of them loses its record: any, without looking at it.
        let free = slots.iter().position(|slot| *slot == 0).unwrap_or(place as usize % BUCKET_SLOTS);
        slots[free] = slot_of(hash, place);
    }

    /// Takes the oldest record out, or gives it another round.
    fn evict(&mut self, rounds: &mut usize) {
        let Some((place, head)) = self.ring.pop() else { return };
        let (bucket, content) = (self.bucket(head.hash), slot_of(head.hash, place));
        let Some(slot) = self.buckets[bucket].iter().position(|slot| *slot == content) else { return };
        let again = head.is_used && *rounds > 0;
        *rounds -= usize::from(again);
        let moved = if again { self.ring.push_again(place, &head) } else { None };
        self.buckets[bucket][slot] = moved.map_or(0, |place| slot_of(head.hash, place));
    }
}
