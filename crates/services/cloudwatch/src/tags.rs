//! Tags as requests have them.

use crate::errors;
use model::ApiError;
use model::cloudwatch::Tag;
use std::collections::BTreeMap;

/// Tags of one thing.
pub(crate) const TAGS_MAX: usize = 50;

/// Reads tags; of two with one key the last counts.
pub(crate) fn read(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, ApiError> {
    let tags: BTreeMap<_, _> =
        tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect();
    if tags.len() > TAGS_MAX { Err(errors::too_many("Tags", TAGS_MAX)) } else { Ok(tags) }
}

/// Tags as an answer shows them.
pub(crate) fn shown(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}
