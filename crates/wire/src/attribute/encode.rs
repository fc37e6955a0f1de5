//! Writing items and values: one walk over the canonical bytes, no tree.

use super::{AttributeValue, Attributes};
use crate::json::{Encode, is_plain, write_base64, write_text};
use types::item::number_of;
use types::value::text_bytes;
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
    match text_bytes(encoded) {
        Some(text) => write_text_value(out, text),
        None => write_viewed(out, ValueRef::read(encoded)),
    }
    out.push(b'}');
}

fn write_text_value(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(b"{\"S\":");
    write_text(out, text);
}

/// Writes all but the closing bracket.
fn write_viewed(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::S(text) => write_text_value(out, text.as_bytes()),
        ValueRef::N(number) => {
            out.extend_from_slice(b"{\"N\":\"");
            number.write_decimal(out);
            out.push(b'"');
        }
        ValueRef::B(bytes) => {
            out.extend_from_slice(b"{\"B\":");
            write_binary(out, bytes);
        }
        ValueRef::Null => out.extend_from_slice(b"{\"NULL\":true"),
        ValueRef::Bool(true) => out.extend_from_slice(b"{\"BOOL\":true"),
        ValueRef::Bool(false) => out.extend_from_slice(b"{\"BOOL\":false"),
        ValueRef::SS(set) => write_set(out, b"{\"SS\":[", set, write_text),
        ValueRef::NS(set) => write_set(out, b"{\"NS\":[", set, write_number_member),
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
}

fn write_attributes(out: &mut Vec<u8>, attributes: MapRef<'_>) {
    out.push(b'{');
    separated(out, attributes.iter_bytes(), |out, (name, value)| match text_bytes(value) {
        Some(text) if is_plain(name) && is_plain(text) => write_plain_text(out, name, text),
        _ => {
            write_text(out, name);
            out.push(b':');
            write_value(out, value);
        }
    });
    out.push(b'}');
}

/// An attribute whose name and text need no escaping, in as few steps as it takes.
#[inline]
fn write_plain_text(out: &mut Vec<u8>, name: &[u8], text: &[u8]) {
    out.reserve(name.len() + text.len() + 11);
    out.push(b'"');
    out.extend_from_slice(name);
    out.extend_from_slice(b"\":{\"S\":\"");
    out.extend_from_slice(text);
    out.extend_from_slice(b"\"}");
}

fn write_set(out: &mut Vec<u8>, opening: &[u8], set: SetRef<'_>, write: fn(&mut Vec<u8>, &[u8])) {
    out.extend_from_slice(opening);
    separated(out, set.iter(), write);
    out.push(b']');
}

fn write_number_member(out: &mut Vec<u8>, member: &[u8]) {
    out.push(b'"');
    number_of(member).write_decimal(out);
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
