//! Documents as CBOR. Announced lengths reserve no memory: it grows with the elements that are read.

use super::{Bounds, Document};
use crate::schema::{self, Schema};
use minicbor::data::{Tag, Type};
use minicbor::decode::{Decoder, Error};
use minicbor::encode::Encoder;

/// A point in time, in seconds.
const TIMESTAMP: Tag = Tag::new(1);

/// Reads a whole body as a structure; `None` for what is not CBOR or has other types than the shape. An empty body
/// is an empty structure.
pub fn read_cbor(schema: &'static schema::Structure, body: &[u8]) -> Option<Document> {
    if body.is_empty() {
        return Some(Document::Structure(Vec::new()));
    }
    let mut decoder = Decoder::new(body);
    let document = value(&mut decoder, Schema::Structure(schema), &mut Bounds::new()).ok()??;
    (decoder.position() == body.len()).then_some(document)
}

/// The same of a protocol that counts time in whole milliseconds.
pub fn read_cbor_in_millis(schema: &'static schema::Structure, body: &[u8]) -> Option<Document> {
    let mut document = read_cbor(schema, body)?;
    to_seconds(Schema::Structure(schema), &mut document);
    Some(document)
}

/// Makes seconds of the milliseconds in a document, which is as deep as one that was read.
fn to_seconds(schema: Schema, document: &mut Document) {
    match (schema, document) {
        (Schema::Timestamp, Document::Double(time)) => *time /= 1_000.0,
        (Schema::List(schema), Document::List(elements)) => {
            elements.iter_mut().for_each(|element| to_seconds(schema.element, element));
        }
        (Schema::Map(schema), Document::Map(entries)) => {
            entries.iter_mut().for_each(|(_, value)| to_seconds(schema.value, value));
        }
        (Schema::Structure(schema), Document::Structure(members)) => {
            for (name, value) in members {
                let member = schema.members.iter().find(|member| member.name == *name);
                to_seconds(member.expect("documents have the members of their shape").schema, value);
            }
        }
        _ => {}
    }
}

/// A value; `None` for null.
fn value(decoder: &mut Decoder<'_>, schema: Schema, bounds: &mut Bounds) -> Result<Option<Document>, Error> {
    bounds.count().ok_or_else(too_much)?;
    if matches!(decoder.datatype()?, Type::Null | Type::Undefined) {
        decoder.skip()?;
        return Ok(None);
    }
    let document = match schema {
        Schema::Boolean => Document::Bool(decoder.bool()?),
        Schema::Integer => Document::Integer(integer(decoder)?),
        Schema::Double => Document::Double(double(decoder)?),
        Schema::Timestamp => {
            if decoder.datatype()? == Type::Tag && decoder.tag()? != TIMESTAMP {
                return Err(mismatch());
            }
            Document::Double(double(decoder)?)
        }
        Schema::Text => Document::Text(text(decoder)?),
        Schema::Blob => Document::Blob(blob(decoder)?),
        Schema::List(_) | Schema::Map(_) | Schema::Structure(_) => {
            bounds.enter().ok_or_else(too_much)?;
            let read = compound(decoder, schema, bounds)?;
            bounds.leave();
            read
        }
    };
    Ok(Some(document))
}

fn compound(decoder: &mut Decoder<'_>, schema: Schema, bounds: &mut Bounds) -> Result<Document, Error> {
    match schema {
        Schema::List(schema) => {
            let mut elements = Vec::new();
            let mut left = decoder.array()?;
            while has_next(decoder, &mut left)? {
                elements.push(value(decoder, schema.element, bounds)?.ok_or_else(mismatch)?);
            }
            Ok(Document::List(elements))
        }
        Schema::Map(schema) => {
            let mut entries = Vec::new();
            let mut left = decoder.map()?;
            while has_next(decoder, &mut left)? {
                let key = text(decoder)?;
                entries.push((key, value(decoder, schema.value, bounds)?.ok_or_else(mismatch)?));
            }
            Ok(Document::Map(entries))
        }
        Schema::Structure(schema) => structure(decoder, schema, bounds),
        _ => unreachable!("scalars have no parts"),
    }
}

