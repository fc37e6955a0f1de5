//! Numbers: clients write them as integers, big integers, decimal fractions or doubles; they are written as integers
//! and decimal fractions, which every client prints as they are.

use super::reader::{Fault, Reader, major};
use super::writer::{put_array, put_bytes, put_head, put_int, put_tag};
use types::{Number, NumberError};

const TAG_POSITIVE: u64 = 2;
const TAG_NEGATIVE: u64 = 3;
const TAG_DECIMAL: u64 = 4;
/// Longer big integers are above every number there is.
const BIG_BYTES_MAX: usize = 64;

/// What was read: a number, or what is wrong with it and how it looks.
pub type Read = Result<Number, (NumberError, String)>;

/// Reads a number of any form.
///
/// # Errors
/// When no number is there.
pub fn read(reader: &mut Reader<'_>) -> Result<Read, Fault> {
    let head = reader.peek()?;
    let text = match head.major {
        major::SIMPLE => shortest(reader.float()?),
        major::TAG => match reader.clone().tag()? {
            TAG_DECIMAL => decimal(reader)?,
            _ => integer(reader)?,
        },
        _ => integer(reader)?,
    };
    Ok(Number::parse(&text).map_err(|error| (error, text)))
}

/// The shortest decimal that is read as the same double: what the client began with.
fn shortest(value: f64) -> String {
    if value.is_finite() { format!("{value:e}") } else { "NaN".to_owned() }
}

fn decimal(reader: &mut Reader<'_>) -> Result<String, Fault> {
    reader.tag()?;
    reader.array_of(2)?;
    let exponent = reader.int()?;
    Ok(format!("{}e{exponent}", integer(reader)?))
}

/// The digits of an integer of any size.
fn integer(reader: &mut Reader<'_>) -> Result<String, Fault> {
    let head = reader.peek()?;
    match (head.major, head.argument) {
        (major::UNSIGNED, Some(value)) => {
            reader.skip()?;
            Ok(value.to_string())
        }
        (major::NEGATIVE, Some(value)) => {
            reader.skip()?;
            Ok((-1 - i128::from(value)).to_string())
        }
        (major::TAG, _) => big_integer(reader),
        _ => Err(Fault::OtherType),
    }
}

fn big_integer(reader: &mut Reader<'_>) -> Result<String, Fault> {
    let tag = reader.tag()?;
    let bytes = reader.bytes()?;
    let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    if significant.len() > BIG_BYTES_MAX {
        return Ok("1e999".to_owned());
    }
    let mut magnitude = significant.to_vec();
    match tag {
        TAG_POSITIVE => Ok(to_decimal(magnitude)),
        TAG_NEGATIVE => {
            add_one(&mut magnitude);
            Ok(format!("-{}", to_decimal(magnitude)))
        }
        _ => Err(Fault::OtherType),
    }
}

/// Big-endian bytes plus one.
fn add_one(bytes: &mut Vec<u8>) {
    for byte in bytes.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            return;
        }
    }
    bytes.insert(0, 1);
}

/// Big-endian bytes minus one; they are above zero.
fn subtract_one(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().rev() {
        *byte = byte.wrapping_sub(1);
        if *byte != 0xff {
            return;
        }
    }
}

fn to_decimal(mut bytes: Vec<u8>) -> String {
    let mut digits = Vec::new();
    while bytes.iter().any(|byte| *byte != 0) {
        let mut remainder = 0;
        for byte in &mut bytes {
            let value = remainder << 8 | u32::from(*byte);
            (*byte, remainder) = ((value / 10) as u8, value % 10);
        }
        digits.push(char::from(b'0' + remainder as u8));
    }
    if digits.is_empty() { "0".to_owned() } else { digits.into_iter().rev().collect() }
}

fn from_decimal(digits: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new(); // the least significant first
    for digit in digits {
        let mut carry = u32::from(digit - b'0');
        for byte in &mut bytes {
            let value = u32::from(*byte) * 10 + carry;
            (*byte, carry) = (value as u8, value >> 8);
        }
        if carry > 0 {
            bytes.push(carry as u8);
        }
    }
    bytes.reverse();
    bytes
}

