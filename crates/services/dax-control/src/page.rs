//! Pages of lists: a token is how many things earlier pages had.

use crate::errors;
use model::ApiError;

const SIZE_MIN: i64 = 20;
const SIZE_MAX: i64 = 100;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    skip: usize,
    size: usize,
}

impl Page {
    pub(crate) fn of(token: Option<&str>, size: Option<i64>) -> Result<Self, ApiError> {
        let size = size.unwrap_or(SIZE_MAX);
        if !(SIZE_MIN..=SIZE_MAX).contains(&size) {
            let text = format!("MaxResults must be between {SIZE_MIN} and {SIZE_MAX}.");
            return Err(errors::invalid_value(text));
        }
        let skip = match token {
            None => 0,
            Some(token) => usize::from_str_radix(token, 16).map_err(|_| errors::invalid_token())?,
        };
        Ok(Page { skip, size: size as usize })
    }

    /// The page, and the token of the next one.
    pub(crate) fn cut<T>(self, all: Vec<T>) -> (Vec<T>, Option<String>) {
        let end = self.skip.saturating_add(self.size);
        let next = (all.len() > end).then(|| format!("{end:08x}"));
        (all.into_iter().skip(self.skip).take(self.size).collect(), next)
    }
}
