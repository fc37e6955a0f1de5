//! The clock as a value. Nothing in the product asks the operating system for the time except
//! [`SystemClock`], so that tests move time and several servers run in one process.

mod adjustable;

pub use adjustable::AdjustableClock;

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longest sleep of a thread that waits for a time: the machine's clock may be set, and the machine may sleep.
const SLEEP_MAX: Duration = Duration::from_secs(600);

/// Wall-clock and monotonic time.
pub trait Clock: Send + Sync + 'static {
    /// Microseconds since the Unix epoch. May go backwards when the machine's clock is set back; whoever
    /// needs an order takes `max(previous, now)`.
    fn now_micros(&self) -> u64;

    /// Time since some moment before, for measuring how long something takes: never goes backwards. A clock that
    /// is not set back needs no other than its wall-clock time.
    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.now_micros())
    }

    /// Blocks the calling thread until the clock has reached a time (`None`: for ever), or the thread is
    /// unparked. May return early.
    fn park_until(&self, at_micros: Option<u64>) {
        match at_micros {
            None => std::thread::park(),
            Some(at) => {
                let left = Duration::from_micros(at.saturating_sub(self.now_micros()));
                std::thread::park_timeout(left.min(SLEEP_MAX));
            }
        }
    }

    /// Wakes a task once when the clock is moved. The machine's is not.
    fn wake_when_moved(&self, _: &Waker) {}
}

/// Is done when the clock was moved, and perhaps earlier: for tasks that wait for a time by a timer of their own.
pub async fn moved(clock: &dyn Clock) {
    let mut is_waiting = false;
    std::future::poll_fn(|context| match std::mem::replace(&mut is_waiting, true) {
        true => Poll::Ready(()),
        false => {
            clock.wake_when_moved(context.waker());
            Poll::Pending
        }
    })
    .await;
}

/// Resolves at a time of a clock, however it is moved until then. In tokio's runtime.
pub async fn sleep_until(clock: &dyn Clock, at_micros: u64) {
    let mut timer: Option<Pin<Box<tokio::time::Sleep>>> = None;
    std::future::poll_fn(|context| {
        loop {
            clock.wake_when_moved(context.waker()); // before the look at the time, so that no move of it is missed
            let left = Duration::from_micros(at_micros.saturating_sub(clock.now_micros()));
            if left.is_zero() {
                return Poll::Ready(());
            }
            let timer = timer.insert(Box::pin(tokio::time::sleep(left.min(SLEEP_MAX))));
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the operating system for the time"
    )]
    fn now_micros(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as u64)
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's monotonic clock")]
    fn monotonic(&self) -> Duration {
        static FIRST_READING: LazyLock<Instant> = LazyLock::new(Instant::now);
        let first = *FIRST_READING;
        Instant::now() - first
    }
}

/// A clock that moves only when a test advances it.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicU64,
    parked: Mutex<Vec<Thread>>,
}

impl ManualClock {
    /// A clock at `micros` since the Unix epoch.
    pub fn at(micros: u64) -> Self {
        Self { now: AtomicU64::new(micros), parked: Mutex::default() }
    }

    /// Moves the clock forward, and wakes the threads that wait for a time.
    pub fn advance_micros(&self, micros: u64) {
        self.now.fetch_add(micros, Ordering::SeqCst);
        self.parked().drain(..).for_each(|thread| thread.unpark());
    }

    fn parked(&self) -> std::sync::MutexGuard<'_, Vec<Thread>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now_micros(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    fn park_until(&self, at_micros: Option<u64>) {
        let Some(at) = at_micros else { return std::thread::park() };
        let this = std::thread::current();
        self.parked().push(this.clone()); // before the look at the time, so that no move of it is missed
        if self.now_micros() < at {
            std::thread::park();
        }
        self.parked().retain(|thread| thread.id() != this.id());
    }
}
