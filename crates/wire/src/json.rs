//! JSON syntax: what the generated shapes are decoded with and encoded to.
//!
//! A body is read once, front to back, without a tree. Three faults are distinguished: what is not JSON
//! ([`DecodeError::Syntax`]), JSON of other types than the shape has ([`DecodeError::Type`], in the words of
//! DynamoDB), and documents too deep to read (a type error without a message). Depth and work are bounded by
//! the reader, not by what a request holds.

mod base64;
mod collection;
mod integer;
mod mismatch;
mod object;
mod reader;
mod scalar;
mod scan;
mod structure;
mod text;

pub use base64::{base64_text, write_base64};
pub use object::ObjectWriter;
pub use reader::{Reader, Token};
pub use structure::Structure;
pub use text::write_string;

pub use base64::decode_base64;
pub(crate) use mismatch::{Place, Wanted, mismatch};
pub(crate) use text::{write_text, write_text_inside};

/// A type that reads itself from JSON in one pass.
pub trait Decode: Sized {
    /// Reads one JSON value at the reader's position, as the body or as a member of a structure.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// The same inside a list or map, where DynamoDB words some type errors differently.
    fn decode_element(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::decode(reader)
    }

    /// The value of a `null` inside a list or map. Refused without a message unless the type overrides it.
    fn absent_element() -> Result<Self, DecodeError> {
        Err(DecodeError::Type(String::new()))
    }

    /// The type's name in DynamoDB's type errors, such as `java.lang.String`.
    fn java_type() -> String;
}

/// A type that writes itself as JSON.
pub trait Encode {
    /// Appends the JSON form to `out`.
    fn encode(&self, out: &mut Vec<u8>);

    /// An estimate of that length in bytes, where it is cheap: for reserving once.
    fn bytes_expected(&self) -> usize {
        0
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, out: &mut Vec<u8>) {
        (**self).encode(out);
    }
}

/// Why a body was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// Not JSON: reported before authentication, without a message.
    Syntax,
    /// JSON of another type than the shape has: reported after authentication, with this message. Where it is
    /// empty (a document too deep to read, a `null` in a list of texts) DynamoDB sends none.
    Type(String),
}

/// Reads a whole body. Broken syntax anywhere wins over a wrong type before it. The value stays where it was read:
/// inputs are large.
pub fn decode<T: Decode>(body: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(body);
    let mut value = T::decode(&mut reader);
    if value.is_ok()
        && let Err(error) = reader.end()
    {
        value = Err(error);
    }
    if matches!(value, Err(DecodeError::Type(_))) && !is_json(body) {
        value = Err(DecodeError::Syntax);
    }
    value
}

/// Whether a body is one JSON value of any type and depth.
pub fn is_json(body: &[u8]) -> bool {
    let mut reader = Reader::new(body);
    reader.skip_to_depth(usize::MAX).and_then(|_| reader.end()).is_ok()
}

#[cfg(test)]
mod tests;
