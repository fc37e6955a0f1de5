//! A number taken apart into digits: how texts are read, and how numbers are added. Independent of items.

use super::{BIAS, DIGITS_MAX, NEGATIVE, NUMBER_BYTES_MAX, Number, NumberError, POSITIVE};

/// Places between the ends of any two numbers, and one for a carry.
const PLACES_MAX: usize = 1 + 255 + DIGITS_MAX;

/// Sign, digits and exponent: the form that texts are read into and that is added.
pub(super) struct Decimal {
    pub(super) negative: bool,
    pub(super) digits: [u8; DIGITS_MAX],
    pub(super) count: usize,
    /// The value is 0.digits × 10^exponent; meaningless when `count` is 0.
    pub(super) exponent: i32,
}

impl Decimal {
    pub(super) fn parse(text: &[u8]) -> Result<Decimal, NumberError> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let end = text.iter().position(|b| matches!(b, b'e' | b'E')).unwrap_or(text.len());
        let scale = match &text[end..] {
            [] => 0,
            [_, exponent @ ..] => parse_exponent(exponent)?,
        };
        let mut d = Decimal { negative, digits: [0; DIGITS_MAX], count: 0, exponent: 0 };
        let (mut seen_point, mut seen_digit, mut excess) = (false, false, false);
        let mut integer_digits: i64 = 0; // digits before the point, from the first significant one on
        let mut fraction_digits: i64 = 0; // digits after the point
        let mut leading_zeros: i64 = 0; // zeros after the point, before the first significant digit
        let mut written: usize = 0; // significant digits so far, with inner and trailing zeros
        for &byte in &text[..end] {
            match byte {
                b'.' if !seen_point => seen_point = true,
                b'0'..=b'9' => {
                    seen_digit = true;
                    fraction_digits += i64::from(seen_point);
                    if byte == b'0' && written == 0 {
                        leading_zeros += i64::from(seen_point);
                        continue;
                    }
                    integer_digits += i64::from(!seen_point);
                    if byte != b'0' {
                        excess |= written >= DIGITS_MAX;
                        d.count = (written + 1).min(DIGITS_MAX);
                    }
                    if written < DIGITS_MAX {
                        d.digits[written] = byte - b'0';
                    }
                    written += 1;
                }
                _ => return Err(NumberError::Malformed),
            }
        }
        if !seen_digit {
            return Err(NumberError::Malformed);
        }
        // Zero is judged as if its last written digit were 1: `0e126` overflows.
        let exponent = match d.count {
            0 => (1 - fraction_digits).saturating_add(scale),
            _ if integer_digits > 0 => integer_digits.saturating_add(scale),
            _ => (-leading_zeros).saturating_add(scale),
        };
        if exponent > i64::from(255 - BIAS) {
            return Err(NumberError::Overflow);
        }
        if exponent < i64::from(-BIAS) {
            return Err(NumberError::Underflow);
        }
        if excess {
            return Err(NumberError::TooManyDigits);
        }
        d.exponent = exponent as i32;
        Ok(d)
    }

    pub(super) fn pack(&self) -> Result<Number, NumberError> {
        if self.count == 0 {
            return Ok(Number::ZERO);
        }
        if self.exponent > 255 - BIAS {
            return Err(NumberError::Overflow);
        }
        if self.exponent < -BIAS {
            return Err(NumberError::Underflow);
        }
        let biased = (self.exponent + BIAS) as u8;
        let mut number = Number { len: 2, bytes: [0; NUMBER_BYTES_MAX] };
        number.bytes[0] = if self.negative { NEGATIVE } else { POSITIVE };
        number.bytes[1] = if self.negative { 255 - biased } else { biased };
        for pair in self.digits[..self.count].chunks(2) {
            let value = pair[0] * 10 + pair.get(1).copied().unwrap_or(0) + 1;
            number.bytes[usize::from(number.len)] = if self.negative { 101 - value } else { value };
            number.len += 1;
        }
        if self.negative {
            number.bytes[usize::from(number.len)] = 0xff;
            number.len += 1;
        }
        Ok(number)
    }

    /// Adds in a window of decimal places from above the higher number down to the end of the lower one.
    pub(super) fn sum(a: Decimal, b: Decimal) -> Result<Decimal, NumberError> {
        if a.count == 0 {
            return Ok(b);
        }
        if b.count == 0 {
            return Ok(a);
        }
        // The place above the first digits takes a carry.
        let top = a.exponent.max(b.exponent) + 1;
        let first = |d: &Decimal| (top - d.exponent) as usize;
        let width = (first(&a) + a.count).max(first(&b) + b.count);
        let mut places = [0i8; PLACES_MAX];
        let places = &mut places[..width];
        for d in [&a, &b] {
            let sign = if d.negative { -1 } else { 1 };
            for (place, digit) in places[first(d)..].iter_mut().zip(&d.digits[..d.count]) {
                *place += sign * *digit as i8;
            }
        }
        let negative = places.iter().find(|place| **place != 0).is_some_and(|place| *place < 0);
        if negative {
            places.iter_mut().for_each(|place| *place = -*place);
        }
        for i in (1..width).rev() {
            let borrow = if places[i] < 0 {
                -1
            } else if places[i] > 9 {
                1
            } else {
                continue;
            };
            places[i] -= 10 * borrow;
            places[i - 1] += borrow;
        }
        let mut sum = Decimal { negative, digits: [0; DIGITS_MAX], count: 0, exponent: 0 };
        let Some(first) = places.iter().position(|place| *place != 0) else { return Ok(sum) };
        let last = places.iter().rposition(|place| *place != 0).unwrap_or(first);
        sum.exponent = top - first as i32;
        sum.count = last + 1 - first;
        if sum.exponent > 255 - BIAS {
            return Err(NumberError::Overflow);
        }
        if sum.count > DIGITS_MAX {
            return Err(NumberError::TooManyDigits);
        }
        for (digit, place) in sum.digits.iter_mut().zip(&places[first..=last]) {
            *digit = *place as u8;
        }
        Ok(sum)
    }
}

/// An exponent beyond 64 bits is no number. No other is saturated; the caller judges the range.
fn parse_exponent(text: &[u8]) -> Result<i64, NumberError> {
    let digits = match text {
        [b'+' | b'-', rest @ ..] => rest,
        rest => rest,
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NumberError::Malformed);
    }
    std::str::from_utf8(text).ok().and_then(|t| t.parse().ok()).ok_or(NumberError::Malformed)
}
