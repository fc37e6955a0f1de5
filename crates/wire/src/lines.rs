//! A line of a file that is imported: an object whose member `Item` is an item, in JSON or in Ion.

use crate::attribute::Attributes;
use crate::ion;
use crate::json::{Decode, DecodeError, Reader, Token};

/// The name of the member that has the item.
const ITEM: &str = "Item";

/// Why a line is no item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFault {
    /// It does not have the form.
    Malformed,
    /// It has no member `Item`.
    NoItem,
}

/// Reads a line of JSON.
///
/// # Errors
/// When it is no item. Faults of values are in what is returned.
pub fn read_json(line: &[u8]) -> Result<Attributes, LineFault> {
    let line: JsonLine = crate::json::decode(line).map_err(|_| LineFault::Malformed)?;
    line.0.ok_or(LineFault::NoItem)
}

/// Reads a line of Ion.
///
/// # Errors
/// As [`read_json`].
pub fn read_ion(line: &[u8]) -> Result<Attributes, LineFault> {
    ion::read_item(line)
}

struct JsonLine(Option<Attributes>);

impl Decode for JsonLine {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.peek()? != Token::Object {
            return Err(DecodeError::Type(String::new()));
        }
        reader.open()?;
        let mut item = None;
        while let Some(name) = reader.next_member()? {
            if name == ITEM {
                item = reader.optional()?;
            } else {
                reader.skip()?;
            }
        }
        Ok(JsonLine(item))
    }

    fn java_type() -> String {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_json_has_an_item() {
        let item = read_json(br#"{"Other":[1],"Item":{"a":{"S":"x"}}}"#).unwrap();
        assert_eq!(item.item.as_ref().len(), 1);
        for (line, fault) in [
            (&b"{"[..], LineFault::Malformed),
            (b"[]", LineFault::Malformed),
            (b"{\"Item\":[]}", LineFault::Malformed),
            (b"{}", LineFault::NoItem),
            (b"{\"Item\":null}", LineFault::NoItem),
        ] {
            assert_eq!(read_json(line).unwrap_err(), fault);
        }
    }
}
