//! Attribute values: from CBOR into canonical bytes in one pass, with the faults that a JSON request would have, and
//! back.

use super::number;
use super::reader::{Fault, Reader, major};
use super::writer::{put_array, put_bool, put_bytes, put_map, put_null, put_tag, put_text};
use types::encode::{self, MapWriter};
use types::{MapRef, Number, NumberError, ValueBuf, ValueRef};
use wire::attribute::{AttributeValue, Attributes, ValueFault};

const TAG_STRING_SET: u64 = 3321;
const TAG_NUMBER_SET: u64 = 3322;
const TAG_BINARY_SET: u64 = 3323;
/// Levels that are read; a value nested more deeply is refused by its depth, whatever is below.
const LEVELS_READ: usize = 40;
const NAME_BYTES_MAX: usize = 65_535;
/// More members than a set has room for.
const MEMBERS_MAX: usize = 400 * 1024;

/// What is to be known about values beside them.
#[derive(Debug, Default)]
pub struct Findings {
    fault: Option<Box<ValueFault>>,
    nesting_levels: usize,
    has_empty_name: bool,
}

impl Findings {
    fn note(&mut self, fault: ValueFault) {
        self.fault.get_or_insert_with(|| Box::new(fault));
    }

    /// Together with these attributes.
    pub fn into_attributes(self, item: types::Item) -> Attributes {
        let Findings { fault, nesting_levels, has_empty_name } = self;
        Attributes { item, fault, nesting_levels, has_empty_name, ..Attributes::default() }
    }

    /// Notes a name of an attribute; false if there can be none like it.
    pub(crate) fn note_name(&mut self, name: &str) -> bool {
        self.has_empty_name |= name.is_empty();
        let fits = name.len() <= NAME_BYTES_MAX;
        if !fits {
            self.note(ValueFault::NameTooLong);
        }
        fits
    }
}

/// Reads one value as a request has it.
///
/// # Errors
/// When no attribute value is there.
pub fn read(reader: &mut Reader<'_>) -> Result<AttributeValue, Fault> {
    let (mut encoded, mut findings) = (Vec::new(), Findings::default());
    read_into(reader, &mut encoded, &mut findings)?;
    Ok(AttributeValue {
        value: ValueBuf::from_encoded(encoded),
        fault: findings.fault,
        nesting_levels: findings.nesting_levels,
        has_empty_name: findings.has_empty_name,
        has_false_null: false,
        is_for_older_layer: false,
    })
}

/// Appends the canonical bytes of the next value.
///
/// # Errors
/// When no attribute value is there.
pub fn read_into(reader: &mut Reader<'_>, out: &mut Vec<u8>, findings: &mut Findings) -> Result<(), Fault> {
    read_at(reader, out, findings, 0)
}

fn read_at(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
    findings: &mut Findings,
    level: usize,
) -> Result<(), Fault> {
    let head = reader.peek()?;
    match (head.major, head.info) {
        (major::TEXT, _) => encode::put_string(out, reader.text()?),
        (major::BYTES, _) => encode::put_binary(out, reader.bytes()?),
        (major::SIMPLE, 20 | 21) => encode::put_bool(out, reader.bool()?),
        (major::SIMPLE, 22) => {
            reader.take_null()?;
            encode::put_null(out);
        }
        (major::ARRAY | major::MAP, _) => read_document(reader, out, findings, level + 1)?,
        (major::TAG, _) => match reader.clone().tag()? {
            TAG_STRING_SET => read_string_set(reader, out, findings)?,
            TAG_NUMBER_SET => read_number_set(reader, out, findings)?,
            TAG_BINARY_SET => read_binary_set(reader, out, findings)?,
            _ => read_number(reader, out, findings)?,
        },
        _ => read_number(reader, out, findings)?,
    }
    Ok(())
}

fn read_number(reader: &mut Reader<'_>, out: &mut Vec<u8>, findings: &mut Findings) -> Result<(), Fault> {
    match number::read(reader)? {
        Ok(number) => encode::put_number(out, &number),
        Err((error, text)) => {
            findings.note(number_fault(error, text));
            encode::put_null(out);
        }
    }
    Ok(())
}

