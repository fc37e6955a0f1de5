//! The pull reader: tokens of one body, front to back. Tracks position and depth; independent of shapes.

use super::scan;
use super::{Decode, DecodeError};
use std::borrow::Cow;
use stdx::limits::JSON_DEPTH_MAX;
use types::Type;

/// Elements of lists and maps of structures that are read in one body; a body with more is refused without a
/// message. Far above every limit of the API. (Attribute values are not counted: their bytes bound them.)
const ELEMENTS_MAX: usize = 100_000;

/// Reads a body from front to back.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The body, checked to be UTF-8 once for all strings in it.
    text: &'a str,
    at: usize,
    /// Objects and arrays that are open.
    depth: usize,
    /// The innermost open object or array has been opened and none of its content read.
    fresh: bool,
    /// Elements of lists and maps so far.
    elements: usize,
    /// Buffers that attribute values are built in, kept from one to the next.
    pub(crate) buffers: crate::attribute::Buffers,
}

/// What kind of value begins at the reader's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `"`
    String,
    /// A digit or a minus sign.
    Number,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
}

impl<'a> Reader<'a> {
    /// At the start of a body. One that is not UTF-8 is read as an empty one: neither is JSON.
    pub fn new(body: &'a [u8]) -> Self {
        Reader {
            text: std::str::from_utf8(body).unwrap_or_default(),
            at: 0,
            depth: 0,
            fresh: false,
            elements: 0,
            buffers: crate::attribute::Buffers::take(),
        }
    }

    /// The kind of the next value; skips the white space before it.
    #[inline]
    pub fn peek(&mut self) -> Result<Token, DecodeError> {
        match self.next_visible()? {
            b'{' => Ok(Token::Object),
            b'[' => Ok(Token::Array),
            b'"' => Ok(Token::String),
            b'-' | b'0'..=b'9' => Ok(Token::Number),
            b't' => Ok(Token::True),
            b'f' => Ok(Token::False),
            b'n' => Ok(Token::Null),
            _ => Err(DecodeError::Syntax),
        }
    }

    /// Enters the object or array that [`Reader::peek`] has seen.
    #[inline]
    pub fn open(&mut self) -> Result<(), DecodeError> {
        self.at += 1;
        self.depth += 1;
        self.fresh = true;
        if self.depth > JSON_DEPTH_MAX { Err(DecodeError::Type(String::new())) } else { Ok(()) }
    }

