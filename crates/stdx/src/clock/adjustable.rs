//! The machine's clock, set forward on demand: rules that take hours run in seconds.

use super::{Clock, SLEEP_MAX, SystemClock};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Waker;
use std::thread::Thread;
use std::time::Duration;

/// The machine's clock and what it was set forward by. Waits for a time by it are woken by each move.
#[derive(Debug, Default)]
pub struct AdjustableClock {
    ahead_micros: AtomicU64,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    threads: Vec<Thread>,
    tasks: Vec<Waker>,
}

impl AdjustableClock {
    /// Sets the clock forward, and wakes the threads and tasks that wait for a time.
    pub fn advance_micros(&self, micros: u64) {
        let ahead = |now: u64| Some(now.saturating_add(micros));
        _ = self.ahead_micros.fetch_update(Ordering::SeqCst, Ordering::SeqCst, ahead);
        let Waiting { threads, tasks } = std::mem::take(&mut *self.waiting());
        threads.iter().for_each(Thread::unpark);
        tasks.into_iter().for_each(Waker::wake);
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for AdjustableClock {
    fn now_micros(&self) -> u64 {
        SystemClock.now_micros().saturating_add(self.ahead_micros.load(Ordering::SeqCst))
    }

    /// How long something takes is not changed by setting the clock.
    fn monotonic(&self) -> Duration {
        SystemClock.monotonic()
    }

    fn park_until(&self, at_micros: Option<u64>) {
        let Some(at) = at_micros else { return std::thread::park() };
        let this = std::thread::current();
        self.waiting().threads.push(this.clone()); // before the look at the time, so that no move of it is missed
        let left = Duration::from_micros(at.saturating_sub(self.now_micros()));
        if !left.is_zero() {
            std::thread::park_timeout(left.min(SLEEP_MAX));
        }
        self.waiting().threads.retain(|thread| thread.id() != this.id());
    }

    fn wake_when_moved(&self, waker: &Waker) {
        let tasks = &mut self.waiting().tasks;
        if !tasks.iter().any(|known| known.will_wake(waker)) {
            tasks.push(waker.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::moved;
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::task::{Context, Wake};

    const HOUR: u64 = 3_600_000_000;

    /// A task that does nothing. The waker of the standard library that does nothing may not know its own clones.
    struct Idle;

    impl Wake for Idle {
        fn wake(self: Arc<Self>) {}
    }

    #[test]
    fn a_thread_that_waits_for_a_time_notices_a_move() {
        let clock = Arc::new(AdjustableClock::default());
        let (done, is_done) = channel();
        let at = clock.now_micros() + HOUR;
        let waiting = Arc::clone(&clock);
        let thread = std::thread::Builder::new().name("waiting".into()).spawn(move || {
            while waiting.now_micros() < at {
                waiting.park_until(Some(at));
            }
            done.send(()).unwrap();
        });
        clock.advance_micros(HOUR);
        is_done.recv_timeout(Duration::from_secs(20)).expect("the thread goes on");
        thread.unwrap().join().unwrap();
        assert!(clock.waiting().threads.is_empty());
    }

    #[test]
    fn a_task_that_sleeps_until_a_time_notices_a_move() {
        let clock = Arc::new(AdjustableClock::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let at = clock.now_micros() + HOUR;
        runtime.block_on(async {
            let mut sleep = Box::pin(super::super::sleep_until(&*clock, at));
            let waker = Waker::from(Arc::new(Idle));
            assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            let moving = Arc::clone(&clock);
            let thread = std::thread::Builder::new().spawn(move || moving.advance_micros(HOUR)).unwrap();
            sleep.await;
            thread.join().unwrap();
        });
        assert!(clock.now_micros() >= at);
    }

    #[test]
    fn a_task_that_waits_for_a_move_is_kept_once() {
        let clock = AdjustableClock::default();
        let waker = Waker::from(Arc::new(Idle));
        let mut context = Context::from_waker(&waker);
        for _ in 0..3 {
            let mut future = Box::pin(moved(&clock));
            assert!(future.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(clock.waiting().tasks.len(), 1);
        let mut future = Box::pin(moved(&clock));
        assert!(future.as_mut().poll(&mut context).is_pending());
        clock.advance_micros(1);
        assert!(clock.waiting().tasks.is_empty() && future.as_mut().poll(&mut context).is_ready());
        let before = clock.monotonic();
        clock.advance_micros(u64::MAX);
        assert!(clock.monotonic() - before < Duration::from_secs(20) && clock.now_micros() == u64::MAX);
    }
}
