//! DynamoDB's number: up to 38 significant digits, magnitude 1E-130 to 9.99…E+125, exact decimal.
//!
//! A [`Number`] holds its canonical bytes, which sort as the numbers do, so that the same bytes serve
//! equality, order, keys and items:
//!
//! | number | bytes |
//! |---|---|
//! | negative | `01`, 255 − biased exponent, per pair of digits 101 − (pair + 1), `FF` |
//! | zero | `02` |
//! | positive | `03`, biased exponent, per pair of digits pair + 1 |
//!
//! The value is 0.d₁d₂d₃… × 10^e with d₁ ≠ 0; the biased exponent is e + 129, which fills exactly one byte.
//! Digits go in pairs (an odd last digit is followed by 0); trailing zero digits are never kept.

mod decimal;

use decimal::Decimal;
use std::cmp::Ordering;
use std::fmt;

/// Significant digits a number may have.
pub const DIGITS_MAX: usize = 38;
/// Longest canonical form in bytes.
pub const NUMBER_BYTES_MAX: usize = 2 + DIGITS_MAX / 2 + 1;
const BIAS: i32 = 129;
const NEGATIVE: u8 = 1;
const ZERO: u8 = 2;
const POSITIVE: u8 = 3;

/// Why a text is no number, or a result cannot be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// The text does not have the form of a number.
    Malformed,
    /// The magnitude is above 9.99…E+125.
    Overflow,
    /// The magnitude is below 1E-130 and not zero.
    Underflow,
    /// More than 38 significant digits.
    TooManyDigits,
}

/// A number in its canonical form. `Eq`, `Ord` and `Hash` are those of the value.
#[derive(Clone, Copy)]
pub struct Number {
    len: u8,
    bytes: [u8; NUMBER_BYTES_MAX],
}

impl Number {
    /// Zero.
    pub const ZERO: Number = {
        let mut bytes = [0; NUMBER_BYTES_MAX];
        bytes[0] = ZERO;
        Number { len: 1, bytes }
    };

    /// Reads `[+-]digits[.digits][e[+-]digits]`, without white space. Linear in the text and bounded in
    /// memory whatever its length or exponent.
    pub fn parse(text: &str) -> Result<Number, NumberError> {
        Decimal::parse(text.as_bytes())?.pack()
    }

    /// The number behind canonical bytes, or `None` where they are not canonical.
    pub fn from_canonical(bytes: &[u8]) -> Option<Number> {
        if bytes.is_empty() || bytes.len() > NUMBER_BYTES_MAX {
            return None;
        }
        let mut number = Number { len: bytes.len() as u8, bytes: [0; NUMBER_BYTES_MAX] };
        number.bytes[..bytes.len()].copy_from_slice(bytes);
        let decimal = number.checked_unpack()?;
        let same = decimal.pack().ok()?;
        (same == number).then_some(number)
    }

    /// The number behind bytes this module has written and a checksum has guarded since.
    pub(crate) fn from_trusted(bytes: &[u8]) -> Number {
        let len = bytes.len().min(NUMBER_BYTES_MAX);
        let mut number = Number { len: len as u8, bytes: [0; NUMBER_BYTES_MAX] };
        number.bytes[..len].copy_from_slice(&bytes[..len]);
        number
    }

    /// The canonical bytes; they sort as the numbers do.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// DynamoDB's size: 1, plus a byte per two significant digits left and right of the point (each side
    /// rounded up), plus 1 for a negative sign. Zero is 1.
    pub fn size_bytes(&self) -> usize {
        size_bytes(self.as_bytes())
    }

    /// Appends the plain decimal form (no exponent, no needless zeros) to `out`.
    pub fn write_decimal(&self, out: &mut Vec<u8>) {
        write_decimal(out, self.as_bytes());
    }

    /// The exact sum.
    pub fn add(&self, other: &Number) -> Result<Number, NumberError> {
        Decimal::sum(self.unpack(), other.unpack())?.pack()
    }

    /// The exact difference.
    pub fn sub(&self, other: &Number) -> Result<Number, NumberError> {
        let mut other = other.unpack();
        other.negative = !other.negative;
        Decimal::sum(self.unpack(), other)?.pack()
    }

    fn unpack(&self) -> Decimal {
        self.checked_unpack().expect("a Number is built from canonical bytes only")
    }

