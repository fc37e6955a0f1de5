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

/// A value as the texts show it: `AttributeValue: {S:a}`. Sets, lists and maps as Java prints its collections, which
/// is an assumption.
#[derive(Debug, Clone, Copy)]
pub struct ShownValue<'a>(pub ValueRef<'a>);

impl Display for ShownValue<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("AttributeValue: ")?;
        match self.0 {
            ValueRef::S(s) => write!(f, "{{S:{s}}}"),
            ValueRef::N(n) => write!(f, "{{N:{n}}}"),
            ValueRef::B(b) => write!(f, "{{B:{}}}", Base64(b)),
            ValueRef::Bool(value) => write!(f, "{{BOOL:{value}}}"),
            ValueRef::Null => f.write_str("{NULL:true}"),
            ValueRef::SS(set) => write!(f, "{{SS:[{}]}}", joined(set.iter().map(String::from_utf8_lossy))),
            ValueRef::NS(set) => write!(f, "{{NS:[{}]}}", joined(set.iter().map(types::item::number_of))),
            ValueRef::BS(set) => write!(f, "{{BS:[{}]}}", joined(set.iter().map(Base64))),
            ValueRef::L(list) => write!(f, "{{L:[{}]}}", joined(list.iter().map(ShownValue))),
            ValueRef::M(map) => {
                let entries = map.iter().map(|(name, value)| format!("{name}={}", ShownValue(value)));
                write!(f, "{{M:{{{}}}}}", joined(entries))
            }
        }
    }
}

fn joined(parts: impl Iterator<Item = impl Display>) -> String {
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(", ")
}

struct Base64<'a>(&'a [u8]);

impl Display for Base64<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for chunk in self.0.chunks(3) {
            let shifted = chunk.iter().enumerate().map(|(i, byte)| u32::from(*byte) << (16 - 8 * i));
            let word = shifted.fold(0u32, |word, byte| word | byte);
            for i in 0..4 {
                let sextet = (word >> (18 - 6 * i)) & 0x3f;
                let letter = if i <= chunk.len() { char::from(ALPHABET[sextet as usize]) } else { '=' };
                write!(f, "{letter}")?;
            }
        }
        Ok(())
    }
}
