//! What is in memory and on its way into sorted files: the position of the oldest row of each memtable, which
//! is what keeps the log's files; sealed memtables, in the order they were sealed; how far each tree is
//! flushed. Only the committer seals, because only it inserts.

use crate::trees::{Name, Sealed, Trees};
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

struct OnItsWay {
    first: u64,
    sealed: Sealed,
}

#[derive(Default)]
struct State {
    /// Position of the oldest row of the active memtable; 0 while it is empty.
    first: [u64; 3],
    sealed: [VecDeque<OnItsWay>; 3],
    flushed: [u64; 3],
    stop: bool,
    /// A flush found no space.
    disk_full: bool,
}

/// Memtables of all trees.
#[derive(Default)]
pub(crate) struct Memtables {
    state: Mutex<State>,
    work: Condvar,
    done: Condvar,
    sealed_bytes: AtomicU64,
}

impl Memtables {
    pub(crate) fn new(first: [u64; 3], flushed: [u64; 3]) -> Self {
        let state = State { first, flushed, ..State::default() };
        Self { state: Mutex::new(state), ..Self::default() }
    }

    /// Notes rows inserted at a position. Called before the position is published.
    pub(crate) fn note_insert(&self, trees: [bool; 3], position: u64) {
        let mut state = self.state.lock();
        for (first, touched) in state.first.iter_mut().zip(trees) {
            if touched && *first == 0 {
                *first = position;
            }
        }
    }

    pub(crate) fn seal(&self, trees: &Trees, name: Name) {
        let mut state = self.state.lock();
        let first = std::mem::take(&mut state.first[name as usize]);
        if let Some(sealed) = trees.rotate(name) {
            self.sealed_bytes.fetch_add(sealed.size_bytes(), Ordering::Relaxed);
            state.sealed[name as usize].push_back(OnItsWay { first, sealed });
            self.work.notify_one();
        }
    }

    /// Seals the memtables that hold something at or below a position, so that the log behind it can go.
    pub(crate) fn seal_older(&self, trees: &Trees, position: u64) {
        let first = self.state.lock().first;
        for name in Name::ALL {
            if (1..=position).contains(&first[name as usize]) {
                self.seal(trees, name);
            }
        }
    }

    /// Everything at or below this is in sorted files.
    pub(crate) fn floor(&self, published: u64) -> u64 {
        let state = self.state.lock();
        let active = state.first.iter().copied().filter(|first| *first > 0);
        let sealed = state.sealed.iter().filter_map(|queue| queue.front()).map(|on_its_way| on_its_way.first);
        active.chain(sealed).map(|first| first - 1).fold(published, u64::min)
    }

    pub(crate) fn flushed(&self) -> [u64; 3] {
        self.state.lock().flushed
    }

    /// The next memtable to flush; waits for one. `None` once stopped and nothing is left.
    pub(crate) fn next(&self) -> Option<(Name, Sealed)> {
        let mut state = self.state.lock();
        loop {
            let next =
                Name::ALL.into_iter().find_map(|name| Some((name, state.sealed[name as usize].front()?)));
            match next {
                Some((name, on_its_way)) => return Some((name, on_its_way.sealed.clone())),
                None if state.stop => return None,
                None => self.work.wait(&mut state),
            }
        }
    }

    /// Whether something is sealed and not flushed.
    pub(crate) fn is_behind(&self) -> bool {
        self.state.lock().sealed.iter().any(|queue| !queue.is_empty())
    }

    /// The memtable that [`Memtables::next`] gave is in sorted files.
    pub(crate) fn note_flushed(&self, name: Name, sealed: &Sealed) {
        let mut state = self.state.lock();
        state.sealed[name as usize].pop_front();
        let flushed = &mut state.flushed[name as usize];
        *flushed = sealed.highest().max(*flushed);
        state.disk_full = false;
        self.sealed_bytes.fetch_sub(sealed.size_bytes(), Ordering::Relaxed);
        self.done.notify_all();
    }

    /// A flush found the disk full: waits a moment before it is tried again. False if it should not be.
    pub(crate) fn wait_for_space(&self, pause: Duration) -> bool {
        let mut state = self.state.lock();
        state.disk_full = true;
        self.done.notify_all();
        if !state.stop {
            self.work.wait_for(&mut state, pause);
        }
        !state.stop
    }

    pub(crate) fn sealed_bytes(&self) -> u64 {
        self.sealed_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn disk_full(&self) -> bool {
        self.state.lock().disk_full
    }

    /// Waits until a flush is done, or a little while.
    pub(crate) fn wait_for_flush(&self, at_most: Duration) {
        self.done.wait_for(&mut self.state.lock(), at_most);
    }

    /// Waits until a tree is flushed past a position. False if the store stops first.
    pub(crate) fn wait_until_flushed(&self, name: Name, position: u64) -> bool {
        let mut state: MutexGuard<'_, State> = self.state.lock();
        loop {
            let first = state.first[name as usize];
            let sealed = state.sealed[name as usize].front().map_or(0, |s| s.first);
            if state.stop {
                return false;
            }
            if [first, sealed].iter().all(|oldest| *oldest == 0 || *oldest > position) {
                return true;
            }
            self.done.wait(&mut state);
        }
    }

    /// The flusher ends when nothing is left.
    pub(crate) fn stop(&self) {
        self.state.lock().stop = true;
        self.work.notify_all();
        self.done.notify_all();
    }
}
