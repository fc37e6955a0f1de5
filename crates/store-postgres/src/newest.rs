//! The newest commit that this process knows of, and the times of commits.

use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::Clock;
use store::Stamp;

/// See the module. Cloning it shares it.
#[derive(Clone)]
pub(crate) struct Newest(Arc<Known>);

struct Known {
    clock: Arc<dyn Clock>,
    stamp: Mutex<Stamp>,
    time_micros: AtomicU64,
}

impl Newest {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Newest {
        Newest(Arc::new(Known { clock, stamp: Mutex::default(), time_micros: AtomicU64::new(0) }))
    }

    /// The time of a commit that is about to be sent: never before one that was given out here. Servers agree on time
    /// as far as their clocks do.
    pub(crate) fn time_micros(&self) -> u64 {
        let now = self.0.clock.now_micros();
        self.0.time_micros.fetch_max(now, Ordering::SeqCst).max(now)
    }

    /// A commit is durable.
    pub(crate) fn note(&self, stamp: Stamp) {
        self.0.time_micros.fetch_max(stamp.time_micros, Ordering::SeqCst);
        let mut known = self.0.stamp.lock();
        if stamp.position > known.position {
            let time_micros = stamp.time_micros.max(known.time_micros);
            *known = Stamp { position: stamp.position, time_micros };
        }
    }

    pub(crate) fn stamp(&self) -> Stamp {
        *self.0.stamp.lock()
    }
}
