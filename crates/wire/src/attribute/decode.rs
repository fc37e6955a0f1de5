//! Reading maps of attributes and single values as parts of requests.

use super::diagnostics::Diagnostics;
use super::value::{read_map, read_value};
use super::{AttributeValue, Attributes, ValueFault};
use crate::json::{Decode, DecodeError, Place, Reader, Token};
use types::{Item, ValueBuf};

impl Decode for Attributes {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_attributes(reader, Place::Member)
    }

    fn decode_element(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_attributes(reader, Place::Element)
    }

    fn absent_element() -> Result<Self, DecodeError> {
        Ok(Attributes::default())
    }

    fn java_type() -> String {
        format!("java.util.Map<java.lang.String, {}>", AttributeValue::java_type())
    }
}

fn read_attributes(reader: &mut Reader<'_>, place: Place) -> Result<Attributes, DecodeError> {
    reader.open_map(place, Attributes::java_type)?;
    let (mut diagnostics, mut map) = (Diagnostics::default(), reader.buffers.map());
    read_map(reader, &mut map, 0, &mut diagnostics)?;
    let mut bytes = Vec::new();
    map.finish(&mut bytes);
    reader.buffers.return_map(map);
    Ok(Attributes {
        item: Item::from_canonical(bytes),
        fault: diagnostics.fault,
        nesting_levels: diagnostics.nesting_levels,
        has_empty_name: diagnostics.has_empty_name,
        has_false_null: diagnostics.has_false_null,
        is_for_older_layer: diagnostics.is_for_older_layer,
        number_spellings: diagnostics.number_spellings,
    })
}

impl Decode for AttributeValue {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_single(reader, Place::Member)
    }

    fn decode_element(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_single(reader, Place::Element)
    }

    fn absent_element() -> Result<Self, DecodeError> {
        let mut bytes = Vec::new();
        types::encode::put_null(&mut bytes);
        let diagnostics = Diagnostics { fault: Some(Box::new(ValueFault::Empty)), ..Diagnostics::default() };
        Ok(AttributeValue::new(bytes, diagnostics))
    }

    fn java_type() -> String {
        super::VALUE_CLASS.into()
    }
}

fn read_single(reader: &mut Reader<'_>, place: Place) -> Result<AttributeValue, DecodeError> {
    let (mut diagnostics, mut bytes) = (Diagnostics::default(), Vec::new());
    debug_assert!(reader.peek() != Ok(Token::Null), "null is looked for before a value is read");
    read_value(reader, place, &mut bytes, 0, &mut diagnostics)?;
    Ok(AttributeValue::new(bytes, diagnostics))
}

impl AttributeValue {
    fn new(encoded: Vec<u8>, diagnostics: Diagnostics) -> Self {
        AttributeValue {
            value: ValueBuf::from_encoded(encoded),
            fault: diagnostics.fault,
            nesting_levels: diagnostics.nesting_levels,
            has_empty_name: diagnostics.has_empty_name,
            has_false_null: diagnostics.has_false_null,
            is_for_older_layer: diagnostics.is_for_older_layer,
        }
    }
}
