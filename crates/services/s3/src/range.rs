//! The `Range` of a read.

use crate::errors;
use model::ApiError;
use std::ops::Range;

/// The bytes that a header asks for; `None` for one that is to be passed over.
pub(crate) fn parse(header: &str, size: u64) -> Result<Option<Range<u64>>, ApiError> {
    let Some(asked) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let range = match asked {
        ("", last) => match number(last) {
            Some(last) => size.saturating_sub(last)..size,
            None => return Ok(None),
        },
        (first, "") => match number(first) {
            Some(first) => first..size,
            None => return Ok(None),
        },
        (first, last) => match number(first).zip(number(last)) {
            Some((first, last)) if first <= last => first..last.saturating_add(1).min(size),
            _ => return Ok(None),
        },
    };
    if range.is_empty() { Err(errors::invalid_range(size, header)) } else { Ok(Some(range)) }
}

/// `Content-Range`
pub(crate) fn content_range(range: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", range.start, range.end - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (header, size, expect) in [
            ("bytes=0-8", 10, Ok(Some(0..9))),
            ("bytes=5-", 10, Ok(Some(5..10))),
            ("bytes=-3", 10, Ok(Some(7..10))),
            ("bytes=-30", 10, Ok(Some(0..10))),
            ("bytes=9-18446744073709551615", 10, Ok(Some(9..10))),
            ("bytes=1-0", 10, Ok(None)),
            ("bytes=0-1,3-4", 10, Ok(None)),
            ("lines=0-1", 10, Ok(None)),
            ("bytes=-", 10, Ok(None)),
            ("bytes=10-11", 10, Err(416)),
            ("bytes=-0", 10, Err(416)),
            ("bytes=0-0", 0, Err(416)),
        ] {
            assert_eq!(parse(header, size).map_err(|error| error.code.status()), expect, "{header}");
        }
        assert_eq!(content_range(&(0..9), 10), "bytes 0-8/10");
    }
}
