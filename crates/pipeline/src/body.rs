//! The body on its way in and out. One pass finds both kinds of fault: broken syntax is refused at once, a
//! wrong JSON type only after authentication, so it is held until then.

use model::{ApiError, code};
use wire::{Decode, DecodeError, Encode};

/// An input, or the type error that waits for the caller to be authenticated. It stays as it was read, since
/// inputs are large and moving them is not free.
pub(crate) struct Held<T>(Result<T, DecodeError>);

impl<T: Decode> Held<T> {
    /// Reads a body in one pass. An empty body is no syntax error: it is refused with the type errors.
    pub(crate) fn decode(body: &[u8]) -> Self {
        if body.is_empty() {
            return Held(Err(DecodeError::Type(String::new())));
        }
        Held(wire::json::decode(body))
    }

    /// The refusal of what is not JSON.
    pub(crate) fn check_syntax(&self) -> Result<(), ApiError> {
        if matches!(self.0, Err(DecodeError::Syntax)) { Err(syntax()) } else { Ok(()) }
    }

    /// The input, or the error that was held.
    pub(crate) fn release(self) -> Result<T, ApiError> {
        self.0.map_err(refused)
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
    ApiError::silent(code::SERIALIZATION)
}

/// The refusal of a body that could not be read; DynamoDB has no words for some type errors.
pub(crate) fn refused(error: DecodeError) -> ApiError {
    match error {
        DecodeError::Type(message) if !message.is_empty() => ApiError::new(code::SERIALIZATION, message),
        _ => syntax(),
    }
}
