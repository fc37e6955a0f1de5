//! A line of a file that is read into a table: an object whose member `Item` is an item, in JSON or in Ion. Where
//! lines are puts, a condition stands beside it, in the members that PutItem has for it.

use crate::attribute::{AttributeValue, Attributes};
use crate::ion;
use crate::json::{Decode, DecodeError, Reader, Token};
use std::collections::BTreeMap;

/// The name of the member that has the item.
const ITEM: &str = "Item";
/// The name of the member with the names in the condition, whose values are plain texts.
pub(crate) const NAMES: &str = "ExpressionAttributeNames";

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

/// A line that is a put.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PutLine {
    /// What is put.
    pub item: Attributes,
    /// On which condition.
    pub condition_expression: Option<String>,
    /// The names in it.
    pub expression_attribute_names: Option<BTreeMap<String, String>>,
    /// The values in it.
    pub expression_attribute_values: Option<BTreeMap<String, AttributeValue>>,
}

/// Reads a line of JSON as a put.
///
/// # Errors
/// As [`read_json`], and when the condition does not have the form.
pub fn read_json_put(line: &[u8]) -> Result<PutLine, LineFault> {
    let line: JsonPut = crate::json::decode(line).map_err(|_| LineFault::Malformed)?;
    let item = line.item.ok_or(LineFault::NoItem)?;
    Ok(PutLine { item, ..line.beside })
}

/// Reads a line of Ion as a put.
///
/// # Errors
/// As [`read_json_put`].
pub fn read_ion_put(line: &[u8]) -> Result<PutLine, LineFault> {
    ion::read_put(line)
}

struct JsonLine(Option<Attributes>);

#[derive(Default)]
struct JsonPut {
    item: Option<Attributes>,
    beside: PutLine,
}

impl Decode for JsonPut {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.peek()? != Token::Object {
            return Err(DecodeError::Type(String::new()));
        }
        reader.open()?;
        let mut line = JsonPut::default();
        while let Some(name) = reader.next_member()? {
            match &*name {
                ITEM => line.item = reader.optional()?,
                "ConditionExpression" => line.beside.condition_expression = reader.optional()?,
                NAMES => line.beside.expression_attribute_names = reader.optional()?,
                "ExpressionAttributeValues" => {
                    line.beside.expression_attribute_values = reader.optional()?;
                }
                _ => {
                    reader.skip()?;
                }
            }
        }
        Ok(line)
    }

    fn java_type() -> String {
        String::new()
    }
}

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
    fn a_put_may_have_a_condition_in_either_format() {
        let json = br##"{"Item":{"a":{"S":"x"}},"ConditionExpression":"#a <> :v",
            "ExpressionAttributeNames":{"#a":"a"},"ExpressionAttributeValues":{":v":{"N":"1"}},"Other":{}}"##;
        let read = read_json_put(json).unwrap();
        assert_eq!(read.condition_expression.as_deref(), Some("#a <> :v"));
        assert_eq!(read.expression_attribute_names.as_ref().unwrap()["#a"], "a");
        assert_eq!(read.expression_attribute_values.as_ref().unwrap().len(), 1);
        let ion = br##"$ion_1_0 {Item:{a:"x"},ConditionExpression:"#a <> :v",
            ExpressionAttributeNames:{'#a':"a"},ExpressionAttributeValues:{':v':1.},Other:[1]}"##;
        assert_eq!(read_ion_put(ion).unwrap(), read);
        let plain = read_ion_put(b"{Item:{}}").unwrap();
        assert!(plain.condition_expression.is_none() && plain.expression_attribute_names.is_none());
        for (line, fault) in [
            (&br#"{"Item":{},"ConditionExpression":1}"#[..], LineFault::Malformed),
            (br#"{"Item":{},"ExpressionAttributeNames":{"a":1}}"#, LineFault::Malformed),
            (br#"{"ConditionExpression":"a"}"#, LineFault::NoItem),
        ] {
            assert_eq!(read_json_put(line).unwrap_err(), fault);
        }
        assert_eq!(
            read_ion_put(b"{Item:{},ExpressionAttributeNames:{a:1}}").unwrap_err(),
            LineFault::Malformed
        );
    }

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
