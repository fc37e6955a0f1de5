//! Tokens of pages: the last thing of a page, in hexadecimal.

use crate::errors;
use model::ApiError;

/// A token for a text.
pub(crate) fn of_text(text: &str) -> String {
    stdx::hex::encode(text.as_bytes())
}

/// The text of a token.
///
/// # Errors
/// When it is none of ours.
pub(crate) fn text(token: &str) -> Result<String, ApiError> {
    let digits = token.as_bytes();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2));
    let bytes: Option<Vec<u8>> = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
    let text = bytes.filter(|bytes| !bytes.is_empty()).and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(errors::invalid_next_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back_and_others_are_refused() {
        assert_eq!(text(&of_text("aé")).ok(), Some("aé".to_owned()));
        for token in ["", "0", "zz", "ff", "é"] {
            assert_eq!(text(token).map_err(|error| error.code), Err(errors::INVALID_PARAMETER_VALUE));
        }
    }
}
