//! Looking for the bytes that end something, eight at a time where it pays.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Where the first quote, backslash or control character stands, from `at` on; the length if there is none.
#[inline]
pub(super) fn string_stop(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes(chunk.try_into().expect("a slice of eight bytes"));
        let found = special(word);
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while at < bytes.len() && !is_special(bytes[at]) {
        at += 1;
    }
    at
}

/// The high bit of every byte that is a quote, a backslash or below a space; exact up to the first one.
#[inline]
fn special(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    let zero_in = |w: u64| w.wrapping_sub(ONES) & !w;
    (zero_in(quote) | zero_in(backslash) | below_space) & HIGHS
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

/// Where the JSON number at `at` ends, or `None` if it is none.
pub(super) fn number_end(bytes: &[u8], at: usize) -> Option<usize> {
    let at = at + usize::from(bytes.get(at) == Some(&b'-'));
    let mut end = digits_end(bytes, at);
    if end == at || (bytes[at] == b'0' && end > at + 1) {
        return None;
    }
    if bytes.get(end) == Some(&b'.') {
        end = some_digits_end(bytes, end + 1)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = some_digits_end(bytes, end + 1 + usize::from(signed))?;
    }
    Some(end)
}

fn some_digits_end(bytes: &[u8], at: usize) -> Option<usize> {
    let end = digits_end(bytes, at);
    (end > at).then_some(end)
}

fn digits_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_stop_is_found_wherever_it_stands() {
        for stop in [b'"', b'\\', 0, 0x1f] {
            for length in 0..40 {
                let mut text = vec![0xc3; length];
                text.push(stop);
                text.extend_from_slice(b"\"tail\\ of something");
                assert_eq!(string_stop(&text, 0), length, "{stop} after {length}");
            }
        }
        assert_eq!(string_stop(b"no stop at all", 0), 14);
        assert_eq!(string_stop("a space, \u{7f} and é".as_bytes(), 0), 17);
    }

    #[test]
    fn numbers_end_where_json_says() {
        for (text, end) in [
            ("0", Some(1)),
            ("-12.5e+3,", Some(8)),
            ("1E9", Some(3)),
            ("01", None),
            ("-", None),
            ("1.", None),
            ("1e", None),
            ("", None),
            (".5", None),
        ] {
            assert_eq!(number_end(text.as_bytes(), 0), end, "{text}");
        }
    }
}
