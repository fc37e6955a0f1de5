//! Expressions, which clients send parsed: a tree of operators with names in place and values in an array. They are
//! written as text again, with a placeholder for every name and value, so that there is one parser, one order of
//! refusals and one set of limits for every way into the server.
//!
//! A tree may be a thousand levels deep, so it is walked with a stack of what is still to be written.

mod writing;

use super::reader::{Fault, Reader, major};
use super::value;
use std::collections::{BTreeMap, HashMap};
use wire::attribute::AttributeValue;
use writing::{Binding, Writing};

const ENCODING: i64 = 1;
const TAG_INDEX: u64 = 3324;
/// A text that is longer is refused for its length anyhow.
const TEXT_BYTES_MAX: usize = 16 * 1024;
/// More alternatives, values or steps of a path than fit into such a text.
const LIST_MAX: usize = 8 * 1024;
/// More than the values of a request may have in DynamoDB's measure, in the longest spelling of numbers.
const EXPRESSION_BYTES_MAX: usize = 8 << 20;

mod op {
    pub(super) const AND: i64 = 6;
    pub(super) const OR: i64 = 7;
    pub(super) const NOT: i64 = 8;
    pub(super) const BETWEEN: i64 = 9;
    pub(super) const IN: i64 = 10;
    pub(super) const VALUE: i64 = 17;
    pub(super) const PATH: i64 = 18;
    pub(super) const SET: i64 = 19;
    pub(super) const ADD: i64 = 20;
    pub(super) const DELETE: i64 = 21;
    pub(super) const REMOVE: i64 = 22;
    pub(super) const PLUS: i64 = 25;
    pub(super) const MINUS: i64 = 26;
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// The name of an attribute.
    Name(String),
    /// A position in a list.
    Index(u64),
}

/// The paths of a projection, in order.
pub type Paths = Vec<Vec<Element>>;

/// The placeholders of one request.
#[derive(Debug, Default)]
pub struct Placeholders {
    names: HashMap<String, usize>,
    values: BTreeMap<String, AttributeValue>,
}

impl Placeholders {
    /// Writes a condition, a filter or a condition on keys.
    ///
    /// # Errors
    /// When the bytes are no such expression.
    pub fn condition(&mut self, bytes: &[u8]) -> Result<String, Fault> {
        let (tree, values) = parts(bytes)?;
        let mut writing = Writing::of(self, values);
        writing.expression(&mut Reader::new(tree), Binding::Or)?;
        writing.finish()
    }

    /// Writes an update.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn update(&mut self, bytes: &[u8]) -> Result<String, Fault> {
        let (tree, values) = parts(bytes)?;
        let mut reader = Reader::new(tree);
        let mut clauses: Vec<(i64, String)> = Vec::new();
        let mut writing = Writing::of(self, values);
        let mut left = reader.array()?;
        while left.next(&mut reader)? {
            let clause = writing.action(&mut reader)?;
            let action = std::mem::take(&mut writing.text);
            writing.written += action.len();
            match clauses.iter_mut().find(|(known, _)| *known == clause) {
                Some((_, actions)) => {
                    actions.push(',');
                    actions.push_str(&action);
                }
                None => clauses.push((clause, action)),
            }
        }
        writing.finish()?;
        Ok(clauses
            .into_iter()
            .map(|(clause, actions)| format!("{} {actions}", keyword(clause)))
            .collect::<Vec<_>>()
            .join(" "))
    }

    /// Writes a projection; also the paths in it.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn projection(&mut self, bytes: &[u8]) -> Result<(String, Paths), Fault> {
        let mut reader = Reader::new(bytes);
        reader.array_of(2)?;
        check_encoding(&mut reader)?;
        let (mut left, mut paths, mut text) = (reader.array()?, Paths::new(), String::new());
        while left.next(&mut reader)? {
            let count = reader.array()?.announced().ok_or(Fault::OtherType)?;
            if reader.int()? != op::PATH {
                return Err(Fault::OtherType);
            }
            let path = read_path(&mut reader, count.saturating_sub(1))?;
            if !paths.is_empty() {
                text.push(',');
            }
            self.write_path(&path, &mut text);
            if text.len() > TEXT_BYTES_MAX {
                return Err(Fault::TooLarge);
            }
            paths.push(path);
        }
        reader.end().map(|()| (text, paths))
    }

    /// `ExpressionAttributeNames` of the request, if an expression has names.
    pub fn names(&self) -> Option<BTreeMap<String, String>> {
        let names: BTreeMap<String, String> =
            self.names.iter().map(|(name, number)| (format!("#{number}"), name.clone())).collect();
        if names.is_empty() { None } else { Some(names) }
    }

    /// `ExpressionAttributeValues` of the request, if an expression has values.
    pub fn into_values(self) -> Option<BTreeMap<String, AttributeValue>> {
        if self.values.is_empty() { None } else { Some(self.values) }
    }

    fn write_path(&mut self, path: &[Element], text: &mut String) {
        for (at, element) in path.iter().enumerate() {
            match element {
                Element::Index(index) => text.push_str(&format!("[{index}]")),
                Element::Name(name) => {
                    let next = self.names.len();
                    let number = *self.names.entry(name.clone()).or_insert(next);
                    text.push_str(if at > 0 { ".#" } else { "#" });
                    text.push_str(&number.to_string());
                }
            }
        }
    }
}