    fn checked_unpack(&self) -> Option<Decimal> {
        let (negative, exponent, pairs) = parts(self.as_bytes())?;
        let mut d = Decimal { negative, digits: [0; DIGITS_MAX], count: 0, exponent };
        if 2 * pairs.len() > DIGITS_MAX {
            return None;
        }
        for (digits, byte) in d.digits.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
            let pair = pair_of(*byte, negative)?;
            *digits = [pair / 10, pair % 10];
        }
        d.count = digit_count(negative, pairs);
        Some(d)
    }
}

/// Of canonical bytes: whether the number is negative, the exponent, and the pairs of digits as they are stored;
/// none for zero.
#[inline]
fn parts(bytes: &[u8]) -> Option<(bool, i32, &[u8])> {
    let (negative, biased, pairs) = match bytes {
        [POSITIVE, biased, pairs @ ..] => (false, *biased, pairs),
        [NEGATIVE, flipped, pairs @ .., _] => (true, 255 - flipped, pairs),
        [ZERO] => return Some((false, 0, &[])),
        _ => return None,
    };
    Some((negative, i32::from(biased) - BIAS, pairs))
}

fn trusted_parts(bytes: &[u8]) -> (bool, i32, &[u8]) {
    parts(bytes).expect("numbers are stored in their canonical form")
}

/// The two digits behind a byte, as a number below 100.
#[inline]
fn pair_of(byte: u8, negative: bool) -> Option<u8> {
    let pair = if negative { 100u8.wrapping_sub(byte) } else { byte.wrapping_sub(1) };
    (pair < 100).then_some(pair)
}

/// How many digits are in these pairs: the last of an odd number is followed by 0.
#[inline]
fn digit_count(negative: bool, pairs: &[u8]) -> usize {
    let last = pairs.last().and_then(|last| pair_of(*last, negative));
    2 * pairs.len() - usize::from(last.is_some_and(|pair| pair % 10 == 0))
}

