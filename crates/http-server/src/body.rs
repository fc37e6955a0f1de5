//! A request's body, whole, in one buffer, within its limits.

use crate::body_budget::{self, BodyBudget, Share};
use crate::coding::{Coders, Coding, Fault};
use crate::limits::PRESSED_PATIENCE;
use crate::request_state::AwaitingClient;
use bytes::Bytes;
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use std::error::Error;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

/// A body and its share of the room for bodies.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    /// Decoded.
    pub(crate) bytes: Bytes,
    /// As the client sent it, where that differs: signatures cover it.
    pub(crate) sent: Option<Bytes>,
    /// Held until the request is answered.
    pub(crate) share: Share<'a>,
}

/// Why a body was not received.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Over the limit.
    TooLarge,
    /// Its coding is unknown, or it is not in it.
    BadEncoding,
    /// Its chunks are not chunks.
    Malformed,
    /// Not here in time, cut off, or stalled while others waited for its room.
    Incomplete,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooLarge => Refused::TooLarge,
            Fault::Broken => Refused::BadEncoding,
        }
    }
}

impl Refused {
    fn of(error: &hyper::Error) -> Self {
        let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
        match cause.map(io::Error::kind) {
            Some(ErrorKind::InvalidInput | ErrorKind::InvalidData) => Refused::Malformed,
            _ => Refused::Incomplete,
        }
    }
}

/// What a body may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Bytes, before and after decoding.
    pub(crate) limit: usize,
    /// Time to arrive.
    pub(crate) timeout: Duration,
}

/// Receives a body. One whose Content-Length is too large is refused before any of it is read.
pub(crate) async fn receive<'a>(
    headers: &HeaderMap,
    body: &mut Incoming,
    sizes: Sizes,
    budget: &'a BodyBudget,
    coders: &Coders,
    awaiting: &AwaitingClient,
) -> Result<Received<'a>, Refused> {
    let announced = body.size_hint().exact().map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    if announced.is_some_and(|bytes| bytes > sizes.limit) {
        return Err(Refused::TooLarge);
    }
    let mut share = budget.share();
    let size = Size { announced, limit: sizes.limit };
    let sent = collect(&mut Arriving { body, awaiting, left: sizes.timeout }, size, &mut share).await?;
    let Some(coding) = Coding::of_body(headers)?.filter(|_| !sent.is_empty()) else {
        return Ok(Received { bytes: sent, sent: None, share });
    };
    let bytes = Box::pin(coders.decode(coding, &sent, sizes.limit, &mut share)).await?;
    Ok(Received { bytes, sent: Some(sent), share })
}

/// Reads on behind a refusal, for a while: closing while a client still sends would reset the connection, and
/// many clients then never read the answer.
pub(crate) async fn discard(mut body: Incoming) {
    let mut left = DISCARDED_BYTES_MAX;
    let reading = async {
        while let Ok(Some(piece)) = next(&mut body).await
            && piece.len() < left
        {
            left -= piece.len();
        }
    };
    _ = tokio::time::timeout(DISCARDING_TIME_MAX, reading).await;
}

const DISCARDED_BYTES_MAX: usize = 64 * 1024 * 1024;
const DISCARDING_TIME_MAX: Duration = Duration::from_secs(5);

/// How large a body is and may be.
#[derive(Clone, Copy)]
struct Size {
    announced: Option<usize>,
    limit: usize,
}

/// A buffer of this size costs no share of the room.
const FIRST_BUFFER_BYTES: usize = body_budget::FREE_BYTES;
/// How many times what has arrived a buffer may be: copies are few, and what is only announced takes no room.
const BUFFER_GROWTH: usize = 4;

impl Size {
    /// The buffer for `needed` bytes and some of those to come.
    fn buffer(self, needed: usize) -> usize {
        let most = self.announced.unwrap_or(self.limit);
        needed.max((needed * BUFFER_GROWTH).max(FIRST_BUFFER_BYTES).min(most))
    }
}

/// A body on its way, and the time it may still take. Waiting for room is not the client's time.
struct Arriving<'a> {
    body: &'a mut Incoming,
    awaiting: &'a AwaitingClient,
    left: Duration,
}

impl Arriving<'_> {
    /// Most bodies are here with their head: then no time has passed, and none is measured.
    async fn next(&mut self, share: &Share<'_>) -> Result<Option<Bytes>, Refused> {
        if !self.left.is_zero()
            && let Some(piece) = at_once(next(self.body)).await
        {
            return piece;
        }
        self.wait(share).await
    }

    /// Nothing at all for a while ends a body whose share others wait for.
    async fn wait(&mut self, share: &Share<'_>) -> Result<Option<Bytes>, Refused> {
        while !self.left.is_zero() {
            let patience = self.left.min(PRESSED_PATIENCE);
            let began = Instant::now();
            let piece = self.awaiting.during(tokio::time::timeout(patience, next(self.body))).await;
            self.left = self.left.saturating_sub(began.elapsed());
            match piece {
                Ok(piece) => return piece,
                Err(_) if share.is_wanted() => break,
                Err(_) => {}
            }
        }
        Err(Refused::Incomplete)
    }
}

/// Most bodies come in one piece and are not copied.
async fn collect(arriving: &mut Arriving<'_>, size: Size, share: &mut Share<'_>) -> Result<Bytes, Refused> {
    let mut piece = arriving.next(share).await?.unwrap_or_default();
    if arriving.body.is_end_stream() && piece.len() <= size.limit {
        share.grow(piece.len()).await;
        return Ok(piece);
    }
    let mut whole = Vec::new();
    loop {
        add(&mut whole, &piece, size, share).await?;
        match arriving.next(share).await? {
            Some(next) => piece = next,
            None => return Ok(whole.into()),
        }
    }
}

async fn add(whole: &mut Vec<u8>, piece: &[u8], size: Size, share: &mut Share<'_>) -> Result<(), Refused> {
    let needed = whole.len() + piece.len();
    if needed > size.limit {
        return Err(Refused::TooLarge);
    }
    if needed > whole.capacity() {
        let buffer = size.buffer(needed);
        share.grow(buffer).await;
        whole.reserve_exact(buffer - whole.len());
    }
    whole.extend_from_slice(piece);
    Ok(())
}

/// What a future gives without being waited for.
async fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(given) => Poll::Ready(Some(given)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// The next piece of data; trailers are passed over.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Refused> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|error| Refused::of(&error))?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_follows_what_has_arrived() {
        let announced = Size { announced: Some(400_000), limit: 16 << 20 };
        let buffers = [1, 8_192, 32_769, 131_077, 400_000].map(|needed| announced.buffer(needed));
        assert_eq!(buffers, [4_096, 32_768, 131_076, 400_000, 400_000]);
        let chunked = Size { announced: None, limit: 16 << 20 };
        assert_eq!(chunked.buffer(5 << 20), 16 << 20, "never beyond the limit");
    }
}
