//! Strings: reading them with as little copying as their escapes allow, and writing them.

use super::scan::{is_plain, string_stop};
use super::{DecodeError, Encode};

/// Reads a string that has escapes, from after its opening quote, the first backslash being at `stop`;
/// returns it with the position after its closing quote.
pub(super) fn read_escaped(body: &str, start: usize, stop: usize) -> Result<(String, usize), DecodeError> {
    let (mut text, mut start, mut stop) = (String::new(), start, stop);
    loop {
        text.push_str(&body[start..stop]);
        match body.as_bytes().get(stop) {
            Some(b'"') => return Ok((text, stop + 1)),
            Some(b'\\') => start = read_escape(body.as_bytes(), stop + 1, &mut text)?,
            _ => return Err(DecodeError::Syntax),
        }
        stop = string_stop(body.as_bytes(), start);
    }
}

/// Reads what follows a backslash; returns the position after it.
fn read_escape(bytes: &[u8], at: usize, text: &mut String) -> Result<usize, DecodeError> {
    let character = match bytes.get(at).ok_or(DecodeError::Syntax)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return read_unicode_escape(bytes, at + 1, text),
        _ => return Err(DecodeError::Syntax),
    };
    text.push(character);
    Ok(at + 1)
}

/// Reads the four digits after `\u`, and the second half of a surrogate pair. A lone surrogate becomes U+FFFD:
/// stored text is UTF-8, which cannot hold it.
fn read_unicode_escape(bytes: &[u8], at: usize, text: &mut String) -> Result<usize, DecodeError> {
    let unit = hex4(bytes, at)?;
    let next = at + 4;
    if (0xd800..0xdc00).contains(&unit) && bytes.get(next..next + 2) == Some(b"\\u") {
        let low = hex4(bytes, next + 2)?;
        if (0xdc00..0xe000).contains(&low) {
            let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            return Ok(next + 6);
        }
    }
    text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
    Ok(next)
}

fn hex4(bytes: &[u8], at: usize) -> Result<u32, DecodeError> {
    let digits = bytes.get(at..at + 4).ok_or(DecodeError::Syntax)?;
    digits.iter().try_fold(0, |unit, byte| {
        let digit = char::from(*byte).to_digit(16).ok_or(DecodeError::Syntax)?;
        Ok(unit * 16 + digit)
    })
}

/// Appends a text in quotes, escaping what JSON requires.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    write_text(out, text.as_bytes());
}

/// The same for bytes that are known to be UTF-8.
#[inline]
pub(crate) fn write_text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    write_text_inside(out, bytes);
    out.push(b'"');
}

/// The same without the quotes.
#[inline(always)]
pub(crate) fn write_text_inside(out: &mut Vec<u8>, bytes: &[u8]) {
    if is_plain(bytes) { out.extend_from_slice(bytes) } else { write_escaped(out, bytes) }
}

#[cold]
fn write_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let (mut rest, mut stop) = (bytes, string_stop(bytes, 0));
    while stop < rest.len() {
        out.extend_from_slice(&rest[..stop]);
        write_escape(out, rest[stop]);
        rest = &rest[stop + 1..];
        stop = string_stop(rest, 0);
    }
    out.extend_from_slice(rest);
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        other => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[HEX[usize::from(other >> 4)], HEX[usize::from(other & 15)]]);
        }
    }
}

impl Encode for str {
    fn encode(&self, out: &mut Vec<u8>) {
        write_string(out, self);
    }
}

impl Encode for String {
    fn encode(&self, out: &mut Vec<u8>) {
        write_string(out, self);
    }
}
