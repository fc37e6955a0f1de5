//! What ends the wait for a client: the end of the server, and an alarm that rings when the client may be late.
//!
//! Both wake the task that has asked once, however many requests it waits for. Asked again by the same task, they are
//! looked at only: that they have something to tell is seen without a lock, and without being registered anew.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::coop::has_budget_remaining;
use tokio::time::{Instant, Sleep, sleep};

/// See the module.
pub(super) struct Interrupts {
    /// Changes when the server ends, and at no other time.
    is_closing: watch::Receiver<bool>,
    /// Done then. Made once, as the next is.
    closing: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Rings when a client may be late or before, never after: it is set anew when it has rung, not for each request.
    alarm: Pin<Box<Sleep>>,
    /// Whom both wake.
    woken: Option<Waker>,
}

impl Interrupts {
    /// Those of a server that ends when `closing` says so, the alarm set to ring after so long.
    pub(super) fn of(closing: watch::Receiver<bool>, first_alarm: Duration) -> Self {
        let (is_closing, mut closing) = (closing.clone(), closing);
        let closing = async move { _ = closing.wait_for(|is_closing| *is_closing).await };
        Interrupts {
            is_closing,
            closing: Box::pin(closing),
            alarm: Box::pin(sleep(first_alarm)),
            woken: None,
        }
    }

    /// Sees to it that the alarm has rung by then.
    pub(super) fn ring_by(&mut self, end: Instant) {
        if self.alarm.deadline() > end {
            self.ring_at(end);
        }
    }

    fn ring_at(&mut self, time: Instant) {
        self.alarm.as_mut().reset(time);
        self.woken = None;
    }

    /// Ready once it is as late as this or, where the client is idle, the server ends.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, end: Instant, is_idle: bool) -> Poll<()> {
        if self.have_nothing_to_tell(context.waker()) {
            return Poll::Pending;
        }
        if is_idle && self.closing.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        while self.alarm.as_mut().poll(context).is_ready() {
            if Instant::now() >= end {
                return Poll::Ready(());
            }
            self.ring_at(end);
        }
        // What is refused its turn does not register who asks.
        self.woken = (is_idle && has_budget_remaining()).then(|| context.waker().clone());
        Poll::Pending
    }

    fn have_nothing_to_tell(&self, waker: &Waker) -> bool {
        self.woken.as_ref().is_some_and(|woken| woken.will_wake(waker))
            && matches!(self.is_closing.has_changed(), Ok(false))
            && !self.alarm.is_elapsed()
    }
}
