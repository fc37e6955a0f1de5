//! Reading sets: sorted for the canonical bytes, judged for emptiness and duplicates as sent.

use super::ValueFault;
use super::diagnostics::number_fault;
use crate::json::{DecodeError, Place, Reader};
use smallvec::SmallVec;
use stdx::limits::ITEM_SIZE_BYTES_MAX;
use types::Number;
use types::encode::{put_binary_set, put_null, put_number_set, put_string_set};

/// Members of a set, which has few as a rule.
type Few<T> = SmallVec<[T; 8]>;

pub(super) fn read_string_set(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<ValueFault>, DecodeError> {
    let members = read_members(reader, |reader| reader.text())?;
    let Some(sorted) = sorted(members.iter().map(|text| text.as_bytes())) else {
        put_null(out);
        return Ok(Some(ValueFault::DuplicateStrings(members.into_iter().map(Into::into).collect())));
    };
    put_string_set(out, sorted.iter().copied());
    Ok(members.is_empty().then_some(ValueFault::EmptyStringSet))
}

pub(super) fn read_binary_set(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<ValueFault>, DecodeError> {
    let members = read_members(reader, |reader| {
        let mut bytes = Vec::new();
        reader.base64(&mut bytes).map(|()| bytes)
    })?;
    let Some(sorted) = sorted(members.iter().map(Vec::as_slice)) else {
        put_null(out);
        return Ok(Some(ValueFault::DuplicateBinaries(members.into_vec())));
    };
    put_binary_set(out, sorted.iter().copied());
    Ok(members.is_empty().then_some(ValueFault::EmptyBinarySet))
}

pub(super) fn read_number_set(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<ValueFault>, DecodeError> {
    let texts = read_members(reader, |reader| reader.text())?;
    let mut members = Vec::with_capacity(texts.len());
    for text in &texts {
        match Number::parse(text) {
            Ok(number) => members.push(number),
            Err(error) => {
                put_null(out);
                return Ok(Some(number_fault(error, text)));
            }
        }
    }
    let Some(sorted) = sorted(members.iter().map(Number::as_bytes)) else {
        put_null(out);
        return Ok(Some(ValueFault::DuplicateNumbers(texts.into_iter().map(Into::into).collect())));
    };
    put_number_set(out, sorted.iter().copied());
    Ok(texts.is_empty().then_some(ValueFault::EmptyNumberSet))
}

/// Reads the members as sent. More than an item could hold even if they were a byte each are refused without a
/// message, so that a body of empty texts does not become many times its size in memory.
fn read_members<'a, T>(
    reader: &mut Reader<'a>,
    read: impl Fn(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Few<T>, DecodeError> {
    reader.open_list(Place::Member)?;
    let mut members = Few::new();
    while reader.next_element()? {
        members.push(read(reader)?);
        if members.len() > ITEM_SIZE_BYTES_MAX + 1 {
            return Err(DecodeError::Type(String::new()));
        }
    }
    Ok(members)
}

/// The members in order, or `None` where two are equal.
fn sorted<'a>(members: impl Iterator<Item = &'a [u8]>) -> Option<Few<&'a [u8]>> {
    let mut sorted: Few<_> = members.collect();
    sorted.sort_unstable();
    let has_duplicates = sorted.windows(2).any(|pair| pair[0] == pair[1]);
    (!has_duplicates).then_some(sorted)
}
