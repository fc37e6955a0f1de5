//! A request's body in pieces, for an operation that takes it as it arrives. Each piece has the time of a whole body to
//! come; what an operation leaves is read on for a while, so that the client reads its answer.

use crate::body;
use crate::request_state::AwaitingClient;
use bytes::Bytes;
use http::{HeaderMap, header};
use hyper::body::{Body, Incoming};
use pipeline::Pieces;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// A body on its way.
pub(crate) struct BodyPieces {
    /// `None` once it has ended.
    body: Option<Incoming>,
    awaiting: AwaitingClient,
    patience: Duration,
    /// Ends the wait for the next piece; set while there is one.
    timer: Option<Pin<Box<Sleep>>>,
    /// A client that waits for `100 Continue` has not sent its body.
    is_held_back: bool,
}

impl BodyPieces {
    /// The pieces of a body, for each of which the client has `patience`.
    pub(crate) fn new(
        headers: &HeaderMap,
        body: Incoming,
        patience: Duration,
        awaiting: &AwaitingClient,
    ) -> Self {
        let is_held_back = headers.contains_key(header::EXPECT);
        BodyPieces { body: Some(body), awaiting: awaiting.clone(), patience, timer: None, is_held_back }
    }

    /// Ready when the client has let too much time pass.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.awaiting.set();
        let patience = self.patience;
        let timer =
            self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + patience)));
        let late = || io::Error::new(ErrorKind::TimedOut, "the client does not send its body");
        timer.as_mut().poll(context).map(|()| Some(Err(late())))
    }
}

impl Pieces for BodyPieces {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            let Some(body) = &mut self.body else { return Poll::Ready(None) };
            self.is_held_back = false;
            let frame = match Pin::new(body).poll_frame(context) {
                Poll::Pending => return self.wait(context),
                Poll::Ready(frame) => frame,
            };
            self.timer = None;
            self.awaiting.clear();
            match frame {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(error)) => {
                    self.body = None;
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
                None => {
                    self.body = None;
                    return Poll::Ready(None);
                }
            }
        }
    }
}

impl Drop for BodyPieces {
    fn drop(&mut self) {
        if let Some(body) = self.body.take()
            && !body.is_end_stream()
            && !self.is_held_back
        {
            self.awaiting.set();
            tokio::spawn(body::discard(body));
        }
    }
}
