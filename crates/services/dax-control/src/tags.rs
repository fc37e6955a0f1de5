//! Tags of clusters.

use crate::errors;
use model::ApiError;
use model::dax::Tag;
use std::collections::BTreeMap;

const TAGS_MAX: usize = 50;
const KEY_CHARS_MAX: usize = 128;
const VALUE_CHARS_MAX: usize = 256;

/// Tags by their keys.
///
/// # Errors
/// When one of them is none.
pub(crate) fn checked(tags: Option<Vec<Tag>>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut checked = BTreeMap::new();
    for Tag { key, value } in tags.into_iter().flatten() {
        let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
        let fits =
            (1..=KEY_CHARS_MAX).contains(&key.chars().count()) && value.chars().count() <= VALUE_CHARS_MAX;
        if !fits || key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::invalid_value(format!("Invalid tag: {key}")));
        }
        checked.insert(key, value);
    }
    Ok(checked)
}

/// Refuses more tags than a cluster has room for.
pub(crate) fn check_count(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() > TAGS_MAX { Err(errors::too_many_tags(TAGS_MAX)) } else { Ok(()) }
}

/// As they are listed.
pub(crate) fn shown(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}
