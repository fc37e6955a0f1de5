//! A connection's stream that closes where the client does not read: what is written to it must be taken
//! within a time, or the connection ends and its memory is free; within a shorter one where others wait for that
//! memory. Independent of HTTP.

use crate::limits::PRESSED_PATIENCE;
use crate::response_budget::ResponseBudget;
use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// A stream whose writes end in time.
#[derive(Debug)]
pub(crate) struct TimedStream {
    stream: TcpStream,
    patience: Duration,
    responses: ResponseBudget,
    /// Set from the first write the client is not ready for until everything is written.
    behind: Option<Behind>,
}

/// How long a client has been behind.
#[derive(Debug)]
struct Behind {
    since: Instant,
    /// Whether it has taken something since the last look.
    is_moving: bool,
    next_look: Pin<Box<Sleep>>,
}

impl TimedStream {
    /// Allows the client `patience` to take what has been written.
    pub(crate) fn new(stream: TcpStream, patience: Duration, responses: ResponseBudget) -> Self {
        TimedStream { stream, patience, responses, behind: None }
    }

    /// The outcome of a write, or its end when the client has let too much time pass. Taking a little now and
    /// then does not move that end.
    fn in_time<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_pending() {
            return self.look(context).map(|()| Err(too_slow()));
        }
        if let Some(behind) = &mut self.behind {
            behind.is_moving = true;
        }
        written
    }

    /// Ready when the client is to be left.
    fn look(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let patience = self.patience;
        let behind = self.behind.get_or_insert_with(|| Behind::begin(patience));
        loop {
            ready!(behind.next_look.as_mut().poll(context));
            let left = patience.saturating_sub(behind.since.elapsed());
            if left.is_zero() || (!behind.is_moving && self.responses.is_at_cap()) {
                return Poll::Ready(());
            }
            behind.is_moving = false;
            behind.next_look.as_mut().reset(Instant::now() + left.min(PRESSED_PATIENCE));
        }
    }
}

impl Behind {
    fn begin(patience: Duration) -> Self {
        let next_look = Box::pin(tokio::time::sleep(patience.min(PRESSED_PATIENCE)));
        Behind { since: Instant::now(), is_moving: false, next_look }
    }
}

fn too_slow() -> io::Error {
    io::Error::new(ErrorKind::TimedOut, "the client does not read its response")
}

impl AsyncRead for TimedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.in_time(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.in_time(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called once everything is written.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.behind = None;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