fn number_fault(error: NumberError, text: String) -> ValueFault {
    match error {
        NumberError::Malformed => ValueFault::NotANumber(text),
        NumberError::Overflow => ValueFault::NumberOverflow,
        NumberError::Underflow => ValueFault::NumberUnderflow,
        NumberError::TooManyDigits => ValueFault::NumberTooLong,
    }
}

fn read_document(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
    findings: &mut Findings,
    level: usize,
) -> Result<(), Fault> {
    findings.nesting_levels = findings.nesting_levels.max(level);
    if level > LEVELS_READ {
        reader.skip()?;
        encode::put_null(out);
        return Ok(());
    }
    if reader.peek()?.major == major::MAP {
        return read_map(reader, out, findings, level);
    }
    let (mut left, mut elements, mut count) = (reader.array()?, Vec::new(), 0);
    while left.next(reader)? {
        read_at(reader, &mut elements, findings, level)?;
        count += 1;
    }
    encode::put_list(out, count, &elements);
    Ok(())
}

fn read_map(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
    findings: &mut Findings,
    level: usize,
) -> Result<(), Fault> {
    let (mut left, mut map) = (reader.map()?, MapWriter::new());
    while left.next(reader)? {
        let name = reader.text()?;
        if findings.note_name(name) {
            read_at(reader, map.entry(name), findings, level)?;
        } else {
            reader.skip()?;
        }
    }
    map.finish_value(out);
    Ok(())
}

fn read_string_set(reader: &mut Reader<'_>, out: &mut Vec<u8>, findings: &mut Findings) -> Result<(), Fault> {
    let members = members(reader, Reader::text)?;
    let sorted = sorted(members.iter().map(|member| member.as_bytes()));
    if members.is_empty() {
        findings.note(ValueFault::EmptyStringSet);
    } else if sorted.len() < members.len() {
        findings
            .note(ValueFault::DuplicateStrings(members.iter().map(|member| (*member).to_owned()).collect()));
    }
    encode::put_string_set(out, sorted.into_iter());
    Ok(())
}

fn read_binary_set(reader: &mut Reader<'_>, out: &mut Vec<u8>, findings: &mut Findings) -> Result<(), Fault> {
    let members = members(reader, Reader::bytes)?;
    let sorted = sorted(members.iter().copied());
    if members.is_empty() {
        findings.note(ValueFault::EmptyBinarySet);
    } else if sorted.len() < members.len() {
        findings.note(ValueFault::DuplicateBinaries(members.iter().map(|member| member.to_vec()).collect()));
    }
    encode::put_binary_set(out, sorted.into_iter());
    Ok(())
}

fn read_number_set(reader: &mut Reader<'_>, out: &mut Vec<u8>, findings: &mut Findings) -> Result<(), Fault> {
    let members = members(reader, number::read)?;
    let mut numbers: Vec<Number> = Vec::with_capacity(members.len());
    for member in members {
        match member {
            Ok(number) => numbers.push(number),
            Err((error, text)) => findings.note(number_fault(error, text)),
        }
    }
    let sorted = sorted(numbers.iter().map(Number::as_bytes));
    if numbers.is_empty() {
        findings.note(ValueFault::EmptyNumberSet);
    } else if sorted.len() < numbers.len() {
        findings.note(ValueFault::DuplicateNumbers(numbers.iter().map(Number::to_string).collect()));
    }
    encode::put_number_set(out, sorted.into_iter());
    Ok(())
}

fn members<'a, T>(
    reader: &mut Reader<'a>,
    read: impl Fn(&mut Reader<'a>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    reader.tag()?;
    let (mut left, mut members) = (reader.array()?, Vec::new());
    while left.next(reader)? {
        if members.len() == MEMBERS_MAX {
            return Err(Fault::TooLarge);
        }
        members.push(read(reader)?);
    }
    Ok(members)
}

fn sorted<'a>(members: impl Iterator<Item = &'a [u8]>) -> Vec<&'a [u8]> {
    let mut sorted: Vec<&[u8]> = members.collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

/// Appends a value from its canonical bytes.
pub fn put(out: &mut Vec<u8>, encoded: &[u8]) {
    put_value(out, ValueRef::read(encoded));
}

