//! What tags of keys must be.

use crate::errors;
use model::ApiError;
use model::kms::Tag;
use std::collections::{BTreeMap, BTreeSet};

const TAGS_MAX: usize = 50;

/// Keys and values, as conditions ask for them.
pub(super) fn pairs(tags: &Option<Vec<Tag>>) -> impl Iterator<Item = (String, String)> {
    let pair =
        |tag: &Tag| (tag.tag_key.clone().unwrap_or_default(), tag.tag_value.clone().unwrap_or_default());
    tags.iter().flatten().map(pair)
}

/// Refuses tags that no key takes.
pub(super) fn check(tags: &[Tag]) -> Result<(), ApiError> {
    let names: Vec<_> = tags.iter().map(|tag| tag.tag_key.as_deref().unwrap_or_default()).collect();
    let is_reserved = |name: &&str| name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    if names.len() > TAGS_MAX {
        return Err(errors::tag("Too many tags"));
    }
    if names.iter().any(is_reserved) {
        return Err(errors::tag("Tags beginning with aws: are reserved"));
    }
    if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        return Err(errors::tag("Duplicate tag keys"));
    }
    Ok(())
}

/// Refuses more tags than a key has room for.
pub(super) fn check_count(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() > TAGS_MAX { Err(errors::tag("Too many tags")) } else { Ok(()) }
}

/// Tags by name.
pub(super) fn checked(tags: Option<Vec<Tag>>) -> Result<BTreeMap<String, String>, ApiError> {
    let tags = tags.unwrap_or_default();
    check(&tags)?;
    Ok(tags
        .into_iter()
        .map(|tag| (tag.tag_key.unwrap_or_default(), tag.tag_value.unwrap_or_default()))
        .collect())
}
