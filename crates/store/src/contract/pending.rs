//! The outcome of a mutation, perhaps later.

use super::{CommitId, Outcome, StoreError};
use crate::wait::wait;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::sync::oneshot;

/// A mutation that is not durable yet. Resolves when its outcome may be answered to a client.
///
/// Dropping it does not undo a write: what `decide` has decided is committed whether or not a caller waits. A
/// mutation that has not come to its `decide` (only a [`Pending::Running`] has not) is given up when it is dropped,
/// and nothing happens.
pub enum Pending<'a> {
    /// Known already.
    Ready(Option<Result<Outcome, StoreError>>),
    /// Decided and appended; resolved by the committer.
    Waiting(oneshot::Receiver<Result<Outcome, StoreError>>),
    /// Not decided yet: continues when it is polled.
    Running(Running<'a>),
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<Outcome, StoreError>> + Send + 'a>>;

impl<'a> Pending<'a> {
    /// An outcome that is final already.
    pub fn ready(outcome: Result<Outcome, StoreError>) -> Self {
        Pending::Ready(Some(outcome))
    }

    /// A mutation that continues when it is polled.
    pub fn running(future: impl Future<Output = Result<Outcome, StoreError>> + Send + 'a) -> Self {
        Pending::Running(Box::pin(future))
    }

    /// Lets a mutation come as far as it comes without waiting, so that it is under way while its caller does something
    /// else.
    pub fn begun(mut self) -> Self {
        if let Pending::Running(future) = &mut self
            && let Poll::Ready(outcome) = future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            return Pending::ready(outcome);
        }
        self
    }

    /// Blocks the calling thread until the outcome is known. For tests, tools and background threads, not for
    /// async code.
    pub fn wait(self) -> Result<Outcome, StoreError> {
        wait(self)
    }

    /// Waits for all of them; outcomes in order. They run concurrently.
    pub async fn all(mut pending: Vec<Pending<'a>>) -> Vec<Result<Outcome, StoreError>> {
        let mut outcomes: Vec<_> = pending.iter().map(|_| None).collect();
        std::future::poll_fn(move |cx| {
            for (pending, outcome) in pending.iter_mut().zip(&mut outcomes) {
                if outcome.is_none()
                    && let Poll::Ready(known) = Pin::new(pending).poll(cx)
                {
                    *outcome = Some(known);
                }
            }
            match outcomes.iter().all(Option::is_some) {
                true => Poll::Ready(outcomes.drain(..).flatten().collect()),
                false => Poll::Pending,
            }
        })
        .await
    }
}

impl Future for Pending<'_> {
    type Output = Result<Outcome, StoreError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Pending::Ready(outcome) => {
                Poll::Ready(outcome.take().expect("a Pending is polled to its end once"))
            }
            Pending::Waiting(receiver) => Pin::new(receiver)
                .poll(cx)
                .map(|result| result.unwrap_or(Ok(Outcome::Unknown(CommitId::default())))),
            Pending::Running(future) => future.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for Pending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pending::Ready(outcome) => f.debug_tuple("Ready").field(outcome).finish(),
            Pending::Waiting(_) => f.write_str("Waiting"),
            Pending::Running(_) => f.write_str("Running"),
        }
    }
}
