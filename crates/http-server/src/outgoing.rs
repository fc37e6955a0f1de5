//! The body of a response: bytes that are there, bytes in pieces, or bytes with others behind them that come with time.
//! Those end with the server: who reads them asks again.

use crate::response_budget::ResponseBudget;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use pipeline::{Following, Leaving};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::watch;

/// What a connection writes.
pub(crate) enum Outgoing {
    /// All of it.
    Whole(Full<Bytes>),
    /// The beginning.
    Begun(Box<Begun>),
    /// Pieces that are read as the client takes them, of so many bytes together.
    Pieces(Leaving),
}

/// A body that goes on.
pub(crate) struct Begun {
    first: Option<Bytes>,
    following: Following,
    budget: ResponseBudget,
    closed: Pin<Box<dyn Future<Output = ()> + Send>>,
    is_over: bool,
}

impl Outgoing {
    /// A body that goes on behind some bytes until the server stops.
    pub(crate) fn begun(
        first: Bytes,
        following: Following,
        budget: &ResponseBudget,
        mut closing: watch::Receiver<bool>,
    ) -> Self {
        let closed = Box::pin(async move { _ = closing.wait_for(|closing| *closing).await });
        let (first, budget) = (Some(first), budget.clone());
        Outgoing::Begun(Box::new(Begun { first, following, budget, closed, is_over: false }))
    }
}

impl From<Bytes> for Outgoing {
    fn from(body: Bytes) -> Self {
        Outgoing::Whole(Full::new(body))
    }
}

impl Begun {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        if self.is_over || self.closed.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        let next = ready!(self.following.poll_next(context));
        self.is_over = next.is_none();
        Poll::Ready(next.map(|next| self.budget.count(next)))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Outgoing::Whole(body) => {
                let frame = ready!(Pin::new(body).poll_frame(context));
                Poll::Ready(frame.map(|frame| frame.map_err(|never| match never {})))
            }
            Outgoing::Pieces(leaving) => {
                let Some(piece) = ready!(leaving.pieces.poll_next(context)) else { return Poll::Ready(None) };
                let length = piece.as_ref().map_or(0, Bytes::len) as u64;
                leaving.length = leaving.length.saturating_sub(length);
                Poll::Ready(Some(piece.map(Frame::data)))
            }
            Outgoing::Begun(begun) => {
                begun.poll_next(context).map(|next| next.map(|next| Ok(Frame::data(next))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Outgoing::Whole(body) => body.is_end_stream(),
            Outgoing::Begun(begun) => begun.is_over,
            Outgoing::Pieces(leaving) => leaving.length == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Outgoing::Whole(body) => body.size_hint(),
            Outgoing::Begun(_) => SizeHint::default(),
            Outgoing::Pieces(leaving) => SizeHint::with_exact(leaving.length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use std::collections::VecDeque;

    fn body(pieces: &[&'static str], closing: watch::Receiver<bool>) -> Outgoing {
        let mut pieces: VecDeque<_> = pieces.iter().map(|piece| Bytes::from(*piece)).collect();
        // Behind the last piece it waits for ever.
        let following = Following::of(move |_| match pieces.pop_front() {
            Some(piece) if piece.is_empty() => Poll::Ready(None),
            Some(piece) => Poll::Ready(Some(piece)),
            None => Poll::Pending,
        });
        Outgoing::begun(Bytes::from_static(b"first "), following, &ResponseBudget::new(1), closing)
    }

    #[tokio::test]
    async fn a_body_that_goes_on_ends_by_itself_or_with_the_server() {
        let (close, closing) = watch::channel(false);
        let whole = body(&["second ", "third", ""], closing.clone()).collect().await.unwrap();
        assert_eq!(whole.to_bytes(), "first second third");
        let cut = body(&["second"], closing);
        let (cut, ()) = tokio::join!(cut.collect(), async { _ = close.send(true) });
        assert!("first second".starts_with(std::str::from_utf8(&cut.unwrap().to_bytes()).unwrap()));
    }
}