/// The number behind canonical bytes without its fraction, such as an epoch second; `None` for a negative one and for
/// one that does not fit.
pub fn to_whole(bytes: &[u8]) -> Option<u64> {
    let (negative, exponent, pairs) = trusted_parts(bytes);
    if pairs.is_empty() {
        return Some(0);
    }
    if negative {
        return None;
    }
    let places = exponent.max(0) as usize;
    (0..places).try_fold(0u64, |value, at| {
        let pair = pairs.get(at / 2).and_then(|byte| pair_of(*byte, negative)).unwrap_or(0);
        let digit = if at % 2 == 0 { pair / 10 } else { pair % 10 };
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// [`Number::size_bytes`] of canonical bytes.
pub(crate) fn size_bytes(bytes: &[u8]) -> usize {
    let (negative, exponent, pairs) = trusted_parts(bytes);
    let count = digit_count(negative, pairs);
    let integer = (exponent.max(0) as usize).min(count);
    1 + integer.div_ceil(2) + (count - integer).div_ceil(2) + usize::from(negative)
}

/// [`Number::write_decimal`] of canonical bytes: for writers, which need no [`Number`] in between.
pub fn write_decimal(out: &mut Vec<u8>, bytes: &[u8]) {
    let (negative, exponent, pairs) = trusted_parts(bytes);
    if pairs.is_empty() {
        return out.push(b'0');
    }
    let mut text = [b'0'; DIGITS_MAX];
    for (digits, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
        let pair = pair_of(*byte, negative).unwrap_or_default();
        *digits = [b'0' + pair / 10, b'0' + pair % 10];
    }
    let digits = &text[..digit_count(negative, pairs).min(DIGITS_MAX)];
    if negative {
        out.push(b'-');
    }
    if exponent <= 0 {
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', exponent.unsigned_abs() as usize));
        return out.extend_from_slice(digits);
    }
    match digits.split_at_checked(exponent as usize) {
        Some((integer, fraction @ [_, ..])) => {
            out.extend_from_slice(integer);
            out.push(b'.');
            out.extend_from_slice(fraction);
        }
        _ => {
            out.extend_from_slice(digits);
            out.extend(std::iter::repeat_n(b'0', exponent as usize - digits.len()));
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
impl Eq for Number {}
impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}
impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.write_decimal(&mut text);
        f.write_str(std::str::from_utf8(&text).expect("a decimal is ASCII"))
    }
}
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Number::parse(&value.to_string()).expect("an integer of 64 bits has at most 19 digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_the_normal_form() {
        for (text, normal) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.000", "0"),
            ("1.500", "1.5"),
            ("1E3", "1000"),
            ("+5", "5"),
            ("1e2", "100"),
            ("-42", "-42"),
            ("3.14159", "3.14159"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.0000001", "0.0000001"),
            ("100.5", "100.5"),
            ("0012", "12"),
            ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ] {
            assert_eq!(Number::parse(text).unwrap().to_string(), normal, "{text}");
        }
        assert_eq!(Number::parse("1E125").unwrap().to_string().len(), 126);
        assert_eq!(Number::parse("1E-130").unwrap().to_string(), format!("0.{}1", "0".repeat(129)));
    }

    #[test]
    fn refuses_with_the_reason() {
        use NumberError::*;
        for (text, error) in [
            ("", Malformed),
            ("-", Malformed),
            ("1 ", Malformed),
            ("1e", Malformed),
            ("1..2", Malformed),
            ("abc", Malformed),
            ("NaN", Malformed),
            ("1e1.5", Malformed),
            ("1E126", Overflow),
            ("1E-131", Underflow),
            ("0e126", Overflow),
            ("0e-131", Underflow),
            ("1e2147483648", Overflow),
            ("1e-2147483649", Underflow),
            ("1e99999999999999999999", Malformed),
            ("123456789012345678901234567890123456789", TooManyDigits),
        ] {
            assert_eq!(Number::parse(text), Err(error), "{text}");
        }
        assert!(Number::parse("1234567890123456789012345678901234567800").is_ok());
        assert!(Number::parse(&"9".repeat(100_000)).is_err());
    }

    #[test]
    fn sizes_are_dynamodbs() {
        for (text, size) in [
            ("0", 1),
            ("-0", 1),
            ("42", 2),
            ("-42", 3),
            ("123456", 4),
            ("3.14159", 5),
            ("1E125", 2),
            ("0.0000001", 2),
            ("1200", 2),
            ("100.5", 4),
        ] {
            assert_eq!(Number::parse(text).unwrap().size_bytes(), size, "{text}");
        }
    }

    #[test]
    fn arithmetic_is_exact_or_refused() {
        let n = |t: &str| Number::parse(t).unwrap();
        for (a, b, sum) in [
            ("1", "2", "3"),
            ("0.1", "0.2", "0.3"),
            ("5", "-5", "0"),
            ("1", "-0.01", "0.99"),
            ("99", "1", "100"),
            ("-1", "-1", "-2"),
            ("1E-130", "1E-130", &n("2E-130").to_string()),
            ("9.5", "-10", "-0.5"),
        ] {
            assert_eq!(n(a).add(&n(b)).unwrap().to_string(), sum, "{a} + {b}");
        }
        assert_eq!(n("1E125").add(&n("1")), Err(NumberError::TooManyDigits));
        assert_eq!(n("9E125").add(&n("9E125")), Err(NumberError::Overflow));
        assert_eq!(n("10").sub(&n("3")).unwrap(), n("7"));
    }

    proptest::proptest! {
        #[test]
        fn bytes_sort_as_numbers(a in -1_000_000_000i64..1_000_000_000, b in -1_000_000_000i64..1_000_000_000, ea in -3i32..3, eb in -3i32..3) {
            let (x, y) = (Number::parse(&format!("{a}e{ea}")).unwrap(), Number::parse(&format!("{b}e{eb}")).unwrap());
            let scale = |v: i64, e: i32| i128::from(v) * 10i128.pow((e + 3) as u32);
            assert_eq!(x.cmp(&y), scale(a, ea).cmp(&scale(b, eb)));
            assert_eq!(Number::from_canonical(x.as_bytes()), Some(x));
            assert_eq!(x.add(&y).unwrap().to_string(), {
                let sum = scale(a, ea) + scale(b, eb);
                Number::parse(&format!("{sum}e-3")).unwrap().to_string()
            });
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9.eE]{0,60}") {
            if let Ok(number) = Number::parse(&text) {
                assert_eq!(Number::parse(&number.to_string()), Ok(number));
            }
        }
    }
}
