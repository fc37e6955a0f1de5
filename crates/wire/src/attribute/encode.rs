//! Writing items and values: one walk over the canonical bytes, no tree.

use super::{AttributeValue, Attributes};
use crate::json::{Encode, write_base64, write_text, write_text_inside};
use types::number::write_decimal;
use types::value::{number_bytes, text_bytes};
use types::{Item, MapRef, SetRef, ValueRef};

/// Appends attributes as `{"name":{"S":"…"},…}`.
pub fn write_item(out: &mut Vec<u8>, attributes: MapRef<'_>) {
    out.reserve(item_bytes_expected(attributes));
    write_attributes(out, attributes);
}

/// JSON of short texts is about this much longer than the canonical bytes.
fn item_bytes_expected(attributes: MapRef<'_>) -> usize {
    attributes.as_bytes().len() * 3 / 2
}

/// Appends an encoded value (tag, length, payload) as `{"S":"…"}`. Recursive: values are at most as deep as
/// those that were read.
pub fn write_value(out: &mut Vec<u8>, encoded: &[u8]) {
    match (text_bytes(encoded), number_bytes(encoded)) {
        (Some(text), _) => write_text_value(out, text),
        (_, Some(number)) => write_number_value(out, number),
        _ => write_viewed(out, ValueRef::read(encoded)),
    }
}

fn write_text_value(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(b"{\"S\":\"");
    write_text_inside(out, text);
    out.extend_from_slice(b"\"}");
}

fn write_number_value(out: &mut Vec<u8>, number: &[u8]) {
    out.extend_from_slice(b"{\"N\":\"");
    write_decimal(out, number);
    out.extend_from_slice(b"\"}");
}

fn write_viewed(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => return out.extend_from_slice(b"{\"NULL\":true}"),
        ValueRef::Bool(true) => return out.extend_from_slice(b"{\"BOOL\":true}"),
        ValueRef::Bool(false) => return out.extend_from_slice(b"{\"BOOL\":false}"),
        ValueRef::S(text) => return write_text_value(out, text.as_bytes()),
        ValueRef::N(number) => return write_number_value(out, number.as_bytes()),
        ValueRef::B(bytes) => {
            out.extend_from_slice(b"{\"B\":");
            write_binary(out, bytes);
        }
        ValueRef::SS(set) => write_set(out, b"{\"SS\":[", set, write_text),
        ValueRef::NS(set) => write_set(out, b"{\"NS\":[", set, write_number),
        ValueRef::BS(set) => write_set(out, b"{\"BS\":[", set, write_binary),
        ValueRef::L(list) => {
            out.extend_from_slice(b"{\"L\":[");
            separated(out, list.iter_bytes(), write_value);
            out.push(b']');
        }
        ValueRef::M(map) => {
            out.extend_from_slice(b"{\"M\":");
            write_attributes(out, map);
        }
    }
    out.push(b'}');
}

fn write_attributes(out: &mut Vec<u8>, attributes: MapRef<'_>) {
    if attributes.is_empty() {
        return out.extend_from_slice(b"{}");
    }
    let mut opening = b"{\"";
    for (name, value) in attributes.iter_bytes() {
        out.extend_from_slice(opening);
        write_text_inside(out, name);
        out.extend_from_slice(b"\":");
        write_value(out, value);
        opening = b",\"";
    }
    out.push(b'}');
}

fn write_set(out: &mut Vec<u8>, opening: &[u8], set: SetRef<'_>, write: fn(&mut Vec<u8>, &[u8])) {
    out.extend_from_slice(opening);
    separated(out, set.iter(), write);
    out.push(b']');
}

fn write_number(out: &mut Vec<u8>, number: &[u8]) {
    out.push(b'"');
    write_decimal(out, number);
    out.push(b'"');
}

fn write_binary(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    write_base64(out, bytes);
    out.push(b'"');
}

fn separated<T>(out: &mut Vec<u8>, parts: impl Iterator<Item = T>, write: impl Fn(&mut Vec<u8>, T)) {
    for (index, part) in parts.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, part);
    }
}

impl Encode for Item {
    fn encode(&self, out: &mut Vec<u8>) {
        write_item(out, self.as_ref());
    }

    fn bytes_expected(&self) -> usize {
        item_bytes_expected(self.as_ref())
    }
}

impl Encode for MapRef<'_> {
    fn encode(&self, out: &mut Vec<u8>) {
        write_item(out, *self);
    }
}

impl Encode for Attributes {
    fn encode(&self, out: &mut Vec<u8>) {
        self.item.encode(out);
    }
}

impl Encode for AttributeValue {
    fn encode(&self, out: &mut Vec<u8>) {
        write_value(out, self.value.as_bytes());
    }
}
