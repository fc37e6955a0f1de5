//! CBOR written in its shortest form, with definite lengths but where clients insist on others.

use super::reader::major;

/// An integer.
pub fn put_int(out: &mut Vec<u8>, value: i64) {
    match u64::try_from(value) {
        Ok(value) => put_head(out, major::UNSIGNED, value),
        Err(_) => put_head(out, major::NEGATIVE, !value as u64),
    }
}

/// A text.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    put_head(out, major::TEXT, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// A text, or null.
pub fn put_optional_text(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => put_text(out, text),
        None => put_null(out),
    }
}

/// A byte string.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_head(out, major::BYTES, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// The beginning of an array of so many elements.
pub fn put_array(out: &mut Vec<u8>, count: usize) {
    put_head(out, major::ARRAY, count as u64);
}

/// The beginning of a map of so many entries.
pub fn put_map(out: &mut Vec<u8>, count: usize) {
    put_head(out, major::MAP, count as u64);
}

/// A tag.
pub(crate) fn put_tag(out: &mut Vec<u8>, tag: u64) {
    put_head(out, major::TAG, tag);
}

/// Null.
pub fn put_null(out: &mut Vec<u8>) {
    out.push(0xf6);
}

/// A truth value.
pub fn put_bool(out: &mut Vec<u8>, value: bool) {
    out.push(if value { 0xf5 } else { 0xf4 });
}

/// A float of 64 bits: some clients read no other.
pub fn put_float(out: &mut Vec<u8>, value: f64) {
    out.push(0xfb);
    out.extend_from_slice(&value.to_bits().to_be_bytes());
}

/// The beginning of a map that [`put_break`] ends.
pub fn put_map_until_break(out: &mut Vec<u8>) {
    out.push(0xbf);
}

/// The end of what has no length.
pub fn put_break(out: &mut Vec<u8>) {
    out.push(0xff);
}

/// A byte string with what `write` appends.
pub fn put_nested(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let mut nested = Vec::new();
    write(&mut nested);
    put_bytes(out, &nested);
}

/// An answer as the one frame of a message: eight bytes in front, the length with them and a flag that nothing follows.
pub fn framed(answer: &[u8]) -> Vec<u8> {
    const HEADER_BYTES: usize = 8;
    let mut framed = Vec::with_capacity(HEADER_BYTES + answer.len());
    framed.extend_from_slice(&((HEADER_BYTES + answer.len()) as u32).to_be_bytes());
    framed.extend_from_slice(&[1, 0, 0, 0]);
    framed.extend_from_slice(answer);
    framed
}

pub(crate) fn put_head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    match argument {
        0..24 => out.push(major | argument as u8),
        24..=0xff => out.extend_from_slice(&[major | 24, argument as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend_from_slice(&(argument as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&(argument as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&argument.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Reader;

    #[test]
    fn integers_are_read_back_from_their_shortest_form() {
        for (value, len) in [
            (0, 1),
            (23, 1),
            (24, 2),
            (-24, 1),
            (-25, 2),
            (256, 3),
            (65_536, 5),
            (i64::MAX, 9),
            (i64::MIN, 9),
        ] {
            let mut out = Vec::new();
            put_int(&mut out, value);
            assert_eq!((Reader::new(&out).int(), out.len()), (Ok(value), len));
        }
    }
}
