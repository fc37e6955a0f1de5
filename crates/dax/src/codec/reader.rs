//! A cursor over CBOR that is there as a whole. Strings are borrowed; strings in pieces are refused, which no client
//! sends.

use super::scanner::Scanner;

/// What is wrong with bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// They end inside a value.
    #[error("the value is cut off")]
    CutOff,
    /// Another type of value is wanted here.
    #[error("another type of value is expected")]
    OtherType,
    /// They are no CBOR.
    #[error("this is no CBOR")]
    NotCbor,
    /// Nested too deeply.
    #[error("the values are nested too deeply")]
    TooDeep,
    /// More than the protocol has room for.
    #[error("the value is too large")]
    TooLarge,
    /// Bytes follow behind the end.
    #[error("there are more values than expected")]
    Surplus,
}

/// The eight kinds of values.
pub(crate) mod major {
    pub(crate) const UNSIGNED: u8 = 0;
    pub(crate) const NEGATIVE: u8 = 1;
    pub(crate) const BYTES: u8 = 2;
    pub(crate) const TEXT: u8 = 3;
    pub(crate) const ARRAY: u8 = 4;
    pub(crate) const MAP: u8 = 5;
    pub(crate) const TAG: u8 = 6;
    pub(crate) const SIMPLE: u8 = 7;
}

/// The first byte of a break.
pub(crate) const BREAK: u8 = 0xff;
const NULL: u8 = 0xf6;

/// What a value begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) major: u8,
    /// The lower five bits of the first byte.
    pub(crate) info: u8,
    /// The number that follows; `None` for an indefinite length.
    pub(crate) argument: Option<u64>,
    /// The bytes of the head.
    pub(crate) len: usize,
}

impl Head {
    /// The head at the start of `bytes`.
    #[inline]
    pub(crate) fn read(bytes: &[u8]) -> Result<Head, Fault> {
        let first = *bytes.first().ok_or(Fault::CutOff)?;
        let (major, info) = (first >> 5, first & 0x1f);
        let argument = match info {
            0..24 => Some(u64::from(info)),
            24 => Some(u64::from(u8::from_be_bytes(wide(bytes)?))),
            25 => Some(u64::from(u16::from_be_bytes(wide(bytes)?))),
            26 => Some(u64::from(u32::from_be_bytes(wide(bytes)?))),
            27 => Some(u64::from_be_bytes(wide(bytes)?)),
            31 if !matches!(major, major::UNSIGNED | major::NEGATIVE | major::TAG) => None,
            _ => return Err(Fault::NotCbor),
        };
        let width = if matches!(info, 24..28) { 1 << (info - 24) } else { 0 };
        Ok(Head { major, info, argument, len: 1 + width })
    }
}

/// The digits of a number behind the first byte.
#[inline]
fn wide<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    bytes[1..].first_chunk().copied().ok_or(Fault::CutOff)
}

/// How many elements are left of an array or a map.
#[derive(Debug, Clone, Copy)]
pub struct Left(Option<u64>);

impl Left {
    /// How many are announced; `None` where a break ends them.
    pub fn announced(self) -> Option<u64> {
        self.0
    }

    /// Whether there is another element; takes the break behind the last one.
    pub fn next(&mut self, reader: &mut Reader<'_>) -> Result<bool, Fault> {
        match &mut self.0 {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None => Ok(!reader.take_break()?),
        }
    }
}

