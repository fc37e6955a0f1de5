//! Bodies that come and go in pieces, of operations that say so ([`Operation::STREAMS`](crate::Operation::STREAMS)):
//! no piece is kept longer than its operation works on it. What a client sends is checked as it arrives, and is to be
//! believed only at its end.

use crate::credentials;
use crate::protocol::Protocol;
use crate::request::Request;
use crate::trailing_checksum;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, header};
use identity::{AuthError, BodyCheck, Trailers};
use model::ApiError;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::task::{Context, Poll};

const DECODED_LENGTH: HeaderName = HeaderName::from_static("x-amz-decoded-content-length");

/// Bytes in pieces.
pub trait Pieces: Send {
    /// The next piece; `None` behind the last one.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>>;
}

/// A body that leaves in pieces.
pub struct Leaving {
    /// Of all pieces together.
    pub length: u64,
    /// The pieces.
    pub pieces: Box<dyn Pieces>,
}

/// What a request and its answer have in pieces.
#[derive(Default)]
pub struct Streams {
    arriving: Mutex<Option<Arriving>>,
    leaving: Mutex<Option<Leaving>>,
    status: AtomicU16,
}

impl Streams {
    /// The streams of a request whose body is these pieces, of `length` bytes where its head does not say it.
    pub fn arriving(pieces: Box<dyn Pieces>, length: Option<u64>) -> Arc<Self> {
        let arriving = Arriving {
            pieces: Some(pieces),
            ready: VecDeque::new(),
            length,
            check: None,
            trailers: Vec::new(),
            announced: Vec::new(),
        };
        Arc::new(Streams { arriving: Mutex::new(Some(arriving)), ..Streams::default() })
    }

    /// Takes the body of the request; `None` the second time.
    pub fn take_arriving(&self) -> Option<Arriving> {
        self.arriving.lock().take()
    }

    /// Answers with this body.
    pub fn answer(&self, leaving: Leaving) {
        *self.leaving.lock() = Some(leaving);
    }

