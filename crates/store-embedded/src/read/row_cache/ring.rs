//! The bytes of a shard: records one behind the other in a ring, the oldest of which go to make room. Key and row
//! of a record lie together, so that a look-up waits for memory as rarely as can be.
//!
//! Which records are still needed is known to the shard, which takes the oldest out.

use super::huge_page::{self, HUGE_PAGE_BYTES, Pages};
use crate::format::{u32_at, u64_at};

/// Records begin at multiples of this, and places are counted in it.
const UNIT: usize = 8;
/// Bytes before key and row; see [`Head`].
const HEAD_BYTES: usize = 32;
const POSITION: usize = 0;
const HASH: usize = 8;
const ROW_BYTES: usize = 16;
const RECORD_BYTES: usize = 20;
const KEY_BYTES: usize = 24;
const IS_USED: usize = 28;

/// Where a record begins, in units.
pub(super) type Place = u32;

/// The head of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// At which its row was the newest.
    pub(super) position: u64,
    pub(super) hash: u64,
    /// It was found since it came here.
    pub(super) is_used: bool,
    record_bytes: usize,
    key_bytes: usize,
    row_bytes: usize,
}

/// Bytes that a record of this key and row takes.
pub(super) fn record_bytes(key: &[u8], row: &[u8]) -> usize {
    (HEAD_BYTES + key.len() + row.len()).next_multiple_of(UNIT)
}

/// Records in the order they came.
pub(super) struct Ring {
    /// Empty until the first record comes.
    bytes: Vec<u8>,
    /// Where the ring begins in them: at a huge page, if it is as large as one.
    base: usize,
    capacity: usize,
    /// So much of the ring is in huge pages.
    huge: usize,
    records: usize,
    /// Where the oldest record begins.
    oldest: usize,
    /// Where the newest record ends.
    newest_end: usize,
    /// Where the records before the end of the ring end, while newer ones are at its beginning.
    turn: Option<usize>,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        let capacity = capacity.min(Place::MAX as usize * UNIT);
        Self {
            bytes: Vec::new(),
            base: 0,
            capacity,
            huge: 0,
            records: 0,
            oldest: 0,
            newest_end: 0,
            turn: None,
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Where a place is in the bytes.
    fn at(&self, place: Place) -> usize {
        self.base + place as usize * UNIT
    }

    /// Puts bytes somewhere into a record.
    fn set(&mut self, place: Place, field: usize, bytes: &[u8]) {
        let at = self.at(place) + field;
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(super) fn head(&self, place: Place) -> Head {
        let at = self.at(place);
        let head = &self.bytes[at..at + HEAD_BYTES];
        Head {
            position: u64_at(head, POSITION),
            hash: u64_at(head, HASH),
            is_used: head[IS_USED] != 0,
            record_bytes: u32_at(head, RECORD_BYTES) as usize,
            key_bytes: u32_at(head, KEY_BYTES) as usize,
            row_bytes: u32_at(head, ROW_BYTES) as usize,
        }
    }

    pub(super) fn key(&self, place: Place, head: &Head) -> &[u8] {
        let at = self.at(place) + HEAD_BYTES;
        &self.bytes[at..at + head.key_bytes]
    }

    pub(super) fn row(&self, place: Place, head: &Head) -> &[u8] {
        let at = self.at(place) + HEAD_BYTES + head.key_bytes;
        &self.bytes[at..at + head.row_bytes]
    }

    pub(super) fn set_used(&mut self, place: Place, is_used: bool) {
        self.set(place, IS_USED, &[u8::from(is_used)]);
    }

    /// Puts another row into a record, if it fits.
    pub(super) fn replace_row(&mut self, place: Place, head: &Head, row: &[u8], position: u64) -> bool {
        let at = HEAD_BYTES + head.key_bytes;
        if at + row.len() > head.record_bytes {
            return false;
        }
        self.set(place, POSITION, &position.to_le_bytes());
        self.set(place, ROW_BYTES, &(row.len() as u32).to_le_bytes());
        self.set(place, at, row);
        true
    }

    /// Adds a record, if there is room.
    pub(super) fn push(&mut self, hash: u64, key: &[u8], row: &[u8], position: u64) -> Option<Place> {
        let record_bytes = record_bytes(key, row);
        let place = self.take_room(record_bytes)?;
        self.set(place, POSITION, &position.to_le_bytes());
        self.set(place, HASH, &hash.to_le_bytes());
        self.set(place, ROW_BYTES, &(row.len() as u32).to_le_bytes());
        self.set(place, RECORD_BYTES, &(record_bytes as u32).to_le_bytes());
        self.set(place, KEY_BYTES, &(key.len() as u32).to_le_bytes());
        self.set_used(place, false);
        self.set(place, HEAD_BYTES, key);
        self.set(place, HEAD_BYTES + key.len(), row);
        Some(place)
    }

    /// Takes the oldest record out. Its bytes are there until the next one is added.
    pub(super) fn pop(&mut self) -> Option<(Place, Head)> {
        self.records = self.records.checked_sub(1)?;
        let place = (self.oldest / UNIT) as Place;
        let head = self.head(place);
        self.oldest += head.record_bytes;
        if self.turn == Some(self.oldest) {
            (self.oldest, self.turn) = (0, None);
        }
        Some((place, head))
    }

    /// Adds the record again that was just taken out, if there is room.
    pub(super) fn push_again(&mut self, place: Place, head: &Head) -> Option<Place> {
        let from = self.at(place);
        let place = self.take_room(head.record_bytes)?;
        let to = self.at(place);
        self.bytes.copy_within(from..from + head.record_bytes, to);
        self.set_used(place, false);
        Some(place)
    }

    /// Where a record of so many bytes goes.
    fn take_room(&mut self, bytes: usize) -> Option<Place> {
        if self.records == 0 {
            (self.oldest, self.newest_end, self.turn) = (0, 0, None);
        }
        let end = if self.turn.is_some() { self.oldest } else { self.capacity };
        if self.newest_end + bytes > end {
            if self.turn.is_some() || bytes > self.oldest {
                return None;
            }
            (self.turn, self.newest_end) = (Some(self.newest_end), 0);
        }
        if self.bytes.is_empty() {
            self.begin();
        }
        let place = (self.newest_end / UNIT) as Place;
        self.records += 1;
        self.newest_end += bytes;
        Some(place)
    }

    fn begin(&mut self) {
        if self.capacity < HUGE_PAGE_BYTES {
            self.bytes = vec![0; self.capacity];
            return;
        }
        self.bytes = vec![0; self.capacity + HUGE_PAGE_BYTES];
        self.base = huge_page::first_in(&self.bytes).min(HUGE_PAGE_BYTES);
    }

    /// The pages that are full and not huge yet, for the caller to make huge. Taken after a record is written, since a
    /// page that was never written is not there.
    pub(super) fn take_full_pages(&mut self) -> Option<Pages> {
        let full = self.newest_end / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
        if full <= self.huge {
            return None;
        }
        let pages = Pages::within(&self.bytes, self.base + self.huge..self.base + full);
        self.huge = full;
        Some(pages)
    }
}
