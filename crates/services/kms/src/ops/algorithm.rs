//! The algorithm of a request: symmetric keys have one.

use super::metadata::SYMMETRIC;
use crate::errors;
use crate::key::Key;
use model::ApiError;

/// Refuses an algorithm that the key does not have.
pub(super) fn check(key: &Key, asked: Option<&str>) -> Result<(), ApiError> {
    match asked {
        None | Some(SYMMETRIC) => Ok(()),
        Some(algorithm) => Err(errors::invalid_usage(&key.arn(), algorithm)),
    }
}