/// Appends a value. An item in the store is nested as deeply as DynamoDB allows at most.
pub fn put_value(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::S(text) => put_text(out, text),
        ValueRef::N(number) => number::put(out, number.as_bytes()),
        ValueRef::B(bytes) => put_bytes(out, bytes),
        ValueRef::Null => put_null(out),
        ValueRef::Bool(value) => put_bool(out, value),
        ValueRef::SS(set) => {
            put_set(out, TAG_STRING_SET, set.len());
            set.iter()
                .for_each(|member| put_text(out, std::str::from_utf8(member).expect("texts are UTF-8")));
        }
        ValueRef::NS(set) => {
            put_set(out, TAG_NUMBER_SET, set.len());
            set.iter().for_each(|member| number::put(out, member));
        }
        ValueRef::BS(set) => {
            put_set(out, TAG_BINARY_SET, set.len());
            set.iter().for_each(|member| put_bytes(out, member));
        }
        ValueRef::L(list) => {
            put_array(out, list.len());
            list.iter().for_each(|element| put_value(out, element));
        }
        ValueRef::M(map) => put_attributes(out, map),
    }
}

/// Appends a map from name to value.
pub fn put_attributes(out: &mut Vec<u8>, map: MapRef<'_>) {
    put_map(out, map.len());
    for (name, value) in map.iter() {
        put_text(out, name);
        put_value(out, value);
    }
}

fn put_set(out: &mut Vec<u8>, tag: u64, members: usize) {
    put_tag(out, tag);
    put_array(out, members);
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Value;

    fn read_back(value: &Value) -> AttributeValue {
        let mut out = Vec::new();
        put(&mut out, ValueBuf::from(value).as_bytes());
        let mut reader = Reader::new(&out);
        let read = read(&mut reader).unwrap();
        assert!(reader.is_at_end());
        read
    }

    #[test]
    fn every_type_survives() {
        let number = |text| Number::parse(text).unwrap();
        let map = [("b".to_owned(), Value::Null), ("é".to_owned(), Value::Bool(true))];
        let value = Value::L(vec![
            Value::S("héllo 😀".into()),
            Value::N(number("-1.5")),
            Value::B(vec![0, 255]),
            Value::M(map.into_iter().collect()),
            Value::SS(["a".into(), "b".into()].into()),
            Value::NS([number("1"), number("1e30")].into()),
            Value::BS([vec![1], vec![]].into()),
            Value::L(vec![]),
        ]);
        let read = read_back(&value);
        assert_eq!(read.value, ValueBuf::from(&value));
        assert_eq!((read.fault, read.nesting_levels, read.has_empty_name), (None, 2, false));
    }

    #[test]
    fn faults_are_those_of_json() {
        for (bytes, fault) in [
            (&[0xd9, 0x0c, 0xf9, 0x80][..], ValueFault::EmptyStringSet),
            (&[0xd9, 0x0c, 0xfa, 0x80], ValueFault::EmptyNumberSet),
            (&[0xd9, 0x0c, 0xfb, 0x80], ValueFault::EmptyBinarySet),
            (&[0xd9, 0x0c, 0xfa, 0x82, 1, 1], ValueFault::DuplicateNumbers(vec!["1".into(), "1".into()])),
            (&[0xc4, 0x82, 0x18, 0x7e, 1], ValueFault::NumberOverflow),
            (&[0xc4, 0x82, 0x38, 0x82, 1], ValueFault::NumberUnderflow),
        ] {
            let read = read(&mut Reader::new(bytes)).unwrap();
            assert_eq!(read.fault.as_deref(), Some(&fault), "{bytes:x?}");
        }
    }

    #[test]
    fn depth_is_counted_and_bounded() {
        let nested = |depth: usize| [vec![0x81; depth], vec![0xf6]].concat();
        for depth in [1, 32, 33, 60] {
            let read = read(&mut Reader::new(&nested(depth))).unwrap();
            assert_eq!(read.nesting_levels, depth.min(LEVELS_READ + 1));
        }
        assert_eq!(read(&mut Reader::new(&nested(200))), Err(Fault::TooDeep));
    }
}
