//! The payload of a call: JSON of a bounded size.

use crate::errors;
use crate::functions::InvocationType;
use bytes::Bytes;
use model::ApiError;
use serde::de::IgnoredAny;

/// What a caller who waits may send.
const BYTES_MAX: usize = 6_291_556;
/// What is kept until a function has it.
pub(crate) const EVENT_BYTES_MAX: usize = 1024 * 1024;

/// A payload that a function may be given.
pub(crate) fn checked(payload: Bytes, kind: InvocationType) -> Result<Bytes, ApiError> {
    let most = if kind == InvocationType::Event { EVENT_BYTES_MAX } else { BYTES_MAX };
    if payload.len() > most {
        return Err(errors::payload_too_large(payload.len(), kind, most));
    }
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    let syntax = match std::str::from_utf8(&payload) {
        Ok(text) => serde_json::from_str::<IgnoredAny>(text).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    syntax.map(|_| payload).map_err(|why| errors::payload_not_json(&why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_json_of_a_bounded_size() {
        let check = |payload: &[u8], kind| {
            checked(Bytes::copy_from_slice(payload), kind).map_err(|error| error.code.name())
        };
        let now = InvocationType::RequestResponse;
        assert_eq!(check(b"", now).as_deref(), Ok(&b"{}"[..]));
        assert_eq!(check(b" [1] ", now).as_deref(), Ok(&b" [1] "[..]));
        assert_eq!(check(b"{", now), Err("InvalidRequestContentException"));
        assert_eq!(check(b"\"\xFF\"", now), Err("InvalidRequestContentException"));
        let deep = "[".repeat(1_000_000);
        assert_eq!(check(deep.as_bytes(), now), Err("InvalidRequestContentException"));
        let large = format!("\"{}\"", "x".repeat(EVENT_BYTES_MAX));
        assert!(check(large.as_bytes(), now).is_ok());
        assert_eq!(check(large.as_bytes(), InvocationType::Event), Err("RequestEntityTooLargeException"));
    }
}
