//! Integers: read leniently as DynamoDB does (fractions cut off, what is too large saturated), written plainly.

use super::{Decode, DecodeError, Encode, Reader, Token, Wanted, mismatch};

impl Decode for i64 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        number(reader, "Long").map(truncated)
    }

    fn java_type() -> String {
        "java.lang.Long".into()
    }
}

impl Reader<'_> {
    /// A member of 32 bits, such as `Limit`.
    pub fn optional_integer(&mut self) -> Result<Option<i64>, DecodeError> {
        self.optional_integer_noting(&mut false)
    }

    /// The same; sets the mark where the number as sent is none of 32 bits.
    pub fn optional_integer_noting(&mut self, is_inexact: &mut bool) -> Result<Option<i64>, DecodeError> {
        if self.null()? {
            return Ok(None);
        }
        let text = number(self, "Integer")?;
        *is_inexact |= text.parse::<i32>().is_err();
        Ok(Some(truncated(text).clamp(i32::MIN.into(), i32::MAX.into())))
    }
}

fn number<'a>(reader: &mut Reader<'a>, name: &'static str) -> Result<&'a str, DecodeError> {
    match reader.peek()? {
        Token::Number => reader.number(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_integer_of_32_bits_is_made_one_and_noted() {
        for (text, value, noted) in [
            ("7", 7, false),
            ("-2147483648", -2_147_483_648, false),
            ("2147483648", 2_147_483_647, true),
            ("1.5", 1, true),
            ("1e1", 10, true),
            ("-1e40", -2_147_483_648, true),
        ] {
            let mut is_inexact = false;
            let read = Reader::new(text.as_bytes()).optional_integer_noting(&mut is_inexact);
            assert_eq!((read, is_inexact), (Ok(Some(value)), noted), "{text}");
        }
    }
}
