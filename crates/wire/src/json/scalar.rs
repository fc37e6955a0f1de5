//! Texts, booleans, integers and doubles.

use super::mismatch::no_boolean;
use super::{Decode, DecodeError, Encode, Reader, Token, Wanted, mismatch};

impl Decode for String {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.text().map(std::borrow::Cow::into_owned)
    }

    fn java_type() -> String {
        "java.lang.String".into()
    }
}

impl Decode for bool {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.peek()? {
            Token::True => reader.literal("true").map(|()| true),
            Token::False => reader.literal("false").map(|()| false),
            Token::String => spelled(&reader.string()?).ok_or_else(no_boolean),
            other => Err(mismatch(reader, other, Wanted::Scalar("Boolean"))),
        }
    }

    fn java_type() -> String {
        "java.lang.Boolean".into()
    }
}

/// Booleans are accepted as texts, in any letter case.
fn spelled(text: &str) -> Option<bool> {
    let is_any = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_any(&["true", "t", "yes", "y", "1"]) {
        return Some(true);
    }
    is_any(&["false", "f", "no", "n", "0"]).then_some(false)
}

impl<'a> Reader<'a> {
    /// A string, or the type error for anything else.
    pub fn text(&mut self) -> Result<std::borrow::Cow<'a, str>, DecodeError> {
        match self.peek()? {
            Token::String => self.string(),
            other => Err(mismatch(self, other, Wanted::Scalar("String"))),
        }
    }
}

impl Encode for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

/// A time in seconds: the only doubles that requests carry.
impl Decode for f64 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.peek()? {
            Token::Number => reader.number().map(|text| text.parse().unwrap_or(0.0)),
            other => Err(mismatch(reader, other, Wanted::Scalar("Date"))),
        }
    }

    fn java_type() -> String {
        "java.util.Date".into()
    }
}

impl Encode for f64 {
    /// Plain decimal with a fraction: `0.5`, `1.0`, `1763936000.123`. Never an exponent.
    fn encode(&self, out: &mut Vec<u8>) {
        use std::io::Write;
        let finite = if self.is_finite() { *self } else { 0.0 };
        let fraction = if finite.fract() == 0.0 { ".0" } else { "" };
        write!(out, "{finite}{fraction}").expect("writing to memory does not fail");
    }
}
