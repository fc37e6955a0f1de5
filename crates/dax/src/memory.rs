//! What requests and answers may hold at a time, over all connections. What fits into a connection's own buffers is not
//! counted: the number of connections bounds it.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a connection may hold without asking.
pub(crate) const OWN_BYTES: usize = 64 * 1024;
const ALL_BYTES: usize = 256 << 20;
const UNIT: usize = 1024;
/// How long a connection waits for others to finish.
const PATIENCE: Duration = Duration::from_secs(10);

/// The memory of all connections.
#[derive(Debug, Clone)]
pub(crate) struct Memory(Arc<Semaphore>);

/// A part of it.
#[derive(Debug, Default)]
pub(crate) struct Held(Option<OwnedSemaphorePermit>);

impl Default for Memory {
    fn default() -> Self {
        Memory(Arc::new(Semaphore::new(ALL_BYTES / UNIT)))
    }
}

impl Memory {
    /// Makes what is held enough for so many bytes; false if there has been no room for long.
    pub(crate) async fn hold(&self, held: &mut Held, bytes: usize) -> bool {
        let units = bytes.saturating_sub(OWN_BYTES).div_ceil(UNIT);
        let more = units.saturating_sub(held.units());
        if more == 0 {
            return true;
        }
        let asked = Arc::clone(&self.0).acquire_many_owned(more as u32);
        let Ok(Ok(permit)) = tokio::time::timeout(PATIENCE, asked).await else { return false };
        match &mut held.0 {
            Some(all) => all.merge(permit),
            None => held.0 = Some(permit),
        }
        true
    }
}

impl Held {
    fn units(&self) -> usize {
        self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_given_back() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let memory = Memory::default();
            let (mut one, mut other) = (Held::default(), Held::default());
            assert!(memory.hold(&mut one, OWN_BYTES).await);
            assert_eq!(one.units(), 0);
            assert!(memory.hold(&mut one, ALL_BYTES).await);
            assert!(!memory.hold(&mut other, ALL_BYTES / 2).await);
            drop(one);
            assert!(memory.hold(&mut other, ALL_BYTES / 2).await);
        });
    }
}
