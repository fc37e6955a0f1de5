//! Integers: read leniently as DynamoDB does (fractions cut off, what is too large saturated), written plainly.

use super::{Decode, DecodeError, Encode, Reader, Token, Wanted, mismatch};

impl Decode for i64 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read(reader, "Long")
    }

    fn java_type() -> String {
        "java.lang.Long".into()
    }
}

impl Reader<'_> {
    /// A member of 32 bits, such as `Limit`.
    pub fn optional_integer(&mut self) -> Result<Option<i64>, DecodeError> {
        if self.null()? {
            return Ok(None);
        }
        let value = read(self, "Integer")?;
        Ok(Some(value.clamp(i32::MIN.into(), i32::MAX.into())))
    }
}

fn read(reader: &mut Reader<'_>, name: &'static str) -> Result<i64, DecodeError> {
    match reader.peek()? {
        Token::Number => reader.number().map(truncated),
        other => Err(mismatch(reader, other, Wanted::Scalar(name))),
    }
}

/// The integer part. A text that is not exactly an `i64` goes through a double, whose conversion saturates.
fn truncated(text: &str) -> i64 {
    text.parse().or_else(|_| text.parse::<f64>().map(|double| double as i64)).unwrap_or(0)
}

impl Encode for i64 {
    fn encode(&self, out: &mut Vec<u8>) {
        use std::io::Write;
        write!(out, "{self}").expect("writing to memory does not fail");
    }
}
