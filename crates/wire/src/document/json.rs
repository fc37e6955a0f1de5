//! Documents as JSON.

use super::{Bounds, Document};
use crate::json::{
    Decode, DecodeError, Encode, Place, Reader, Token, Wanted, decode_base64, mismatch, write_base64,
    write_string,
};
use crate::schema::{self, Schema};

/// Reads a whole body as a structure. An empty body is an empty structure.
pub fn read_json(schema: &'static schema::Structure, body: &[u8]) -> Result<Document, DecodeError> {
    if body.is_empty() {
        return Ok(Document::Structure(Vec::new()));
    }
    let mut reader = Reader::new(body);
    let read = value(&mut reader, Schema::Structure(schema), Place::Member, &mut Bounds::new());
    match read.and_then(|document| reader.end().map(|()| document)) {
        Err(DecodeError::Type(_)) if !crate::json::is_json(body) => Err(DecodeError::Syntax),
        read => read,
    }
}

fn value(
    reader: &mut Reader<'_>,
    schema: Schema,
    place: Place,
    bounds: &mut Bounds,
) -> Result<Document, DecodeError> {
    bounds.count().ok_or_else(too_much)?;
    match schema {
        Schema::Boolean => bool::decode(reader).map(Document::Bool),
        Schema::Integer => i64::decode(reader).map(Document::Integer),
        Schema::Double | Schema::Timestamp => double(reader).map(Document::Double),
        Schema::Text => reader.text().map(|text| Document::Text(text.into_owned())),
        Schema::Blob => blob(reader).map(Document::Blob),
        Schema::List(_) | Schema::Map(_) | Schema::Structure(_) => {
            bounds.enter().ok_or_else(too_much)?;
            let read = compound(reader, schema, place, bounds);
            bounds.leave();
            read
        }
    }
}

fn compound(
    reader: &mut Reader<'_>,
    schema: Schema,
    place: Place,
    bounds: &mut Bounds,
) -> Result<Document, DecodeError> {
    match schema {
        Schema::List(schema) => {
            reader.open_list(place)?;
            let mut elements = Vec::new();
            while reader.next_element()? {
                elements.push(value(reader, schema.element, Place::Element, bounds)?);
            }
            Ok(Document::List(elements))
        }
        Schema::Map(schema) => {
            reader.open_map(place, || "java.util.Map".into())?;
            let mut entries = Vec::new();
            while let Some(name) = reader.next_member()? {
                entries.push((name.into_owned(), value(reader, schema.value, Place::Element, bounds)?));
            }
            Ok(Document::Map(entries))
        }
        Schema::Structure(schema) => {
            reader.open_structure(place, schema.class)?;
            structure(reader, schema, bounds)
        }
        _ => unreachable!("scalars have no parts"),
    }
}

/// A `null` is a member that is not there.
fn structure(
    reader: &mut Reader<'_>,
    schema: &'static schema::Structure,
    bounds: &mut Bounds,
) -> Result<Document, DecodeError> {
    let mut members: Vec<(&'static str, Document)> = Vec::new();
    while let Some(name) = reader.next_member()? {
        let Some(member) = schema.members.iter().find(|member| member.name == name) else {
            reader.skip()?;
            continue;
        };
        if reader.null()? {
            continue;
        }
        let document = value(reader, member.schema, Place::Member, bounds)?;
        Document::put(&mut members, member.name, document);
    }
    Ok(Document::Structure(members))
}

fn double(reader: &mut Reader<'_>) -> Result<f64, DecodeError> {
    match reader.peek()? {
        Token::Number => reader.number()?.parse().map_err(|_| too_much()),
        other => Err(mismatch(reader, other, Wanted::Scalar("Double"))),
    }
}

fn blob(reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    match reader.peek()? {
        Token::String => {
            let text = reader.string()?;
            let mut bytes = Vec::new();
            decode_base64(&text, &mut bytes).map_err(|_| DecodeError::Type(NO_BASE64.into()))?;
            Ok(bytes)
        }
        other => Err(mismatch(reader, other, Wanted::Blob)),
    }
}

const NO_BASE64: &str = "only base-64-encoded strings are convertible to bytes";

/// Too deep or too many values: refused without a message.
fn too_much() -> DecodeError {
    DecodeError::Type(String::new())
}

/// Writes a document.
pub fn write_json(document: &Document, out: &mut Vec<u8>) {
    match document {
        Document::Bool(value) => value.encode(out),
        Document::Integer(value) => value.encode(out),
        Document::Double(value) => value.encode(out),
        Document::Text(text) => write_string(out, text),
        Document::Blob(bytes) => {
            out.push(b'"');
            write_base64(out, bytes);
            out.push(b'"');
        }
        Document::List(elements) => {
            out.push(b'[');
            for (place, element) in elements.iter().enumerate() {
                out.extend_from_slice(if place == 0 { b"" } else { b"," });
                write_json(element, out);
            }
            out.push(b']');
        }
        Document::Map(entries) => object(entries.iter().map(|(name, value)| (name.as_str(), value)), out),
        Document::Structure(members) => object(members.iter().map(|(name, value)| (*name, value)), out),
    }
}

fn object<'a>(members: impl Iterator<Item = (&'a str, &'a Document)>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (place, (name, value)) in members.enumerate() {
        out.extend_from_slice(if place == 0 { b"" } else { b"," });
        write_string(out, name);
        out.push(b':');
        write_json(value, out);
    }
    out.push(b'}');
}