fn keyword(clause: i64) -> &'static str {
    match clause {
        op::SET => "SET",
        op::ADD => "ADD",
        op::DELETE => "DELETE",
        _ => "REMOVE",
    }
}

/// The tree and the values of an expression.
fn parts(bytes: &[u8]) -> Result<(&[u8], Vec<AttributeValue>), Fault> {
    if bytes.len() > EXPRESSION_BYTES_MAX {
        return Err(Fault::TooLarge);
    }
    let mut reader = Reader::new(bytes);
    reader.array_of(3)?;
    check_encoding(&mut reader)?;
    let tree = skip_tree(&mut reader)?;
    let (mut left, mut values) = (reader.array()?, Vec::new());
    while left.next(&mut reader)? {
        if values.len() == LIST_MAX {
            return Err(Fault::TooLarge);
        }
        values.push(value::read(&mut reader)?);
    }
    reader.end().map(|()| (tree, values))
}

fn check_encoding(reader: &mut Reader<'_>) -> Result<(), Fault> {
    if reader.int()? == ENCODING { Ok(()) } else { Err(Fault::OtherType) }
}

/// Goes behind a tree, whatever its depth: one value for each that an array announces.
fn skip_tree<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Fault> {
    let all = reader.rest();
    let mut left = 1u64;
    while left > 0 {
        left -= 1;
        if reader.peek()?.major == major::ARRAY {
            left = left.saturating_add(reader.array()?.announced().ok_or(Fault::OtherType)?);
        } else {
            reader.skip()?;
        }
    }
    Ok(&all[..all.len() - reader.rest().len()])
}

fn read_path(reader: &mut Reader<'_>, elements: u64) -> Result<Vec<Element>, Fault> {
    if elements > LIST_MAX as u64 {
        return Err(Fault::TooLarge);
    }
    let mut path = Vec::new();
    for _ in 0..elements {
        path.push(match reader.peek()?.major {
            major::TAG if reader.tag()? == TAG_INDEX => {
                Element::Index(u64::try_from(reader.int()?).map_err(|_| Fault::OtherType)?)
            }
            major::TEXT => Element::Name(reader.text()?.to_owned()),
            _ => return Err(Fault::OtherType),
        });
    }
    let begins_with_name = matches!(path.first(), Some(Element::Name(_)));
    if begins_with_name { Ok(path) } else { Err(Fault::OtherType) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::writer::{put_array, put_int, put_text};

    fn compiled(tree: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        put_array(&mut out, 3);
        put_int(&mut out, ENCODING);
        tree(&mut out);
        put_array(&mut out, 1);
        put_int(&mut out, 7);
        out
    }

    fn put_exists(out: &mut Vec<u8>) {
        put_array(out, 2);
        put_int(out, 11);
        put_array(out, 2);
        put_int(out, op::PATH);
        put_text(out, "a");
    }

    #[test]
    fn depth_is_no_matter_and_length_is() {
        let nested = |depth: usize| {
            compiled(|out| {
                for _ in 0..depth {
                    put_array(out, 2);
                    put_int(out, op::NOT);
                }
                put_exists(out);
            })
        };
        let text = Placeholders::default().condition(&nested(1000)).unwrap();
        assert_eq!(text, format!("{}attribute_exists(#0)", "NOT ".repeat(1000)));
        assert_eq!(Placeholders::default().condition(&nested(1_000_000)), Err(Fault::TooLarge));
    }

    #[test]
    fn what_a_client_sends_holds_no_more_than_fits() {
        let conjunctions = compiled(|out| {
            for _ in 0..100_000 {
                put_array(out, 3);
                put_int(out, op::AND);
            }
            (0..=100_000).for_each(|_| put_exists(out));
        });
        let mut values = vec![0x83, 1];
        put_exists(&mut values);
        put_array(&mut values, 1_000_000);
        values.extend(std::iter::repeat_n(0xf6, 1_000_000));
        for bytes in [conjunctions, values] {
            assert_eq!(Placeholders::default().condition(&bytes), Err(Fault::TooLarge));
        }
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let refused =
            |tree: &[u8]| Placeholders::default().condition(&compiled(|out| out.extend_from_slice(tree)));
        for (tree, fault) in [
            (&[0x82, 0x11, 0x05][..], Fault::OtherType),
            (&[0x81, 0x12], Fault::OtherType),
            (&[0x82, 0x18, 0x63, 0x01], Fault::OtherType),
            (&[0x80], Fault::OtherType),
            (&[0x9b, 255, 255, 255, 255, 255, 255, 255, 255], Fault::CutOff),
        ] {
            assert_eq!(refused(tree), Err(fault), "{tree:x?}");
        }
    }

    #[test]
    fn a_million_alternatives_reserve_nothing() {
        let tree = [
            &[0x83, 10, 0x82, 18, 0x61, b'a', 0x9a, 0, 0x0f, 0x42, 0x40][..],
            &[0x82, 0x11, 0].repeat(1_000_000),
        ]
        .concat();
        let bytes = compiled(|out| out.extend_from_slice(&tree));
        assert_eq!(Placeholders::default().condition(&bytes), Err(Fault::TooLarge));
    }
}