    /// Answers with another status than the model's: that of a part.
    pub fn answer_with_status(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// The status, where it is another.
    pub(crate) fn status(&self) -> Option<u16> {
        Some(self.status.load(Ordering::Relaxed)).filter(|status| *status > 0)
    }

    pub(crate) fn take_leaving(&self) -> Option<Leaving> {
        self.leaving.lock().take()
    }

    /// Has the body checked as its head says.
    pub(crate) fn check_by(&self, check: BodyCheck, headers: &HeaderMap) {
        if let Some(arriving) = self.arriving.lock().as_mut() {
            arriving.check = Some(check);
            arriving.length = announced_length(headers).or(arriving.length);
            arriving.announced = trailing_checksum::announced(headers);
        }
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

impl fmt::Debug for Leaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaving").field("length", &self.length).finish_non_exhaustive()
    }
}

/// A body that arrives.
pub struct Arriving {
    /// `None` behind the last one.
    pieces: Option<Box<dyn Pieces>>,
    ready: VecDeque<Bytes>,
    length: Option<u64>,
    check: Option<BodyCheck>,
    trailers: Trailers,
    /// The trailers that the head has announced.
    announced: Vec<String>,
}

impl Arriving {
    /// The next bytes of data; `None` at the end of a body that is what was signed.
    ///
    /// # Errors
    /// When the client does not send it all, or sends something else than it has signed.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Ok(Some(ready));
            }
            let Some(pieces) = &mut self.pieces else { return Ok(None) };
            match poll_fn(|context| pieces.poll_next(context)).await {
                Some(Ok(piece)) => self.take(&piece)?,
                Some(Err(_)) => return Err(refused(AuthError::BrokenChunks)),
                None => self.finish()?,
            }
        }
    }

    /// How long the data is to be.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// What came behind the body, once it has ended: names in lower case and values.
    pub fn trailers(&self) -> &[(String, String)] {
        &self.trailers
    }

    fn take(&mut self, piece: &Bytes) -> Result<(), ApiError> {
        let ready = &mut self.ready;
        match &mut self.check {
            None => ready.push_back(piece.clone()),
            Some(check) => {
                let on_data = |data| ready.push_back(piece.slice(data));
                check.push(piece, on_data).map_err(refused)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ApiError> {
        self.pieces = None;
        if let Some(check) = self.check.take() {
            self.trailers = check.finish().map_err(refused)?;
            trailing_checksum::check_names(&self.announced, &self.trailers)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Arriving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arriving").finish_non_exhaustive()
    }
}

/// Only rest-xml has such bodies.
fn refused(error: AuthError) -> ApiError {
    credentials::refusal_in(Protocol::RestXml, error)
}

/// The length of the data in a body, as its head announces it.
fn announced_length(headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(DECODED_LENGTH).or_else(|| headers.get(header::CONTENT_LENGTH))?;
    value.to_str().ok()?.parse().ok()
}

/// A body that is here.
struct Whole(Option<Bytes>);

impl Pieces for Whole {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        Poll::Ready(self.0.take().filter(|body| !body.is_empty()).map(Ok))
    }
}

impl Request {
    /// The same request with its body as a stream, where it is none.
    pub(crate) fn streaming(&self) -> Request {
        let length = Some(self.body.len() as u64);
        let body = || Streams::arriving(Box::new(Whole(Some(self.body.clone()))), length);
        let streams = self.streams.clone().unwrap_or_else(body);
        let Request { method, uri, headers, sent, peer, .. } = self.clone();
        Request { method, uri, headers, body: Bytes::new(), sent, peer, streams: Some(streams) }
    }
}

/// All of a body, for callers without a connection.
pub(crate) async fn collect(mut leaving: Leaving) -> io::Result<Bytes> {
    let mut whole = Vec::new();
    while let Some(piece) = poll_fn(|context| leaving.pieces.poll_next(context)).await {
        whole.extend_from_slice(&piece?);
    }
    Ok(whole.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, Method, Uri};
    use identity::{Authenticator, SignedRequest, Strictness};
    use std::future::Future;
    use std::pin::pin;
    use std::task::Waker;

    struct Cut(VecDeque<Bytes>);

    impl Pieces for Cut {
        fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
            Poll::Ready(self.0.pop_front().map(Ok))
        }
    }

    /// What arrives of a body that is cut into pieces of `size`: the data and the trailers, or the code of a refusal.
    fn arrive(
        body: &'static [u8],
        size: usize,
        head: &[(&'static str, &'static str)],
    ) -> Result<String, String> {
        let headers: HeaderMap = head
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let (method, uri, body_here) = (Method::PUT, Uri::from_static("/b/k"), &[][..]);
        let signed = SignedRequest {
            method: &method,
            uri: &uri,
            headers: &headers,
            body: body_here,
            now_micros: 0,
            address: None,
        };
        let (_, check) = Authenticator::new(Strictness::Off).authenticate_head(&signed, "s3").unwrap();
        let pieces = body.chunks(size).map(Bytes::from_static).collect();
        let streams = Streams::arriving(Box::new(Cut(pieces)), None);
        streams.check_by(check, &headers);
        let mut arriving = streams.take_arriving().unwrap();
        assert!(streams.take_arriving().is_none());
        let whole = async {
            let mut whole = Vec::new();
            while let Some(piece) = arriving.next().await? {
                whole.extend_from_slice(&piece);
            }
            Ok::<_, ApiError>(format!("{} {:?}", String::from_utf8_lossy(&whole), arriving.trailers()))
        };
        match pin!(whole).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(whole) => whole.map_err(|error| error.code.rest_xml().code.to_owned()),
            Poll::Pending => panic!("nothing to wait for"),
        }
    }

    const CHUNKED: (&str, &str) = ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    const ANNOUNCED: (&str, &str) = ("x-amz-trailer", "x-amz-checksum-crc32");

    #[test]
    fn chunks_come_apart_wherever_they_are_cut() {
        let body = b"4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
        for size in 1..=body.len() {
            let seen = arrive(body, size, &[CHUNKED, ANNOUNCED]);
            assert_eq!(seen.unwrap(), "123456789 [(\"x-amz-checksum-crc32\", \"y/Q5Jg==\")]", "{size}");
        }
        assert_eq!(arrive(b"123", 2, &[]).unwrap(), "123 []");
        assert_eq!(arrive(b"", 2, &[]).unwrap(), " []");
    }

    #[test]
    fn what_is_no_whole_body_is_refused() {
        for (body, head, code) in [
            (&b"4\r\n1234\r\n"[..], &[CHUNKED][..], "IncompleteBody"),
            (b"4\r\n12", &[CHUNKED], "IncompleteBody"),
            (b"4\r\n12345\r\n0\r\n\r\n", &[CHUNKED], "IncompleteBody"),
            (b"x\r\n", &[CHUNKED], "IncompleteBody"),
            (b"", &[CHUNKED], "IncompleteBody"),
            (b"0\r\n\r\n", &[CHUNKED, ANNOUNCED], "MalformedTrailerError"),
            (b"0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", &[CHUNKED], "MalformedTrailerError"),
        ] {
            assert_eq!(arrive(body, 3, head), Err(code.to_owned()), "{}", String::from_utf8_lossy(body));
        }
    }
}