/// Appends a number: an integer where it is whole, otherwise a decimal fraction.
pub fn put(out: &mut Vec<u8>, canonical: &[u8]) {
    let mut text = Vec::with_capacity(48);
    types::number::write_decimal(&mut text, canonical);
    let (is_negative, text) = match text.strip_prefix(b"-") {
        Some(magnitude) => (true, magnitude),
        None => (false, &text[..]),
    };
    let Some(point) = text.iter().position(|byte| *byte == b'.') else {
        return put_integer(out, is_negative, text);
    };
    let (whole, fraction) = (&text[..point], &text[point + 1..]);
    put_tag(out, TAG_DECIMAL);
    put_array(out, 2);
    put_int(out, -(fraction.len() as i64));
    let digits = [whole, fraction].concat();
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    put_integer(out, is_negative, &digits[zeros..]);
}

/// Appends the integer with these digits.
fn put_integer(out: &mut Vec<u8>, is_negative: bool, digits: &[u8]) {
    let magnitude = digits
        .iter()
        .take(20)
        .try_fold(0u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    match magnitude.filter(|_| digits.len() <= 20) {
        Some(value) if !is_negative => put_head(out, major::UNSIGNED, value),
        Some(value) => put_head(out, major::NEGATIVE, value - 1),
        None => put_big(out, is_negative, from_decimal(digits)),
    }
}

fn put_big(out: &mut Vec<u8>, is_negative: bool, mut bytes: Vec<u8>) {
    if is_negative {
        subtract_one(&mut bytes);
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    if bytes.len() - zeros <= 8 {
        let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        return put_head(out, if is_negative { major::NEGATIVE } else { major::UNSIGNED }, value);
    }
    put_tag(out, if is_negative { TAG_NEGATIVE } else { TAG_POSITIVE });
    put_bytes(out, &bytes[zeros..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes_of(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, Number::parse(text).unwrap().as_bytes());
        out
    }

    #[test]
    fn whole_numbers_are_integers_and_others_decimal_fractions() {
        for (text, bytes) in [
            ("0", &[0][..]),
            ("-1", &[0x20]),
            ("100", &[0x18, 100]),
            ("-12.5", &[0xc4, 0x82, 0x20, 0x38, 0x7c]),
            ("0.05", &[0xc4, 0x82, 0x21, 5]),
            ("18446744073709551615", &[0x1b, 255, 255, 255, 255, 255, 255, 255, 255]),
            ("-18446744073709551616", &[0x3b, 255, 255, 255, 255, 255, 255, 255, 255]),
            ("18446744073709551616", &[0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("-18446744073709551617", &[0xc3, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            assert_eq!(bytes_of(text), bytes, "{text}");
        }
    }

    #[test]
    fn doubles_are_the_decimals_that_they_came_from() {
        for (value, text) in
            [(0.1, "0.1"), (3.25, "3.25"), (1e21, "1000000000000000000000"), (5e-7, "0.0000005")]
        {
            let mut bytes = vec![0xfb];
            bytes.extend_from_slice(&f64::to_bits(value).to_be_bytes());
            assert_eq!(read(&mut Reader::new(&bytes)).unwrap().unwrap().to_string(), text);
        }
        let nan = [0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0];
        assert!(matches!(read(&mut Reader::new(&nan)), Ok(Err((NumberError::Malformed, _)))));
    }

    #[test]
    fn numbers_without_bounds_are_refused() {
        for bytes in [
            &[0xc4, 0x82, 0x1b, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1][..],
            &[0xc4, 0x82, 0x18, 0x7e, 1],
        ] {
            assert!(matches!(read(&mut Reader::new(bytes)), Ok(Err(_))), "{bytes:x?}");
        }
        let mut big = vec![0xc2, 0x59, 0x10, 0];
        big.extend(std::iter::repeat_n(0xff, 4096));
        assert!(matches!(read(&mut Reader::new(&big)), Ok(Err((NumberError::Overflow, _)))));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(digits in "[1-9][0-9]{0,37}", exponent in -120i32..80, negative: bool) {
            let sign = if negative { "-" } else { "" };
            if let Ok(number) = Number::parse(&format!("{sign}{digits}e{exponent}")) {
                let mut out = Vec::new();
                put(&mut out, number.as_bytes());
                let mut reader = Reader::new(&out);
                prop_assert_eq!(read(&mut reader), Ok(Ok(number)));
                prop_assert!(reader.is_at_end());
            }
        }
    }
}
