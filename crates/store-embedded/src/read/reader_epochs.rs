//! The second read rule: a grace period before a flush installs its file.
//!
//! lsm-tree drops an old version of a row when *it* is below the watermark, not when the version that
//! replaced it is, so a reader could find neither. A reader therefore announces its position in a slot; the
//! flush, the only step that brings newer rows into sorted files, waits (holding no lock) until no announced
//! reader is older than the newest row it brings. Then every shadowed version in sorted files may go.
//! A read costs two atomic stores. Iterators hold their files themselves and leave the slot at once.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::time::Duration;

const SLOTS: usize = 256;
const VACANT: u64 = u64::MAX;
const POLL: Duration = Duration::from_micros(50);

#[repr(align(128))]
struct Slot {
    position: AtomicU64,
    taken: AtomicBool,
}

/// Where readers announce themselves, and the newest position they may read.
pub(crate) struct ReaderEpochs {
    slots: Box<[Slot]>,
    published: AtomicU64,
    grace_period: bool,
}

/// A reader at a position.
pub(crate) struct EpochGuard<'a> {
    slot: &'a Slot,
    pub(crate) position: u64,
}

impl Drop for EpochGuard<'_> {
    fn drop(&mut self) {
        self.slot.position.store(VACANT, Ordering::Release);
        self.slot.taken.store(false, Ordering::Release);
    }
}

thread_local! {
    /// The slot this thread tries first; threads rarely share one.
    static FIRST_SLOT: Cell<usize> = Cell::new(NEXT_SLOT.fetch_add(1, Ordering::Relaxed));
}
static NEXT_SLOT: AtomicUsize = AtomicUsize::new(0);

impl ReaderEpochs {
    pub(crate) fn new(published: u64, grace_period: bool) -> Self {
        let slot = |_| Slot { position: AtomicU64::new(VACANT), taken: AtomicBool::new(false) };
        Self { slots: (0..SLOTS).map(slot).collect(), published: AtomicU64::new(published), grace_period }
    }

    /// The newest position readers see.
    pub(crate) fn published(&self) -> u64 {
        self.published.load(Ordering::SeqCst)
    }

    /// Shows everything up to a position.
    pub(crate) fn publish(&self, position: u64) {
        self.published.store(position, Ordering::SeqCst);
    }

    /// Announces a position, then takes the published one again: a scan of the slots either sees the
    /// announcement, or what it looks for was published before the second look.
    pub(crate) fn enter(&self) -> EpochGuard<'_> {
        let slot = self.take_slot();
        slot.position.store(self.published.load(Ordering::Acquire), Ordering::SeqCst);
        fence(Ordering::SeqCst);
        EpochGuard { slot, position: self.published() }
    }

    fn take_slot(&self) -> &Slot {
        let first = FIRST_SLOT.get();
        let mut next = first;
        loop {
            let slot = &self.slots[next % SLOTS];
            if !slot.taken.swap(true, Ordering::AcqRel) {
                return slot;
            }
            next = next.wrapping_add(1);
            if next.wrapping_sub(first).is_multiple_of(SLOTS) {
                std::thread::yield_now();
            }
        }
    }

    fn oldest(&self) -> u64 {
        fence(Ordering::SeqCst);
        self.slots.iter().map(|slot| slot.position.load(Ordering::SeqCst)).min().unwrap_or(VACANT)
    }

    /// Waits until `position` is published and no reader is older.
    pub(crate) fn wait_for_older(&self, position: u64) {
        while self.published() < position || (self.grace_period && self.oldest() < position) {
            std::thread::park_timeout(POLL);
        }
    }
}

#[cfg(test)]
mod tests;
