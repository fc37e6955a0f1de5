//! Where reads run that may have to wait for the disk.
//!
//! A thread that waits for the disk serves nobody else. So at most all workers but one wait at a time, each with a
//! [`Place`]; whoever finds no place hands its read to a few threads that have nothing else to do. One worker is always
//! left for what is in memory, however long the disk takes. Where a place is free nothing is handed over: no thread, no
//! allocation.
//!
//! It knows nothing of rows: a read is a closure.

use crate::failure::{Failure, start_thread};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use store::StoreError;
use tokio::sync::oneshot;

/// Reads handed over that wait for the disk at the same time. The others wait for them.
const THREADS_MAX: usize = 4;

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

    /// Runs a read on a thread of its own. Not at all if the future is dropped before its turn.
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
        if let Some(read) = self.hand_over(Box::new(read)) {
            read();
        }
        result.await.map_err(|_| StoreError::Unavailable("a read was not finished".into()))
    }

    /// Gives the read back if there is no thread for it: the store is closed, or no thread can be started.
    fn hand_over(&self, read: Read) -> Option<Read> {
        let mut state = self.pool.state.lock();
        if state.stopping {
            return Some(read);
        }
        if state.idle <= state.reads.len() && state.threads.len() < THREADS_MAX {
            let pool = self.pool.clone();
            let started = start_thread(&self.failure, "cold read", move || pool.run());
            state.threads.extend(started);
        }
        if state.threads.is_empty() {
            return Some(read);
        }
        state.reads.push_back(read);
        self.pool.work.notify_one();
        None
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
            read();
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
