//! Finds the bytes that end a token, many bytes at a time where the token is long.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Position of the first quote, backslash or control character from `at` on; the length if there is none.
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
            while let Some((_, behind)) = rest.split_first_chunk::<64>().filter(|(run, _)| is_plain_run(*run))
            {
                (at, rest) = (at + 64, behind);
            }
        }
    }
    at + short_stop(rest)
}

/// The same of less than eight bytes, taken together as one word. The zeros behind them are special, too.
#[inline]
fn short_stop(bytes: &[u8]) -> usize {
    special_at(&short_word(bytes).to_le_bytes()).map_or(bytes.len(), |found| found.min(bytes.len()))
}

/// Less than eight bytes as one word with zeros behind them.
#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let overlapping = u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
        return u64::from(u32::from_le_bytes(*first)) | overlapping;
    }
    match *bytes {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, ..] => u64::from(u32::from_le_bytes([a, b, c, 0])),
    }
}

/// The first quote, backslash or control character among eight bytes.
#[inline]
fn special_at(bytes: &[u8; 8]) -> Option<usize> {
    let found = specials(u64::from_le_bytes(*bytes));
    (found != 0).then(|| (found.trailing_zeros() / 8) as usize)
}

/// The high bit of every byte that is special; exact up to the first one.
#[inline]
fn specials(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    let zero_in = |w: u64| w.wrapping_sub(ONES) & !w;
    (zero_in(quote) | zero_in(backslash) | below_space) & HIGHS
}

/// Whether there is no quote, backslash or control character. Reads some bytes twice rather than bytes one by
/// one.
#[inline]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let word = |word: &[u8; 8]| specials(u64::from_le_bytes(*word));
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) if bytes.len() <= 16 => word(first) | word(last) == 0,
        (Some(_), _) => is_plain_long(bytes),
        _ => specials(short_word(bytes) | (ONES * b' ' as u64) << (8 * bytes.len())) == 0,
    }
}

#[inline(never)]
fn is_plain_long(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk::<32>() {
        return is_plain_run(bytes.as_chunks::<32>().0.as_flattened()) && is_plain_run(last);
    }
    let ends = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>());
    ends.0.is_some_and(|run| is_plain_run(run)) && ends.1.is_some_and(|run| is_plain_run(run))
}

/// The same without branches; the compiler vectorizes it where the length is a multiple of the vector width.
#[inline]
fn is_plain_run(run: &[u8]) -> bool {
    // Zero for what is special.
    let distance = |byte: u8| (byte ^ b'"').min(byte ^ b'\\').min(byte.saturating_sub(0x1f));
    run.iter().fold(u8::MAX, |least, byte| least.min(distance(*byte))) != 0
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
        for length in 0..200 {
            let mut text = vec![b'~'; length];
            assert_eq!((is_plain(&text), string_stop(&text, 0)), (true, length));
            for at in 0..length {
                text[at] = [b'"', b'\\', 0, 0x1f][at % 4];
                assert_eq!((is_plain(&text), string_stop(&text, 0)), (false, at), "at {at} of {length}");
                text[at] = [b' ', 0x7f, 0xc3, b'!'][at % 4];
                assert!(is_plain(&text));
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
