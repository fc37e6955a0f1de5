//! Pages of lists: a token is how many things earlier pages had.

use crate::errors;
use model::ApiError;

const SIZE: usize = 50;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    skip: usize,
    size: usize,
}

impl Page {
    pub(super) fn of(token: Option<&str>, size: Option<i64>) -> Result<Self, ApiError> {
        let skip = match token {
            None => 0,
            Some(token) => usize::from_str_radix(token, 16).map_err(|_| errors::invalid_next_token())?,
        };
        let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
        Ok(Page { skip, size: size.unwrap_or(SIZE).min(SIZE) })
    }

    /// The page, and the token of the next one.
    pub(super) fn cut<T>(self, all: Vec<T>) -> (Vec<T>, Option<String>) {
        let end = self.skip.saturating_add(self.size);
        let next = (all.len() > end).then(|| format!("{end:08x}"));
        (all.into_iter().skip(self.skip).take(self.size).collect(), next)
    }
}
