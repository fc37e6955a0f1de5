//! The body on its way in and out. One pass finds both kinds of fault: broken syntax is refused at once, a
//! wrong JSON type only after authentication, so it is held until then.

use crate::request::{MediaType, Request};
use http::Method;
use model::{ApiError, Code};
use wire::{Decode, DecodeError, Encode};

/// Whether the request is a call of an operation at all: a POST to `/` whose body, if any, is JSON.
pub(crate) fn is_call(request: &Request, media_type: MediaType) -> bool {
    let is_json = || media_type != MediaType::Other;
    request.method == Method::POST && request.uri.path() == "/" && (request.body.is_empty() || is_json())
}

/// An input, or the type error that waits for the caller to be authenticated.
pub(crate) struct Held<T>(Result<T, ApiError>);

impl<T> Held<T> {
    /// The input, or the error that was held.
    pub(crate) fn release(self) -> Result<T, ApiError> {
        self.0
    }
}

/// Reads a body in one pass. An empty body is no syntax error: it is refused with the type errors.
pub(crate) fn decode<T: Decode>(body: &[u8]) -> Result<Held<T>, ApiError> {
    if body.is_empty() {
        return Ok(Held(Err(syntax())));
    }
    match wire::json::decode(body) {
        Ok(input) => Ok(Held(Ok(input))),
        Err(DecodeError::Syntax) => Err(syntax()),
        Err(DecodeError::Type(message)) => Ok(Held(Err(mistyped(message)))),
    }
}

/// The refusal of a body that is not JSON, for requests that are refused anyhow.
pub(crate) fn syntax_error(body: &[u8]) -> Option<ApiError> {
    (!body.is_empty() && !wire::json::is_json(body)).then(syntax)
}

/// An answer up to this size is written without growing its buffer.
const ANSWER_BYTES_USUAL: usize = 1024;

/// The body of a success.
pub(crate) fn encode(output: &impl Encode) -> Vec<u8> {
    let mut body = Vec::with_capacity(ANSWER_BYTES_USUAL);
    output.encode(&mut body);
    body
}

fn syntax() -> ApiError {
    ApiError::silent(Code::Serialization)
}

/// A type error; DynamoDB has no words for some.
fn mistyped(message: String) -> ApiError {
    if message.is_empty() { syntax() } else { ApiError::new(Code::Serialization, message) }
}
