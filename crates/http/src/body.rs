//! A request's body, whole, in one buffer, within its limits.

use crate::gzip::{self, Fault};
use crate::in_flight::{InFlight, Share};
use crate::limits::Limits;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use std::time::Duration;

/// A body and its share of the room for bodies.
#[derive(Debug)]
pub(crate) struct Received {
    /// As the client meant it.
    pub(crate) bytes: Bytes,
    /// As the client sent it, where that differs: signatures cover it.
    pub(crate) sent: Option<Bytes>,
    /// Held until the request is answered.
    pub(crate) _share: Share,
}

/// Why a body was not received.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Over the limit.
    TooLarge,
    /// Said to be gzip and is not.
    BadEncoding,
    /// Not here in time, or cut off.
    Incomplete,
}

/// Receives a body. One that says it is too large is refused before any of it is read.
pub(crate) async fn receive(
    headers: &HeaderMap,
    body: &mut Incoming,
    limits: &Limits,
    room: &InFlight,
) -> Result<Received, Refused> {
    let is_gzip = gzip::is_encoded(headers);
    let announced = body.size_hint().exact().map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    if announced.is_some_and(|bytes| bytes > limits.body_bytes) {
        return Err(Refused::TooLarge);
    }
    let share = match announced {
        Some(bytes) if !is_gzip => room.take(bytes).await,
        _ => room.take(limits.body_bytes).await,
    };
    let collected = collect(body, announced.unwrap_or_default(), limits.body_bytes);
    let sent =
        tokio::time::timeout(limits.body_timeout, collected).await.map_err(|_| Refused::Incomplete)??;
    if !is_gzip {
        return Ok(Received { bytes: sent, sent: None, _share: share });
    }
    let bytes = gzip::inflate(&sent, limits.body_bytes).map_err(|fault| match fault {
        Fault::TooLarge => Refused::TooLarge,
        Fault::Broken => Refused::BadEncoding,
    })?;
    Ok(Received { bytes, sent: Some(sent), _share: share })
}

/// Reads on behind a refusal, for a while: closing while a client still sends would reset the connection, and
/// many clients then never see the answer.
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

/// Most bodies come in one piece and are not copied.
async fn collect(body: &mut Incoming, announced: usize, limit: usize) -> Result<Bytes, Refused> {
    let first = next(body).await?.unwrap_or_default();
    if body.is_end_stream() {
        return if first.len() > limit { Err(Refused::TooLarge) } else { Ok(first) };
    }
    let mut whole = BytesMut::with_capacity(announced.max(first.len()));
    whole.extend_from_slice(&first);
    while let Some(piece) = next(body).await? {
        if whole.len() + piece.len() > limit {
            return Err(Refused::TooLarge);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// The next piece of data; trailers are passed over.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Refused> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Refused::Incomplete)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
