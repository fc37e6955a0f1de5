//! The filter of a Query, in either of its forms, against the key that is queried by.

use crate::checks::range_source::Source;
use crate::errors;
use expr::{Condition, KeyUseError};
use model::ApiError;

/// The filter of a Query names no attribute of the key it queries by.
pub fn check_query(source: &Source<'_>, filter: Option<&Condition>) -> Result<(), ApiError> {
    let Some(filter) = filter else { return Ok(()) };
    let own: Vec<_> = source.key().attributes().map(|attribute| attribute.name.as_str()).collect();
    filter.check_filters_no_key(&own).map_err(errors::key_use)
}

/// The same for the condition that a legacy QueryFilter makes.
pub fn check_query_filter(source: &Source<'_>, filter: Option<&Condition>) -> Result<(), ApiError> {
    let mut found = None;
    if let Some(filter) = filter {
        filter.visit_paths(&mut |path| {
            found = found.or(Some(path.top_level_name()).filter(|name| source.key().contains(name)));
        });
    }
    match found {
        Some(name) => Err(errors::key_use(KeyUseError::InQueryFilter(name.to_owned()))),
        None => Ok(()),
    }
}