    /// The name of the next member of the open object, or `None` at its end, which it leaves. The value must
    /// be read or skipped before the next call.
    #[inline]
    pub fn next_member(&mut self) -> Result<Option<Cow<'a, str>>, DecodeError> {
        if let Some(name) = self.plain_member() {
            return Ok(Some(Cow::Borrowed(name)));
        }
        if !self.next_in_container(b'}')? {
            self.depth -= 1;
            return Ok(None);
        }
        self.member_name().map(Some)
    }

    /// The name of the next member in its usual form: without escapes, at most one space around it. Any other
    /// spelling is left unread.
    #[inline]
    fn plain_member(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let quote =
            if self.fresh { self.at } else { self.at + 1 + usize::from(is_at(bytes, self.at + 1, b' ')) };
        if !is_at(bytes, quote, b'"') || !(self.fresh || bytes[self.at] == b',') {
            return None;
        }
        let stop = scan::string_stop(bytes, quote + 1);
        if bytes.get(stop..stop + 2)? != b"\":" {
            return None;
        }
        self.fresh = false;
        self.at = stop + 2 + usize::from(is_at(bytes, stop + 2, b' '));
        Some(&self.text[quote + 1..stop])
    }

    /// Whether the open array has another element, which must then be read or skipped; leaves it at its end.
    pub fn next_element(&mut self) -> Result<bool, DecodeError> {
        let more = self.next_in_container(b']')?;
        self.depth -= usize::from(!more);
        Ok(more)
    }

    /// The string that [`Reader::peek`] has seen; copied only if it has escapes.
    #[inline]
    pub fn string(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let start = self.at + 1;
        let stop = scan::string_stop(self.text.as_bytes(), start);
        match self.text.as_bytes().get(stop) {
            Some(b'"') => {
                self.at = stop + 1;
                Ok(Cow::Borrowed(&self.text[start..stop]))
            }
            Some(b'\\') => self.escaped_string(start, stop),
            _ => Err(DecodeError::Syntax),
        }
    }

    /// Type and text of an attribute value in its usual form: an object with one member S or N and nothing
    /// else, a string without escapes, at most one space before it. Any other spelling is left unread.
    #[inline]
    pub(crate) fn plain_value(&mut self) -> Option<(Type, &'a str)> {
        let bytes = self.text.as_bytes();
        let kind = match bytes.get(self.at..self.at + 5)? {
            br#"{"S":"# => Type::S,
            br#"{"N":"# => Type::N,
            _ => return None,
        };
        let quote = self.at + 5 + usize::from(is_at(bytes, self.at + 5, b' '));
        if !is_at(bytes, quote, b'"') || self.depth >= JSON_DEPTH_MAX {
            return None;
        }
        let stop = scan::string_stop(bytes, quote + 1);
        if bytes.get(stop..stop + 2)? != b"\"}" {
            return None;
        }
        self.at = stop + 2;
        Some((kind, &self.text[quote + 1..stop]))
    }

    #[cold]
    fn escaped_string(&mut self, start: usize, stop: usize) -> Result<Cow<'a, str>, DecodeError> {
        let (text, end) = super::text::read_escaped(self.text, start, stop)?;
        self.at = end;
        Ok(Cow::Owned(text))
    }

    /// The number that [`Reader::peek`] has seen, as written.
    pub fn number(&mut self) -> Result<&'a str, DecodeError> {
        let end = scan::number_end(self.text.as_bytes(), self.at).ok_or(DecodeError::Syntax)?;
        let number = &self.text[self.at..end];
        self.at = end;
        Ok(number)
    }

    /// The word that [`Reader::peek`] has seen: `true`, `false` or `null`.
    pub fn literal(&mut self, word: &str) -> Result<(), DecodeError> {
        if !self.text[self.at..].starts_with(word) {
            return Err(DecodeError::Syntax);
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads over a `null`, if that is what comes next.
    #[inline]
    pub fn null(&mut self) -> Result<bool, DecodeError> {
        let is_null = self.peek()? == Token::Null;
        if is_null {
            self.literal("null")?;
        }
        Ok(is_null)
    }

    /// A member of a structure: `null` counts as an absent member.
    pub fn optional<T: Decode>(&mut self) -> Result<Option<T>, DecodeError> {
        if self.null()? { Ok(None) } else { T::decode(self).map(Some) }
    }

    /// An element of a list or a value of a map.
    pub fn element<T: Decode>(&mut self) -> Result<T, DecodeError> {
        if self.null()? { T::absent_element() } else { T::decode_element(self) }
    }

    /// To be called for every element that is kept.
    pub(crate) fn count_element(&mut self) -> Result<(), DecodeError> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX { Err(DecodeError::Type(String::new())) } else { Ok(()) }
    }

    /// Reads over one value of any type, checking its syntax. Returns how many objects and arrays enclose its
    /// deepest part.
    pub fn skip(&mut self) -> Result<usize, DecodeError> {
        self.skip_to_depth(JSON_DEPTH_MAX.saturating_sub(self.depth))
    }

    /// As [`Reader::skip`], with a limit of its own. A loop, not a recursion.
    pub(crate) fn skip_to_depth(&mut self, limit: usize) -> Result<usize, DecodeError> {
        let (mut open, mut deepest) = (Vec::new(), 0);
        loop {
            if let Some(close) = self.skip_start()? {
                open.push(close);
                deepest = deepest.max(open.len());
                if open.len() > limit {
                    return Err(DecodeError::Type(String::new()));
                }
                self.fresh = true;
            }
            loop {
                let Some(&close) = open.last() else { return Ok(deepest) };
                if self.next_in_container(close)? {
                    if close == b'}' {
                        self.member_name()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    /// Only white space may follow.
    pub fn end(&mut self) -> Result<(), DecodeError> {
        match self.next_visible() {
            Err(_) if self.at == self.text.len() => Ok(()),
            _ => Err(DecodeError::Syntax),
        }
    }

    /// Reads a scalar, or the opening bracket of a container whose closing one is returned.
    fn skip_start(&mut self) -> Result<Option<u8>, DecodeError> {
        match self.peek()? {
            Token::Object => return Ok(Some(self.pass(b'}'))),
            Token::Array => return Ok(Some(self.pass(b']'))),
            Token::String => drop(self.string()?),
            Token::Number => drop(self.number()?),
            Token::True => self.literal("true")?,
            Token::False => self.literal("false")?,
            Token::Null => self.literal("null")?,
        }
        Ok(None)
    }

    fn pass(&mut self, close: u8) -> u8 {
        self.at += 1;
        close
    }

    /// Moves to the next member or element; `false` past the closing bracket.
    #[inline]
    fn next_in_container(&mut self, close: u8) -> Result<bool, DecodeError> {
        let fresh = std::mem::take(&mut self.fresh);
        let byte = self.next_visible()?;
        if byte == close {
            self.at += 1;
            return Ok(false);
        }
        if fresh {
            return Ok(true);
        }
        if byte != b',' {
            return Err(DecodeError::Syntax);
        }
        self.at += 1;
        Ok(true)
    }

    #[inline]
    fn member_name(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        if self.next_visible()? != b'"' {
            return Err(DecodeError::Syntax);
        }
        let name = self.string()?;
        if self.next_visible()? != b':' {
            return Err(DecodeError::Syntax);
        }
        self.at += 1;
        Ok(name)
    }

    #[inline]
    fn next_visible(&mut self) -> Result<u8, DecodeError> {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(DecodeError::Syntax)
    }
}

#[inline]
fn is_at(bytes: &[u8], at: usize, byte: u8) -> bool {
    bytes.get(at) == Some(&byte)
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        std::mem::take(&mut self.buffers).put_back();
    }
}
