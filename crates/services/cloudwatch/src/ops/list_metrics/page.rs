//! Pages of series. A token is the place of the last series in the order of all, so series that come and go between
//! two pages are neither repeated nor skipped with others.

use crate::metrics::Series;
use crate::token;

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
        Page { next_token: last.map(|last| token::of_text(&key(last))), series }
    }
}

/// The place of a series in the order of all.
pub(super) fn key(series: &Series) -> String {
    let dimensions =
        series.dimensions.iter().map(|(name, value)| format!("{SEPARATOR}{name}{SEPARATOR}{value}"));
    format!("{}{SEPARATOR}{}{}", series.namespace, series.name, dimensions.collect::<String>())
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
            place = next_token.map(|token| token::text(&token).expect("a token of ours"));
        }
        assert_eq!((seen, place), (all, None));
    }
}
