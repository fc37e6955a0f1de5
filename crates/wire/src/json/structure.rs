//! Structures of the model: an object whose known members are read, and whose others are passed over.

use super::{Decode, DecodeError, Place, Reader, Token, Wanted, mismatch};

/// A structure of the model. Implemented by generated code.
pub trait Structure: Default {
    /// The Java class that DynamoDB's type errors name, such as `com.amazonaws.dynamodb.v20120810.Key`.
    const CLASS: &'static str;

    /// Reads the member `name` if the structure has one of that name; otherwise returns `false` and reads
    /// nothing.
    fn member(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<bool, DecodeError>;
}

impl<T: Structure> Decode for T {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read(reader, Place::Member)
    }

    fn decode_element(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read(reader, Place::Element)
    }

    /// A structure without members, so that the required ones are reported as missing.
    fn absent_element() -> Result<Self, DecodeError> {
        Ok(T::default())
    }

    fn java_type() -> String {
        T::CLASS.into()
    }
}

fn read<T: Structure>(reader: &mut Reader<'_>, place: Place) -> Result<T, DecodeError> {
    reader.open_structure(place, T::CLASS)?;
    let mut structure = T::default();
    while let Some(name) = reader.next_member()? {
        if !structure.member(&name, reader)? {
            reader.skip()?;
        }
    }
    Ok(structure)
}

impl Reader<'_> {
    /// Opens a structure, or reports the value that is there instead.
    pub(crate) fn open_structure(&mut self, place: Place, class: &'static str) -> Result<(), DecodeError> {
        match self.peek()? {
            Token::Object => self.open(),
            other => Err(mismatch(self, other, Wanted::Structure(place, class))),
        }
    }
}
