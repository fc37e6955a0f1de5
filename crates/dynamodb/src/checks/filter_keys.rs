//! How a filter of Query or Scan may use key attributes.

use crate::checks::range_source::Source;
use expr::{Condition, KeyUseError};
use model::ApiError;
use std::collections::BTreeMap;

/// The filter of a Query names no attribute of the key it queries by.
pub fn check_query(source: &Source<'_>, filter: Option<&Condition>) -> Result<(), ApiError> {
    let Some(filter) = filter else { return Ok(()) };
    let own: Vec<_> = source.key().attributes().map(|attribute| attribute.name.as_str()).collect();
    filter.check_filters_no_key(&own).map_err(refuse)?;
    check_scalars(source, Some(filter))
}

/// The same for a legacy QueryFilter.
pub fn check_query_filter<T>(
    source: &Source<'_>,
    filter: Option<&BTreeMap<String, T>>,
) -> Result<(), ApiError> {
    match filter.into_iter().flat_map(BTreeMap::keys).find(|name| source.key().contains(name)) {
        Some(name) => Err(refuse(KeyUseError::InQueryFilter(name.clone()))),
        None => Ok(()),
    }
}

/// Key attributes are scalars: no path leads into one.
pub fn check_scalars(source: &Source<'_>, filter: Option<&Condition>) -> Result<(), ApiError> {
    let Some(filter) = filter else { return Ok(()) };
    let table: Vec<_> = source.table.key.attributes().map(|attribute| attribute.name.as_str()).collect();
    let index: Vec<_> =
        source.start_key_attributes().map(|attribute| attribute.name.as_str()).skip(table.len()).collect();
    filter.check_not_into_key(&table).map_err(refuse)?;
    filter.check_not_into_index_key(&index).map_err(refuse)
}

fn refuse(error: KeyUseError) -> ApiError {
    ApiError::validation(error.to_string())
}
