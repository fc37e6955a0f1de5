//! The clock as a value. Nothing in the product asks the operating system for the time except
//! [`SystemClock`], so that tests move time and several servers run in one process.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// A clock that stands at `micros` since the Unix epoch.
    pub fn at(micros: u64) -> Self {
        Self(AtomicU64::new(micros))
    }

    /// Moves the clock forward.
    pub fn advance_micros(&self, micros: u64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_micros(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}
