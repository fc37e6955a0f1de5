//! What goes back to a client, and what is refused before an operation is known.

use crate::credentials;
use crate::request_id::RequestId;
use crate::route::Route;
use crate::streams::Leaving;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use identity::AuthError;
use model::{ApiError, code};
use std::fmt;
use std::task::{Context, Poll};

/// The body of a 404: DynamoDB answers XML here.
pub const NOT_A_CALL: &[u8] = b"<UnknownOperationException/>\n";

/// What comes behind a body, for as long as it takes: each piece is asked for when the client can take it.
pub struct Following(Box<Next>);

type Next = dyn FnMut(&mut Context<'_>) -> Poll<Option<Bytes>> + Send;

impl Following {
    /// What `next` gives, which is called as a future is polled, until it gives nothing more.
    pub fn of(next: impl FnMut(&mut Context<'_>) -> Poll<Option<Bytes>> + Send + 'static) -> Self {
        Following(Box::new(next))
    }

    /// The next piece; `None` at the end, behind which nothing is asked for.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        (self.0)(context)
    }
}

impl fmt::Debug for Following {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Following").finish_non_exhaustive()
    }
}

/// What goes back. A listener that compresses the body computes the checksum anew.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`, if any.
    pub content_type: Option<HeaderValue>,
    /// `x-amzn-RequestId`.
    pub request_id: RequestId,
    /// `x-amz-crc32`: of the bytes of `body`.
    pub crc32: u32,
    /// The headers of its protocol and operation.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
    /// What comes behind it, of an answer that goes on.
    pub following: Option<Following>,
    /// The body, where it leaves in pieces.
    pub leaving: Option<Leaving>,
}

impl Response {
    pub(crate) fn new(
        status: u16,
        content_type: Option<HeaderValue>,
        request_id: RequestId,
        body: Bytes,
    ) -> Self {
        let crc32 = crc32fast::hash(&body);
        let headers = Vec::new();
        let (following, leaving) = (None, None);
        Response { status, content_type, request_id, crc32, headers, body, following, leaving }
    }
}

/// What a listener refuses itself, before the pipeline has the whole request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is no call and carries no credentials.
    MissingToken,
    /// The body's content coding is unknown, or the body is not in it. DynamoDB answers InternalServerError, which
    /// clients send again; a request that can never be read is better answered like one that is not JSON.
    Undecodable,
    /// The body is larger than its service takes.
    TooLarge,
    /// It is no call, and its credentials are refused.
    Credentials(AuthError),
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::MissingToken => credentials::refusal(AuthError::MissingToken),
            Refusal::Undecodable => ApiError::silent(code::SERIALIZATION),
            Refusal::TooLarge => ApiError::silent(code::REQUEST_TOO_LARGE),
            Refusal::Credentials(error) => credentials::refusal(error),
        }
    }
}

/// What a request that is no call at all receives.
pub(crate) fn not_a_call(id: RequestId) -> Response {
    Response::new(404, None, id, Bytes::from_static(NOT_A_CALL))
}

/// An unknown target has no message, as in DynamoDB. An operation that is planned has one.
pub(crate) fn unknown_operation(planned: Option<&Route>) -> ApiError {
    match planned {
        Some(route) => {
            let message = format!("{} is planned in Stator and not built yet", route.name());
            ApiError::new(code::UNKNOWN_OPERATION, message)
        }
        None => ApiError::silent(code::UNKNOWN_OPERATION),
    }
}
