//! Percent coding as signatures want it: everything but unreserved characters, in capitals.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::borrow::Cow;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Decodes; what is no encoding is taken as it is.
pub(crate) fn decoded(text: &str) -> Cow<'_, [u8]> {
    percent_decode_str(text).into()
}

/// Decodes to a text; one that is not UTF-8 is taken as it was sent.
pub(crate) fn decoded_text(text: &str) -> String {
    String::from_utf8(decoded(text).into_owned()).unwrap_or_else(|_| text.to_owned())
}

/// Encodes.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).to_string()
}
