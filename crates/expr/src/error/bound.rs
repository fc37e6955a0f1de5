//! How texts show values: of BETWEEN its bounds, of a start key its attributes.

use std::fmt::{self, Display, Formatter};
use types::{ValueBuf, ValueRef};

/// The rule that is broken, and the two bounds that break it.
pub(super) fn write_rule(
    f: &mut Formatter<'_>,
    rule: &str,
    (low, high): &(ValueBuf, ValueBuf),
) -> fmt::Result {
    let (low, high) = (ShownValue(low.as_ref()), ShownValue(high.as_ref()));
    write!(f, "{rule}; lower bound operand: {low}, upper bound operand: {high}")
}

/// A value as the texts show it: `AttributeValue: {S:a}`. Of S, N and B.
#[derive(Debug, Clone, Copy)]
pub struct ShownValue<'a>(pub ValueRef<'a>);

impl Display for ShownValue<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("AttributeValue: ")?;
        match self.0 {
            ValueRef::S(s) => write!(f, "{{S:{s}}}"),
            ValueRef::N(n) => write!(f, "{{N:{n}}}"),
            ValueRef::B(b) => {
                f.write_str("{B:")?;
                write_base64(f, b)?;
                f.write_str("}")
            }
            other => write!(f, "{{{}:}}", other.kind().tag()),
        }
    }
}

fn write_base64(f: &mut Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().enumerate().fold(0u32, |word, (i, byte)| word | u32::from(*byte) << (16 - 8 * i));
        for i in 0..4 {
            let sextet = (word >> (18 - 6 * i)) & 0x3f;
            let letter = if i <= chunk.len() { char::from(ALPHABET[sextet as usize]) } else { '=' };
            write!(f, "{letter}")?;
        }
    }
    Ok(())
}
