//! Pages of series. A token is the place of the last series in the order of all, so series that come and go between
//! two pages are neither repeated nor skipped with others.

use crate::errors;
use crate::metrics::Series;
use model::ApiError;

/// Metrics of one page.
const SERIES_MAX: usize = 500;
/// Between the parts of a place; no part of a series has it.
const SEPARATOR: char = '\u{1f}';

/// A page, and the token of the next one.
pub(super) struct Page {
    pub(super) series: Vec<Series>,
    pub(super) next_token: Option<String>,
}

impl Page {
    /// The page that begins behind a place.
    pub(super) fn after(place: Option<String>, mut series: Vec<Series>) -> Page {
        if let Some(place) = place {
            series.retain(|series| key(series) > place);
        }
        let has_more = series.len() > SERIES_MAX;
        series.truncate(SERIES_MAX);
        let last = series.last().filter(|_| has_more);
        Page { next_token: last.map(|last| token(&key(last))), series }
    }
}

/// The place of a series in the order of all.
pub(super) fn key(series: &Series) -> String {
    let dimensions =
        series.dimensions.iter().map(|(name, value)| format!("{SEPARATOR}{name}{SEPARATOR}{value}"));
    format!("{}{SEPARATOR}{}{}", series.namespace, series.name, dimensions.collect::<String>())
}

fn token(place: &str) -> String {
    place.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The place that a token names.
pub(super) fn position(token: &str) -> Result<String, ApiError> {
    let digits = token.as_bytes();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2));
    let bytes: Option<Vec<u8>> = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
    let place = bytes.filter(|bytes| !bytes.is_empty()).and_then(|bytes| String::from_utf8(bytes).ok());
    place.ok_or_else(errors::invalid_next_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(table: usize) -> Series {
        Series::new("n", "m", [("TableName".to_owned(), format!("t{table:04}"))])
    }

    #[test]
    fn pages_follow_each_other() {
        let all: Vec<_> = (0..1_200).map(series).collect();
        let (mut place, mut seen) = (None, Vec::new());
        for size in [500, 500, 200] {
            let Page { series, next_token } = Page::after(place, all.clone());
            assert_eq!((series.len(), next_token.is_some()), (size, size == 500));
            seen.extend(series);
            place = next_token.map(|token| position(&token).expect("a token of ours"));
        }
        assert_eq!((seen, place), (all, None));
    }

    #[test]
    fn other_tokens_are_refused() {
        for token in ["", "0", "zz", "ff", "é"] {
            assert_eq!(position(token).map_err(|error| error.code), Err(errors::INVALID_PARAMETER_VALUE));
        }
    }
}
