//! Numbers as sort keys of DAX: bytes that sort as the numbers do.
//!
//! With |value| = 0.d1d2d3… · 10^E and d1 not 0: a header that sorts by sign and E, then the digits in groups of three,
//! each a code of ten bits, then a code that says how many digits the last group has. Zero is one byte.

use super::reader::Fault;
use types::Number;

const ZERO: u8 = 0x80;
/// What one byte has room for.
const SHORT_EXPONENTS: std::ops::Range<i32> = -62..62;
const CODE_BITS: u32 = 10;
/// Groups of numbers of 38 digits and more zeros than an exponent allows.
const GROUPS_MAX: usize = 128;

/// Appends the number with this canonical form. All digits in front of the point are written, so that clients print
/// them as digits.
pub(crate) fn put(out: &mut Vec<u8>, canonical: &[u8]) {
    let mut text = Vec::with_capacity(48);
    types::number::write_decimal(&mut text, canonical);
    let (is_negative, text) = match text.strip_prefix(b"-") {
        Some(magnitude) => (true, magnitude),
        None => (false, &text[..]),
    };
    let point = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
    let all: Vec<u8> = text.iter().filter(|byte| **byte != b'.').map(|byte| byte - b'0').collect();
    let zeros = all.iter().take_while(|digit| **digit == 0).count();
    let digits = &all[zeros..];
    if digits.is_empty() {
        return out.push(ZERO);
    }
    put_header(out, is_negative, point as i32 - zeros as i32);
    put_codes(out, is_negative, digits);
}

fn put_header(out: &mut Vec<u8>, is_negative: bool, exponent: i32) {
    if SHORT_EXPONENTS.contains(&exponent) {
        return out.push(if is_negative { 0x3f - exponent } else { 0xc0 + exponent } as u8);
    }
    let is_large = exponent > 0;
    let (first, mask) = match (is_negative, is_large) {
        (false, true) => (0xfe, 0x8000_0000),
        (false, false) => (0x81, 0x8000_0000),
        (true, true) => (0x01, 0x7fff_ffff),
        (true, false) => (0x7e, 0x7fff_ffff),
    };
    out.push(first);
    out.extend_from_slice(&(exponent as u32 ^ mask).to_be_bytes());
}

fn put_codes(out: &mut Vec<u8>, is_negative: bool, digits: &[u8]) {
    let (mut pending, mut bits) = (0u32, 0);
    let mut push = |code: u32| {
        (pending, bits) = (pending << CODE_BITS | code, bits + CODE_BITS);
        while bits >= 8 {
            bits -= 8;
            out.push((pending >> bits) as u8);
        }
        pending &= (1 << bits) - 1;
    };
    for group in digits.chunks(3) {
        let padded = (0..3).fold(0, |value, at| value * 10 + u32::from(group.get(at).copied().unwrap_or(0)));
        push(if is_negative { 1011 - padded } else { padded + 12 });
    }
    let significant = (digits.len() as u32 - 1) % 3;
    push(if is_negative { 1023 - significant } else { significant });
    if bits > 0 {
        out.push((pending << (8 - bits)) as u8);
    }
}

/// The number behind bytes, which it takes whole.
pub(crate) fn read(bytes: &[u8]) -> Result<Number, Fault> {
    let (first, rest) = bytes.split_first().ok_or(Fault::CutOff)?;
    let (is_negative, exponent, codes) = match *first {
        ZERO | 0x7f if rest.is_empty() => return Ok(Number::ZERO),
        0x02..=0x7d => (true, 0x3f - i32::from(*first), rest),
        0x82..=0xfd => (false, i32::from(*first) - 0xc0, rest),
        0xfe | 0x81 => long_exponent(rest, 0x8000_0000).map(|(exponent, rest)| (false, exponent, rest))?,
        0x01 | 0x7e => long_exponent(rest, 0x7fff_ffff).map(|(exponent, rest)| (true, exponent, rest))?,
        _ => return Err(Fault::NotCbor),
    };
    let digits = read_codes(is_negative, codes)?;
    let sign = if is_negative { "-" } else { "" };
    Number::parse(&format!("{sign}0.{digits}e{exponent}")).map_err(|_| Fault::TooLarge)
}

fn long_exponent(rest: &[u8], mask: u32) -> Result<(i32, &[u8]), Fault> {
    let (exponent, rest) = rest.split_first_chunk().ok_or(Fault::CutOff)?;
    Ok(((u32::from_be_bytes(*exponent) ^ mask) as i32, rest))
}

fn read_codes(is_negative: bool, bytes: &[u8]) -> Result<String, Fault> {
    let mut digits = String::new();
    for at in 0..GROUPS_MAX {
        let code = code_at(bytes, at)?;
        let code = if is_negative { 1023 - code } else { code };
        match code {
            0..3 if !digits.is_empty() => {
                let surplus = 2 - code as usize;
                if (at + 1) * CODE_BITS as usize + 7 < bytes.len() * 8 {
                    return Err(Fault::Surplus);
                }
                digits.truncate(digits.len() - surplus);
                return Ok(digits);
            }
            12..1012 => digits.push_str(&format!("{:03}", code - 12)),
            _ => return Err(Fault::NotCbor),
        }
    }
    Err(Fault::TooLarge)
}

/// The code at a position: bits outside the bytes are missing.
fn code_at(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    let bit = at * CODE_BITS as usize;
    let pair = bytes.get(bit / 8..bit / 8 + 2).ok_or(Fault::CutOff)?;
    let pair = u32::from(pair[0]) << 8 | u32::from(pair[1]);
    Ok(pair >> (16 - CODE_BITS as usize - bit % 8) & 0x3ff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    fn bytes_of(number: Number) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, number.as_bytes());
        out
    }

    #[test]
    fn published_examples() {
        for (text, bytes) in [
            ("0", &[0x80][..]),
            ("1", &[0xc1, 0x1c, 0, 0]),
            ("-1", &[0x3e, 0xe3, 0xff, 0xf0]),
            ("0.5", &[0xc0, 0x80, 0, 0]),
            ("1000", &[0xc4, 0x1c, 0, 0xc0, 0]),
            ("-1.5", &[0x3e, 0xd7, 0x7f, 0xe0]),
        ] {
            assert_eq!(bytes_of(number(text)), bytes, "{text}");
            assert_eq!(read(bytes), Ok(number(text)), "{text}");
        }
    }

    #[test]
    fn other_bytes_are_no_number() {
        for bytes in
            [&[][..], &[0], &[0xff], &[0xc1], &[0xc1, 0x1c], &[0xfe, 0], &[0xc1, 0, 0, 0], &[0x80, 0]]
        {
            assert!(read(bytes).is_err(), "{bytes:x?}");
        }
        assert_eq!(read(&[0xc1; 1000]), Err(Fault::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_sorts(
            (a, b) in (-1_000_000_000i64..1_000_000_000, -1_000_000_000i64..1_000_000_000),
            (ea, eb) in (-110i32..110, -110i32..110),
        ) {
            let (a, b) = (number(&format!("{a}e{ea}")), number(&format!("{b}e{eb}")));
            prop_assert_eq!(read(&bytes_of(a)), Ok(a));
            prop_assert_eq!(bytes_of(a).cmp(&bytes_of(b)), a.cmp(&b));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            _ = read(&bytes);
        }
    }
}
