//! The body of an error: its type, its text, and the members some codes add.

use model::ApiError;

/// `{"__type":"<namespace>#<Code>","message":"…"}`; the letter case of `message` is the code's.
pub(super) fn write(error: &ApiError) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(b"{\"__type\":\"");
    out.extend_from_slice(error.code.namespace().as_bytes());
    out.push(b'#');
    out.extend_from_slice(error.code.name().as_bytes());
    out.push(b'"');
    out.push(b'}');
    out
}
