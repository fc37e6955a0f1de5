//! Commits under way: decided, sent or about to be, not answered.

use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::Notify;

/// All that are under way. Cloning it shares it.
#[derive(Clone, Default)]
pub(crate) struct Flights(Arc<Under>);

#[derive(Default)]
struct Under {
    open: Mutex<Open>,
    landed: Notify,
}

#[derive(Default)]
struct Open {
    next: u64,
    numbers: BTreeSet<u64>,
}

/// One that is under way until this is dropped.
pub(crate) struct Flight {
    flights: Flights,
    number: u64,
}

impl Flights {
    pub(crate) fn begin(&self) -> Flight {
        let mut open = self.0.open.lock();
        let number = open.next;
        open.next += 1;
        open.numbers.insert(number);
        Flight { flights: self.clone(), number }
    }

    /// Resolves when all that are under way now have ended.
    pub(crate) async fn ended(&self) {
        let end = self.0.open.lock().next;
        loop {
            let mut landed = pin!(self.0.landed.notified());
            landed.as_mut().enable();
            if self.0.open.lock().numbers.first().is_none_or(|first| *first >= end) {
                return;
            }
            landed.await;
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.0.open.lock().numbers.remove(&self.number);
        self.flights.0.landed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn later_flights_are_not_waited_for() {
        let flights = Flights::default();
        let first = flights.begin();
        let mut ended = pin!(flights.ended());
        let mut poll = || ended.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(poll(), Poll::Pending);
        let _later = flights.begin();
        drop(first);
        assert_eq!(poll(), Poll::Ready(()));
    }
}