/// A cursor.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// At the start of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes }
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether everything has been read.
    pub fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Refuses bytes that have not been read.
    pub fn end(&self) -> Result<(), Fault> {
        if self.is_at_end() { Ok(()) } else { Err(Fault::Surplus) }
    }

    pub(crate) fn peek(&self) -> Result<Head, Fault> {
        Head::read(self.bytes)
    }

    fn take_head(&mut self, major: u8) -> Result<Option<u64>, Fault> {
        let head = self.peek()?;
        if head.major != major {
            return Err(Fault::OtherType);
        }
        self.bytes = &self.bytes[head.len..];
        Ok(head.argument)
    }

    fn take_simple(&mut self, first: u8) -> Result<bool, Fault> {
        let is_it = *self.bytes.first().ok_or(Fault::CutOff)? == first;
        self.bytes = &self.bytes[usize::from(is_it)..];
        Ok(is_it)
    }

    fn take_break(&mut self) -> Result<bool, Fault> {
        self.take_simple(BREAK)
    }

    /// Whether a null is next, which is taken.
    pub fn take_null(&mut self) -> Result<bool, Fault> {
        self.take_simple(NULL)
    }

    /// An integer.
    pub fn int(&mut self) -> Result<i64, Fault> {
        let head = self.peek()?;
        let argument = head.argument.ok_or(Fault::OtherType)?;
        let value = match head.major {
            major::UNSIGNED => i64::try_from(argument),
            major::NEGATIVE => i64::try_from(argument).map(|value| -1 - value),
            _ => return Err(Fault::OtherType),
        };
        self.bytes = &self.bytes[head.len..];
        value.map_err(|_| Fault::TooLarge)
    }

    /// A truth value, or an integer in its place.
    pub fn bool(&mut self) -> Result<bool, Fault> {
        match self.bytes.first() {
            Some(0xf4 | 0xf5) => {
                let value = self.bytes[0] == 0xf5;
                self.bytes = &self.bytes[1..];
                Ok(value)
            }
            _ => self.int().map(|value| value != 0),
        }
    }

    /// A float of 64, 32 or 16 bits.
    pub(crate) fn float(&mut self) -> Result<f64, Fault> {
        let head = self.peek()?;
        let bits = head.argument.filter(|_| head.major == major::SIMPLE).ok_or(Fault::OtherType)?;
        let value = match head.info {
            25 => half(bits as u16),
            26 => f64::from(f32::from_bits(bits as u32)),
            27 => f64::from_bits(bits),
            _ => return Err(Fault::OtherType),
        };
        self.bytes = &self.bytes[head.len..];
        Ok(value)
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        self.string(major::BYTES)
    }

    /// A text.
    pub fn text(&mut self) -> Result<&'a str, Fault> {
        std::str::from_utf8(self.string(major::TEXT)?).map_err(|_| Fault::NotCbor)
    }

    /// A text; `None` for null.
    pub fn optional_text(&mut self) -> Result<Option<&'a str>, Fault> {
        if self.take_null()? { Ok(None) } else { self.text().map(Some) }
    }

    /// A byte string; `None` for null.
    pub fn optional_bytes(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        if self.take_null()? { Ok(None) } else { self.bytes().map(Some) }
    }

    fn string(&mut self, major: u8) -> Result<&'a [u8], Fault> {
        let len = self.take_head(major)?.ok_or(Fault::OtherType)?;
        let len = usize::try_from(len).map_err(|_| Fault::CutOff)?;
        let (string, rest) = self.bytes.split_at_checked(len).ok_or(Fault::CutOff)?;
        self.bytes = rest;
        Ok(string)
    }

    /// The beginning of an array.
    pub fn array(&mut self) -> Result<Left, Fault> {
        self.take_head(major::ARRAY).map(Left)
    }

    /// The beginning of a map, whose elements are a key and a value each.
    pub fn map(&mut self) -> Result<Left, Fault> {
        self.take_head(major::MAP).map(Left)
    }

    /// The beginning of an array of so many elements.
    pub fn array_of(&mut self, count: u64) -> Result<(), Fault> {
        if self.array()?.announced() == Some(count) { Ok(()) } else { Err(Fault::OtherType) }
    }

    /// A tag.
    pub(crate) fn tag(&mut self) -> Result<u64, Fault> {
        self.take_head(major::TAG)?.ok_or(Fault::NotCbor)
    }

    /// Takes a tag, where one is next.
    pub fn skip_tag(&mut self) -> Result<(), Fault> {
        if self.peek()?.major == major::TAG { self.tag().map(|_| ()) } else { Ok(()) }
    }

    /// One value of any kind, unread; what it was made of.
    pub fn skip(&mut self) -> Result<&'a [u8], Fault> {
        let mut scanner = Scanner::of_values(1);
        if !scanner.advance(self.bytes, |_| ())? {
            return Err(Fault::CutOff);
        }
        let (value, rest) = self.bytes.split_at(scanner.at());
        self.bytes = rest;
        Ok(value)
    }
}

/// IEEE 754's binary16.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (bits >> 10 & 0x1f, f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(i32::from(exponent) - 25),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_strings_are_read_from_the_front() {
        let mut reader = Reader::new(&[0x17, 0x18, 0x64, 0x38, 0x63, 0x43, 1, 2, 3, 0x61, b'a', 0xf5, 0xf6]);
        assert_eq!((reader.int(), reader.int(), reader.int()), (Ok(23), Ok(100), Ok(-100)));
        assert_eq!((reader.bytes(), reader.text()), (Ok(&[1u8, 2, 3][..]), Ok("a")));
        assert_eq!((reader.bool(), reader.optional_text()), (Ok(true), Ok(None)));
        assert_eq!((reader.end(), reader.int()), (Ok(()), Err(Fault::CutOff)));
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let huge = [0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];
        assert_eq!(Reader::new(&huge).bytes(), Err(Fault::CutOff));
        assert_eq!(Reader::new(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]).skip(), Err(Fault::CutOff));
        assert_eq!(Reader::new(&[0x1c]).int(), Err(Fault::NotCbor));
        assert_eq!(Reader::new(&[0x62, 0xc3, 0x28]).text(), Err(Fault::NotCbor));
        assert_eq!(Reader::new(&[0x81; 100]).skip(), Err(Fault::TooDeep));
    }

    #[test]
    fn half_floats_are_floats() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 5.960_464_477_539_063e-8)]
        {
            assert_eq!(half(bits), value);
        }
    }
}
