//! The result of a read, perhaps later.

use super::StoreError;
use crate::wait::wait;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A read: done already, or continued when it is polled. What it reads is lent to its visitor before it resolves;
/// dropping it ends the read.
pub enum Reading<'a, T> {
    /// Done.
    Ready(Option<Result<T, StoreError>>),
    /// Has to wait.
    Waiting(Waiting<'a, T>),
}

type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

impl<'a, T> Reading<'a, T> {
    /// A read that is done.
    pub fn ready(result: Result<T, StoreError>) -> Self {
        Reading::Ready(Some(result))
    }

    /// A read that continues when it is polled.
    pub fn waiting(future: impl Future<Output = Result<T, StoreError>> + Send + 'a) -> Self {
        Reading::Waiting(Box::pin(future))
    }
}

impl<T: Unpin> Reading<'_, T> {
    /// Blocks the calling thread until the read is done. For tests, tools and background threads, not for async
    /// code.
    pub fn wait(self) -> Result<T, StoreError> {
        wait(self)
    }
}

impl<T: Unpin> Future for Reading<'_, T> {
    type Output = Result<T, StoreError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Reading::Ready(result) => {
                Poll::Ready(result.take().expect("a Reading is polled to its end once"))
            }
            Reading::Waiting(future) => future.as_mut().poll(cx),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Reading<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reading::Ready(result) => f.debug_tuple("Ready").field(result).finish(),
            Reading::Waiting(_) => f.write_str("Waiting"),
        }
    }
}
