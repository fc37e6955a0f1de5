//! The tags of functions: which resource may have them, and how many.

use crate::errors;
use crate::name::Arn;
use model::ApiError;
use pipeline::Caller;
use std::collections::BTreeMap;

const COUNT_MAX: usize = 50;

/// The function of an ARN. Versions and aliases have no tags of their own.
pub(crate) fn tagged(caller: &Caller, resource: &str) -> Result<Arn, ApiError> {
    let arn = Arn::named(caller, resource, None)?;
    match arn.qualifier {
        Some(_) => Err(errors::tags_of_qualifier()),
        None => Ok(arn),
    }
}

/// Refuses more tags than a function may have.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() > COUNT_MAX { Err(errors::too_many_tags()) } else { Ok(()) }
}
