//! Reading one attribute value into canonical bytes, and the maps and lists inside it.

use super::ValueFault;
use super::diagnostics::{Diagnostics, Members, number_fault};
use super::set::{read_binary_set, read_number_set, read_string_set};
use crate::json::{Decode, DecodeError, Place, Reader, Token, decode_base64};
use stdx::limits::ATTRIBUTE_NAME_BYTES_MAX;
use types::encode::{put_binary, put_bool, put_list, put_null, put_number, put_string};
use types::{MapWriter, Number, Type};

/// Levels that are kept. Deeper ones are only counted and checked for syntax: every level copies what is in
/// it, and a value this deep is refused anyhow.
const KEPT_LEVELS_MAX: usize = 40;

/// Reads a value and appends its encoded form, `level` maps and lists being around it.
pub(super) fn read_value(
    reader: &mut Reader<'_>,
    place: Place,
    out: &mut Vec<u8>,
    level: usize,
    diagnostics: &mut Diagnostics,
) -> Result<(), DecodeError> {
    if read_plain(reader, out, diagnostics) {
        Ok(())
    } else {
        read_members(reader, place, out, level, diagnostics)
    }
}

/// Reads a value in its usual form, if that is what comes next.
#[inline]
fn read_plain(reader: &mut Reader<'_>, out: &mut Vec<u8>, diagnostics: &mut Diagnostics) -> bool {
    match reader.plain_value() {
        Some((Type::S, text)) => put_string(out, text),
        Some((_, text)) => {
            put_number_text(out, text, diagnostics).into_iter().for_each(|fault| diagnostics.report(fault));
        }
        None => return false,
    }
    true
}

/// Reads a value member by member.
fn read_members(
    reader: &mut Reader<'_>,
    place: Place,
    out: &mut Vec<u8>,
    level: usize,
    diagnostics: &mut Diagnostics,
) -> Result<(), DecodeError> {
    reader.open_structure(place, super::VALUE_CLASS)?;
    let (start, mut members) = (out.len(), Members::default());
    while let Some(name) = reader.next_member()? {
        let Some(kind) = Type::from_tag(&name) else {
            reader.skip()?;
            continue;
        };
        if reader.null()? {
            continue;
        }
        out.truncate(start);
        let fault = read_payload(reader, kind, out, level, diagnostics)?;
        members.add(kind, fault);
    }
    if members.is_empty() {
        put_null(out);
    }
    diagnostics.is_for_older_layer |= members.are_several();
    if let Some(fault) = members.fault() {
        diagnostics.report(fault);
    }
    Ok(())
}

fn read_payload(
    reader: &mut Reader<'_>,
    kind: Type,
    out: &mut Vec<u8>,
    level: usize,
    diagnostics: &mut Diagnostics,
) -> Result<Option<ValueFault>, DecodeError> {
    match kind {
        Type::S => put_string(out, &reader.text()?),
        Type::N => return read_number(reader, out, diagnostics),
        Type::B => read_binary(reader, out)?,
        Type::Bool => put_bool(out, read_boolean(reader, diagnostics)?),
        Type::Null => {
            put_null(out);
            return Ok((!read_boolean(reader, diagnostics)?).then_some(ValueFault::NullIsFalse));
        }
        Type::SS => return read_string_set(reader, out),
        Type::NS => return read_number_set(reader, out),
        Type::BS => return read_binary_set(reader, out),
        Type::L | Type::M => read_document(reader, kind, out, level + 1, diagnostics)?,
    }
    Ok(None)
}

fn read_boolean(reader: &mut Reader<'_>, diagnostics: &mut Diagnostics) -> Result<bool, DecodeError> {
    diagnostics.is_for_older_layer |= reader.peek()? == Token::String;
    bool::decode(reader)
}

fn read_number(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
    diagnostics: &mut Diagnostics,
) -> Result<Option<ValueFault>, DecodeError> {
    Ok(put_number_text(out, &reader.text()?, diagnostics))
}

fn put_number_text(out: &mut Vec<u8>, text: &str, diagnostics: &mut Diagnostics) -> Option<ValueFault> {
    diagnostics.spelled(text);
    match Number::parse(text) {
        Ok(number) => {
            put_number(out, &number);
            None
        }
        Err(error) => {
            put_null(out);
            Some(number_fault(error, text))
        }
    }
}

fn read_binary(reader: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let mut bytes = reader.buffers.list();
    reader.base64(&mut bytes)?;
    put_binary(out, &bytes);
    reader.buffers.return_list(bytes);
    Ok(())
}

/// Reads the payload of a map or list that is itself at `level`.
fn read_document(
    reader: &mut Reader<'_>,
    kind: Type,
    out: &mut Vec<u8>,
    level: usize,
    diagnostics: &mut Diagnostics,
) -> Result<(), DecodeError> {
    diagnostics.reached(level);
    if level > KEPT_LEVELS_MAX {
        // Each further level is two brackets deep: the value's own and the map's or list's inside.
        diagnostics.reached(level + reader.skip()?.saturating_sub(1) / 2);
        put_null(out);
        return Ok(());
    }
    if kind == Type::L {
        return read_list(reader, out, level, diagnostics);
    }
    reader.open_map(Place::Member, super::Attributes::java_type)?;
    let mut map = reader.buffers.map();
    read_map(reader, &mut map, level, diagnostics)?;
    map.finish_value(out);
    reader.buffers.return_map(map);
    Ok(())
}

/// Reads the attributes of the map that has just been opened.
pub(super) fn read_map(
    reader: &mut Reader<'_>,
    map: &mut MapWriter,
    level: usize,
    diagnostics: &mut Diagnostics,
) -> Result<(), DecodeError> {
    while let Some(name) = reader.next_member()? {
        diagnostics.has_empty_name |= name.is_empty();
        if name.len() > ATTRIBUTE_NAME_BYTES_MAX {
            diagnostics.report(ValueFault::NameTooLong);
            reader.skip()?;
            continue;
        }
        read_element(reader, map.entry(&name), level, diagnostics)?;
    }
    Ok(())
}

fn read_list(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
    level: usize,
    diagnostics: &mut Diagnostics,
) -> Result<(), DecodeError> {
    reader.open_list(Place::Member)?;
    let (mut elements, mut count) = (reader.buffers.list(), 0);
    while reader.next_element()? {
        read_element(reader, &mut elements, level, diagnostics)?;
        count += 1;
    }
    put_list(out, count, &elements);
    reader.buffers.return_list(elements);
    Ok(())
}

fn read_element(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
    level: usize,
    diagnostics: &mut Diagnostics,
) -> Result<(), DecodeError> {
    if read_plain(reader, out, diagnostics) {
        return Ok(());
    }
    if reader.null()? {
        put_null(out);
        diagnostics.report(ValueFault::Empty);
        return Ok(());
    }
    read_members(reader, Place::Element, out, level, diagnostics)
}

impl Reader<'_> {
    /// Appends the bytes behind a Base64 string.
    pub(super) fn base64(&mut self, out: &mut Vec<u8>) -> Result<(), DecodeError> {
        use crate::json::{Token, Wanted, mismatch};
        match self.peek()? {
            Token::String => decode_base64(&self.string()?, out),
            other => Err(mismatch(self, other, Wanted::Blob)),
        }
    }
}
