//! Where reads run that may have to wait for the disk.
//!
//! A worker that waits for the disk serves no other request. So at most all workers but one do so at a time, each
//! with a [`Place`]; a read that finds no place runs on one of a few threads of this pool. One worker is always left
//! for what is in memory, however long the disk takes. Where a place is free nothing is handed over: no thread, no
//! allocation.
//!
//! Reads that wait for a thread are limited in number; further ones are refused. It is independent of rows: a read is a
//! closure.

use crate::failure::{Failure, start_thread};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use store::StoreError;
use tokio::sync::oneshot;

/// Threads of the pool.
const THREADS_MAX: usize = 4;
/// Reads that wait for a thread.
const WAITING_MAX: usize = 16 * 1024;

/// The name of the pool's threads. A panic in one of them is a failed read, as it is in a worker.
pub const COLD_READ_THREAD: &str = "cold read";

/// See the module.
pub(crate) struct ColdReads {
    places_taken: AtomicUsize,
    places: usize,
    pool: Arc<Pool>,
    failure: Arc<Failure>,
}

/// The right to wait for the disk on the calling thread, until it is dropped.
pub(crate) struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

type Read = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Pool {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    reads: VecDeque<Read>,
    idle: usize,
    threads: Vec<JoinHandle<()>>,
    stopping: bool,
}

impl ColdReads {
    /// For a process with so many workers.
    pub(crate) fn new(workers: usize, failure: Arc<Failure>) -> Self {
        let places = workers.saturating_sub(1);
        Self { places_taken: AtomicUsize::new(0), places, pool: Arc::default(), failure }
    }

    /// A place on this thread, if one is free.
    pub(crate) fn here(&self) -> Option<Place<'_>> {
        let taken = self.places_taken.fetch_add(1, Ordering::Acquire);
        let place = Place(&self.places_taken);
        (taken < self.places).then_some(place)
    }

    /// Runs a read on a thread of the pool. It does not run if the future is dropped before its turn.
    pub(crate) async fn elsewhere<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, result) = oneshot::channel();
        let read = move || {
            if !reply.is_closed() {
                let _ = reply.send(read());
            }
        };
        if let Some(read) = self.hand_over(Box::new(read))? {
            read();
        }
        result.await.map_err(|_| StoreError::Unavailable("a read was not finished".into()))
    }

    /// Gives the read back if there is no thread for it: the store is closed, or no thread can be started.
    fn hand_over(&self, read: Read) -> Result<Option<Read>, StoreError> {
        let mut state = self.pool.state.lock();
        if state.stopping {
            return Ok(Some(read));
        }
        if state.reads.len() >= WAITING_MAX {
            return Err(StoreError::Unavailable("too many reads wait for the disk".into()));
        }
        if state.idle <= state.reads.len() && state.threads.len() < THREADS_MAX {
            let pool = self.pool.clone();
            let started = start_thread(&self.failure, COLD_READ_THREAD, move || pool.run());
            state.threads.extend(started);
        }
        if state.threads.is_empty() {
            return Ok(Some(read));
        }
        state.reads.push_back(read);
        self.pool.work.notify_one();
        Ok(None)
    }

    /// Ends the threads once they have done what was handed over. Later reads run on their callers' threads.
    pub(crate) fn stop(&self) {
        let threads = {
            let mut state = self.pool.state.lock();
            state.stopping = true;
            std::mem::take(&mut state.threads)
        };
        self.pool.work.notify_all();
        threads.into_iter().for_each(|thread| drop(thread.join()));
    }
}

impl Pool {
    fn run(&self) {
        while let Some(read) = self.next() {
            // Its future resolves as not finished.
            let _ = catch_unwind(AssertUnwindSafe(read));
        }
    }

    fn next(&self) -> Option<Read> {
        let mut state = self.state.lock();
        loop {
            if let Some(read) = state.reads.pop_front() {
                return Some(read);
            }
            if state.stopping {
                return None;
            }
            state.idle += 1;
            self.work.wait(&mut state);
            state.idle -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::wait::wait;

    fn without_places() -> ColdReads {
        ColdReads::new(1, Failure::new(Arc::new(|why| panic!("{why}"))))
    }

    #[test]
    fn all_workers_but_one_have_a_place() {
        let reads = ColdReads::new(3, Failure::new(Arc::new(|_| {})));
        let places = (reads.here(), reads.here());
        assert!(places.0.is_some() && places.1.is_some() && reads.here().is_none());
        drop(places.0);
        assert!(reads.here().is_some());
        assert!(without_places().here().is_none());
    }

    #[test]
    fn a_read_that_panics_fails_and_the_next_one_is_served() {
        let reads = without_places();
        for _ in 0..2 * THREADS_MAX {
            let failed: Result<(), _> = wait(reads.elsewhere(|| panic!("on purpose")));
            assert!(matches!(failed, Err(StoreError::Unavailable(_))));
        }
        assert_eq!(wait(reads.elsewhere(|| 7)), Ok(7));
        reads.stop();
        assert_eq!(wait(reads.elsewhere(|| 8)), Ok(8));
    }

    #[test]
    fn reads_that_wait_for_a_thread_are_limited() {
        let reads = without_places();
        let (release, hang) = std::sync::mpsc::channel::<()>();
        let hang = Arc::new(Mutex::new(hang));
        let read = || {
            let hang = hang.clone();
            Box::new(move || _ = hang.lock().recv()) as Read
        };
        let waiting = std::iter::from_fn(|| reads.hand_over(read()).ok()).count();
        assert!((WAITING_MAX..=WAITING_MAX + THREADS_MAX).contains(&waiting));
        drop(release);
        reads.stop();
    }
}
