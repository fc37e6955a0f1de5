//! From a result to a response: status, type, checksum, and the bodies of errors.

use crate::credentials;
use crate::entry::Served;
use crate::request::MediaType;
use crate::request_id::RequestId;
use crate::route::Route;
use bytes::Bytes;
use http::HeaderValue;
use identity::AuthError;
use model::{ApiError, code};

mod error_body;

/// The type of an answer to a client that speaks it. Any other, one that names no type too, is answered `JSON`.
const AMZ_JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The body of a 404: DynamoDB answers XML here.
pub const NOT_A_CALL: &[u8] = b"<UnknownOperationException/>\n";

/// What goes back. A listener that compresses the body computes the checksum anew.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`, if any.
    pub content_type: Option<HeaderValue>,
    /// `x-amzn-RequestId`.
    pub request_id: RequestId,
    /// `x-amz-crc32`: of the bytes of `body`.
    pub crc32: u32,
    /// The body.
    pub body: Bytes,
}

impl Response {
    fn new(status: u16, content_type: Option<HeaderValue>, request_id: RequestId, body: Bytes) -> Self {
        Response { status, content_type, request_id, crc32: crc32fast::hash(&body), body }
    }
}

/// What a listener refuses itself, before the pipeline has the whole request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is no call and carries no credentials.
    MissingToken,
    /// The body's content coding is unknown, or the body is not in it. DynamoDB answers InternalServerError, which
    /// clients send again; a request that can never be read is better answered like one that is not JSON.
    Undecodable,
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::MissingToken => credentials::refusal(AuthError::MissingToken),
            Refusal::Undecodable => ApiError::silent(code::SERIALIZATION),
        }
    }
}

/// The response to a call, in the JSON type of its request.
pub(crate) fn json(id: RequestId, asked: MediaType, served: Served) -> Response {
    let content_type = Some(if asked == MediaType::AmzJson { AMZ_JSON } else { JSON });
    match served {
        Ok(body) => Response::new(200, content_type, id, body.into()),
        Err(error) => Response::new(error.code.status(), content_type, id, error_body::write(&error).into()),
    }
}

/// What a request that is no call at all receives.
pub(crate) fn not_a_call(id: RequestId) -> Response {
    Response::new(404, None, id, Bytes::from_static(NOT_A_CALL))
}

/// An unknown target has no message; an operation that is planned gets one, so that nobody searches for
/// a spelling mistake.
pub(crate) fn unknown_operation(planned: Option<&Route>) -> ApiError {
    match planned {
        Some(route) => {
            let message = format!("{} is planned in Stator and not built yet", route.name());
            ApiError::new(code::UNKNOWN_OPERATION, message)
        }
        None => ApiError::silent(code::UNKNOWN_OPERATION),
    }
}
