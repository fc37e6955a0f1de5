//! JSON syntax: what the generated shapes are decoded with and encoded to.

/// A type that reads itself from JSON in one pass.
pub trait Decode: Sized {
    /// Reads one JSON value at the reader's position.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// A type that writes itself as JSON.
pub trait Encode {
    /// Appends the JSON form to `out`.
    fn encode(&self, out: &mut Vec<u8>);
}

/// Reads a body from front to back. To be filled in.
#[derive(Debug)]
pub struct Reader<'a> {
    /// What is read.
    pub bytes: &'a [u8],
}

/// Why a body was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// Not JSON: reported before authentication, without a message.
    Syntax,
    /// JSON of another type than the shape wants: reported after authentication, with this message.
    Type(String),
}
