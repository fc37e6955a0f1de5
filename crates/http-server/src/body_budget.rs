//! The global cap on request bytes in memory. A request takes its share as its bytes arrive: what a client only
//! announces takes nothing from other requests. Shares that grow could wait for each other for ever, so one request at
//! a time may go on beyond the cap.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies up to this size are not counted: the number of connections bounds them.
pub(crate) const FREE_BYTES: usize = 4 * 1024;
const UNIT_BYTES: usize = 1024;

/// Room for bodies.
#[derive(Debug)]
pub(crate) struct BodyBudget {
    units: Arc<Semaphore>,
    /// Its one permit is held by the request that may exceed the cap.
    beyond: Arc<Semaphore>,
    /// How many requests wait for room.
    waiting: AtomicUsize,
    capacity: u32,
}

/// A share of the room, given back when dropped.
#[derive(Debug)]
pub(crate) struct Share<'a> {
    budget: &'a BodyBudget,
    units: Option<OwnedSemaphorePermit>,
    beyond: Option<OwnedSemaphorePermit>,
}

impl BodyBudget {
    pub(crate) fn new(bytes: usize) -> Self {
        let capacity = units(bytes).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize) as u32);
        BodyBudget {
            units: Arc::new(Semaphore::new(capacity as usize)),
            beyond: Arc::new(Semaphore::new(1)),
            waiting: AtomicUsize::default(),
            capacity,
        }
    }

    /// A share of nothing yet.
    pub(crate) fn share(&self) -> Share<'_> {
        Share { budget: self, units: None, beyond: None }
    }
}

impl Share<'_> {
    /// Makes it a share of `bytes`, waiting for room.
    pub(crate) async fn grow(&mut self, bytes: usize) {
        let held = self.units.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let wanted = units(bytes).min(self.budget.capacity) as usize;
        if bytes <= FREE_BYTES || wanted <= held || self.beyond.is_some() {
            return;
        }
        let more = u32::try_from(wanted - held).expect("no more than the capacity");
        if let Ok(units) = Arc::clone(&self.budget.units).try_acquire_many_owned(more) {
            return self.add(units);
        }
        let _waiting = Waiting::begin(self.budget);
        tokio::select! {
            biased;
            units = Arc::clone(&self.budget.units).acquire_many_owned(more) => {
                self.add(units.expect("the semaphore is never closed"));
            }
            beyond = Arc::clone(&self.budget.beyond).acquire_owned() => {
                self.beyond = Some(beyond.expect("the semaphore is never closed"));
            }
        }
    }

    /// Whether others wait while this one holds what they need.
    pub(crate) fn is_wanted(&self) -> bool {
        let holds = self.units.is_some() || self.beyond.is_some();
        holds && self.budget.waiting.load(Ordering::Relaxed) > 0
    }

    fn add(&mut self, more: OwnedSemaphorePermit) {
        match &mut self.units {
            Some(units) => units.merge(more),
            None => self.units = Some(more),
        }
    }
}

/// A request that has not found room at once.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(budget: &'a BodyBudget) -> Self {
        budget.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&budget.waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn grows(share: &mut Share<'_>, bytes: usize) -> bool {
        tokio::time::timeout(Duration::from_millis(20), share.grow(bytes)).await.is_ok()
    }

    #[tokio::test]
    async fn one_share_may_go_beyond_the_cap() {
        let budget = BodyBudget::new(100 * 1024);
        let (mut first, mut second, mut third) = (budget.share(), budget.share(), budget.share());
        assert!(grows(&mut first, 60 * 1024).await && grows(&mut second, 40 * 1024).await);
        assert!(grows(&mut second, 80 * 1024).await, "goes on beyond the cap");
        assert!(!grows(&mut first, 61 * 1024).await && !grows(&mut third, 5 * 1024).await);
        assert!(!first.is_wanted(), "who has given up waiting does not count");
        tokio::select! {
            biased;
            () = third.grow(5 * 1024) => panic!("there is no room"),
            () = async { assert!(first.is_wanted() && second.is_wanted()) } => {}
        }
        assert!(!first.is_wanted());
        assert!(grows(&mut third, 4 * 1024).await, "small bodies never wait");
        drop(second);
        assert!(grows(&mut first, 100 * 1024).await && grows(&mut third, 5 * 1024).await);
        drop((first, third));
        assert!(grows(&mut budget.share(), usize::MAX).await, "more than the cap takes all of it");
        assert_eq!((budget.units.available_permits(), budget.beyond.available_permits()), (100, 1));
    }
}
