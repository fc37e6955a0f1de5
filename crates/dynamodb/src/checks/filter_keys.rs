//! The filter of a Query, in either of its forms, against the key that is queried by.

use crate::checks::range_source::Source;
use crate::errors;
use expr::{Condition, KeyUseError};
use model::ApiError;
use std::collections::BTreeMap;

/// The filter of a Query names no attribute of the key it queries by.
pub fn check_query(source: &Source<'_>, filter: Option<&Condition>) -> Result<(), ApiError> {
    let Some(filter) = filter else { return Ok(()) };
    let own: Vec<_> = source.key().attributes().map(|attribute| attribute.name.as_str()).collect();
    filter.check_filters_no_key(&own).map_err(errors::key_use)
}

/// The same for a legacy QueryFilter.
pub fn check_query_filter<T>(
    source: &Source<'_>,
    filter: Option<&BTreeMap<String, T>>,
) -> Result<(), ApiError> {
    match filter.into_iter().flat_map(BTreeMap::keys).find(|name| source.key().contains(name)) {
        Some(name) => Err(errors::key_use(KeyUseError::InQueryFilter(name.clone()))),
        None => Ok(()),
    }
}
