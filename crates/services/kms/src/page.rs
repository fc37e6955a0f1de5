//! Pages of lists: at most so many, from behind a marker.

use crate::errors;
use model::ApiError;

/// What a page has, and where the next one begins.
pub(crate) struct Page<T> {
    pub entries: Vec<T>,
    pub next_marker: Option<String>,
    pub truncated: bool,
}

/// The limit of a request, whose range the model has checked.
pub(crate) fn limit(asked: Option<i64>, default: usize) -> usize {
    asked.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default)
}

/// The marker of a request: the name of the last entry of the page before.
pub(crate) fn marker(marker: Option<&str>) -> Result<Option<&str>, ApiError> {
    match marker {
        Some(marker) if marker.bytes().any(|byte| byte.is_ascii_control()) => Err(errors::invalid_marker()),
        marker => Ok(marker),
    }
}

impl<T> Page<T> {
    /// Of entries, which may be one more than the limit.
    pub(crate) fn of(mut entries: Vec<T>, limit: usize, name: impl Fn(&T) -> String) -> Page<T> {
        let truncated = entries.len() > limit;
        entries.truncate(limit);
        let next_marker = entries.last().filter(|_| truncated).map(name);
        Page { entries, next_marker, truncated }
    }

    /// Of entries in memory, sorted by name, behind a marker.
    pub(crate) fn behind(
        entries: Vec<T>,
        marker: Option<&str>,
        limit: usize,
        name: impl Fn(&T) -> String,
    ) -> Page<T> {
        let rest = entries.into_iter().filter(|entry| marker.is_none_or(|marker| *name(entry) > *marker));
        Page::of(rest.take(limit + 1).collect(), limit, name)
    }
}