fn structure(
    decoder: &mut Decoder<'_>,
    schema: &'static schema::Structure,
    bounds: &mut Bounds,
) -> Result<Document, Error> {
    let mut members: Vec<(&'static str, Document)> = Vec::new();
    let mut left = decoder.map()?;
    while has_next(decoder, &mut left)? {
        let name = text(decoder)?;
        let Some(member) = schema.members.iter().find(|member| member.name == name) else {
            skip(decoder, bounds)?;
            continue;
        };
        if let Some(document) = value(decoder, member.schema, bounds)? {
            Document::put(&mut members, member.name, document);
        }
    }
    Ok(Document::Structure(members))
}

/// Whether an array or map has another element. A definite length counts down; an indefinite one ends with a
/// break.
fn has_next(decoder: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, Error> {
    match left {
        Some(0) => Ok(false),
        Some(left) => {
            *left -= 1;
            Ok(true)
        }
        None if decoder.datatype()? == Type::Break => decoder.skip().map(|()| false),
        None => Ok(true),
    }
}

/// Passes over a value, within the same bounds.
fn skip(decoder: &mut Decoder<'_>, bounds: &mut Bounds) -> Result<(), Error> {
    bounds.count().ok_or_else(too_much)?;
    let is_map = match decoder.datatype()? {
        Type::Array | Type::ArrayIndef => false,
        Type::Map | Type::MapIndef => true,
        Type::Tag => {
            decoder.tag()?;
            bounds.enter().ok_or_else(too_much)?;
            skip(decoder, bounds)?;
            bounds.leave();
            return Ok(());
        }
        Type::Break => return Err(mismatch()),
        _ => return decoder.skip(),
    };
    bounds.enter().ok_or_else(too_much)?;
    let mut left = if is_map { decoder.map()? } else { decoder.array()? };
    while has_next(decoder, &mut left)? {
        skip(decoder, bounds)?;
        if is_map {
            skip(decoder, bounds)?;
        }
    }
    bounds.leave();
    Ok(())
}

fn text(decoder: &mut Decoder<'_>) -> Result<String, Error> {
    match decoder.datatype()? {
        Type::StringIndef => decoder.str_iter()?.collect(),
        _ => decoder.str().map(str::to_owned),
    }
}

fn blob(decoder: &mut Decoder<'_>) -> Result<Vec<u8>, Error> {
    match decoder.datatype()? {
        Type::BytesIndef => Ok(decoder.bytes_iter()?.collect::<Result<Vec<_>, _>>()?.concat()),
        _ => decoder.bytes().map(<[u8]>::to_vec),
    }
}

/// A whole number; a fraction is cut off, as JSON does it.
fn integer(decoder: &mut Decoder<'_>) -> Result<i64, Error> {
    match decoder.datatype()? {
        Type::F16 | Type::F32 | Type::F64 => double(decoder).map(|double| double as i64),
        _ => decoder.i64(),
    }
}

fn double(decoder: &mut Decoder<'_>) -> Result<f64, Error> {
    match decoder.datatype()? {
        Type::F16 | Type::F32 | Type::F64 => decoder.f64(),
        _ => decoder.i64().map(|integer| integer as f64),
    }
}

fn too_much() -> Error {
    Error::message("more than is read")
}

fn mismatch() -> Error {
    Error::message("another type than the shape's")
}

/// Writes a document of this schema.
pub fn write_cbor(schema: Schema, document: &Document, out: &mut Vec<u8>) {
    let written = write(schema, Times::Seconds, document, &mut Encoder::new(out));
    written.expect("a vector takes every write");
}

/// The same in a protocol that counts time in whole milliseconds.
pub fn write_cbor_in_millis(schema: Schema, document: &Document, out: &mut Vec<u8>) {
    let written = write(schema, Times::Milliseconds, document, &mut Encoder::new(out));
    written.expect("a vector takes every write");
}

/// How points in time are written.
#[derive(Debug, Clone, Copy)]
enum Times {
    Seconds,
    Milliseconds,
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn write(schema: Schema, times: Times, document: &Document, out: &mut Encoder<&mut Vec<u8>>) -> Written {
    match (schema, document) {
        (_, Document::Bool(value)) => drop(out.bool(*value)?),
        (_, Document::Integer(value)) => drop(out.i64(*value)?),
        (Schema::Timestamp, Document::Double(seconds)) => match times {
            Times::Seconds => drop(out.tag(TIMESTAMP)?.f64(*seconds)?),
            Times::Milliseconds => drop(out.tag(TIMESTAMP)?.i64((seconds * 1_000.0).round() as i64)?),
        },
        (_, Document::Double(value)) => drop(out.f64(*value)?),
        (_, Document::Text(text)) => drop(out.str(text)?),
        (_, Document::Blob(bytes)) => drop(out.bytes(bytes)?),
        (Schema::List(schema), Document::List(elements)) => {
            out.array(elements.len() as u64)?;
            elements.iter().try_for_each(|element| write(schema.element, times, element, out))?;
        }
        (Schema::Map(schema), Document::Map(entries)) => {
            out.map(entries.len() as u64)?;
            for (name, value) in entries {
                out.str(name)?;
                write(schema.value, times, value, out)?;
            }
        }
        (Schema::Structure(schema), Document::Structure(members)) => {
            out.map(members.len() as u64)?;
            for (name, value) in members {
                let member = schema.members.iter().find(|member| member.name == *name);
                out.str(name)?;
                write(member.expect("documents have the members of their shape").schema, times, value, out)?;
            }
        }
        _ => unreachable!("documents have the types of their shape"),
    }
    Ok(())
}
