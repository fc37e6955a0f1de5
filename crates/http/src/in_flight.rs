//! The global cap on request bytes in memory. A request waits for its share before its body is read, and
//! takes all of it at once: shares that grew piece by piece could wait for each other for ever.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies up to this size are not counted: the number of connections bounds them.
const FREE_BYTES: usize = 4 * 1024;
const UNIT_BYTES: usize = 1024;

/// Room for bodies.
#[derive(Debug, Clone)]
pub(crate) struct InFlight {
    units: Arc<Semaphore>,
    capacity: u32,
}

/// A share of the room, given back when dropped.
#[derive(Debug)]
pub(crate) struct Share(Option<OwnedSemaphorePermit>);

impl InFlight {
    pub(crate) fn new(bytes: usize) -> Self {
        let capacity = units(bytes).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize) as u32);
        InFlight { units: Arc::new(Semaphore::new(capacity as usize)), capacity }
    }

    /// Waits for room. A request larger than the whole cap takes all of it.
    pub(crate) async fn take(&self, bytes: usize) -> Share {
        if bytes <= FREE_BYTES {
            return Share(None);
        }
        let wanted = units(bytes).min(self.capacity);
        let permit = Arc::clone(&self.units).acquire_many_owned(wanted).await;
        Share(Some(permit.expect("the semaphore is never closed")))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}
