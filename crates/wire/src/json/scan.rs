//! Looking for the bytes that end something, many at a time where it pays.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Where the first quote, backslash or control character stands, from `at` on; the length if there is none.
#[inline]
pub(super) fn string_stop(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..).and_then(<[u8]>::first_chunk) {
        // Most strings are short.
        Some(first) => match special_at(first) {
            Some(found) => at + found,
            None => long_string_stop(bytes, at + 8),
        },
        None => at + short_stop(bytes.get(at..).unwrap_or_default()),
    }
}

/// Wide comparisons do not pay before a text has proven long.
const WORDS_BEFORE_RUNS: usize = 2;

fn long_string_stop(bytes: &[u8], at: usize) -> usize {
    let (mut at, mut rest, mut words) = (at, bytes.get(at..).unwrap_or_default(), 0);
    while let Some((word, behind)) = rest.split_first_chunk() {
        if let Some(found) = special_at(word) {
            return at + found;
        }
        (at, rest, words) = (at + 8, behind, words + 1);
        if words == WORDS_BEFORE_RUNS {
            while let Some((_, behind)) = rest.split_first_chunk().filter(|(run, _)| !has_special(run)) {
                (at, rest) = (at + 32, behind);
            }
        }
    }
    at + short_stop(rest)
}

/// The same of less than eight bytes, taken together as one word. The zeros behind them are special, too.
#[inline]
fn short_stop(bytes: &[u8]) -> usize {
    let word = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let overlapping = u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
            u64::from(u32::from_le_bytes(*first)) | overlapping
        }
        _ => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    special_at(&word.to_le_bytes()).map_or(bytes.len(), |found| found.min(bytes.len()))
}

/// The first quote, backslash or control character among eight bytes.
#[inline]
fn special_at(bytes: &[u8; 8]) -> Option<usize> {
    let word = u64::from_le_bytes(*bytes);
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    let zero_in = |w: u64| w.wrapping_sub(ONES) & !w;
    // The high bit of every byte that is special; exact up to the first one.
    let found = (zero_in(quote) | zero_in(backslash) | below_space) & HIGHS;
    (found != 0).then(|| (found.trailing_zeros() / 8) as usize)
}

/// Whether any of the bytes is special. Looks at all of them, which the compiler makes a few wide comparisons
/// of.
#[inline]
fn has_special(run: &[u8; 32]) -> bool {
    run.iter().fold(0, |found, byte| found | u8::from(is_special(*byte))) != 0
}

/// Without branches.
#[inline]
fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < 0x20)
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
            for length in 0..80 {
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
