//! Tags: what a key and a value may be, and how many of them a resource has. CreateTable, TagResource and
//! UntagResource share the rule and its words.
//!
//! DynamoDB counts characters, not bytes, and takes letters of any language.

use crate::errors::{
    NO_TAG_KEYS, NO_TAGS, TOO_MANY_TAGS, duplicate_tag_key, enveloped, invalid_tag_key, invalid_tag_value,
    must_not_be_null, reserved_tag_key, tags_too_large,
};
use model::ApiError;
use model::dynamodb::Tag;
use std::collections::BTreeMap;
use stdx::limits::{
    TAG_KEY_CHARACTERS_MAX, TAG_SET_BYTES_MAX, TAG_VALUE_CHARACTERS_MAX, TAGS_PER_RESOURCE_MAX,
};

/// The tags of one resource, by key.
pub type Tags = BTreeMap<String, String>;

/// What TagResource adds: at least one tag.
pub fn added(tags: Option<Vec<Tag>>) -> Result<Tags, ApiError> {
    let tags = tags.ok_or_else(|| enveloped(must_not_be_null("tags")))?;
    if tags.is_empty() {
        return Err(ApiError::validation(NO_TAGS));
    }
    read(&tags)
}

/// What UntagResource removes: at least one key, each of which a tag could have.
pub fn removed(keys: Option<Vec<String>>) -> Result<Vec<String>, ApiError> {
    let keys = keys.ok_or_else(|| enveloped(must_not_be_null("tagKeys")))?;
    if keys.is_empty() {
        return Err(ApiError::validation(NO_TAG_KEYS));
    }
    keys.iter().try_for_each(|key| check_key(Some(key)))?;
    Ok(keys)
}

/// What a table begins with; none is as good as some.
pub fn of_new_table(tags: Option<&[Tag]>) -> Result<Tags, ApiError> {
    let tags = read(tags.unwrap_or_default())?;
    fit(&tags)?;
    Ok(tags)
}

/// Each key and value in order, then keys that are there twice.
fn read(tags: &[Tag]) -> Result<Tags, ApiError> {
    tags.iter().try_for_each(check)?;
    let mut read = Tags::new();
    for Tag { key, value } in tags {
        let (key, value) = (key.clone().unwrap_or_default(), value.clone().unwrap_or_default());
        if read.contains_key(&key) {
            return Err(ApiError::validation(duplicate_tag_key(&key)));
        }
        read.insert(key, value);
    }
    Ok(read)
}

/// Whether a resource can have all of these.
pub fn fit(tags: &Tags) -> Result<(), ApiError> {
    if tags.len() > TAGS_PER_RESOURCE_MAX {
        return Err(ApiError::validation(TOO_MANY_TAGS));
    }
    let size_bytes = tags.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size_bytes > TAG_SET_BYTES_MAX {
        return Err(ApiError::validation(tags_too_large(size_bytes, TAG_SET_BYTES_MAX)));
    }
    Ok(())
}

fn check(tag: &Tag) -> Result<(), ApiError> {
    check_key(tag.key.as_deref())?;
    let valid = tag.value.as_deref().is_some_and(|value| is_text(value, TAG_VALUE_CHARACTERS_MAX));
    if valid { Ok(()) } else { Err(ApiError::validation(invalid_tag_value(tag.value.as_deref()))) }
}

fn check_key(key: Option<&str>) -> Result<(), ApiError> {
    let valid = |key: &&str| !key.is_empty() && is_text(key, TAG_KEY_CHARACTERS_MAX);
    match key.filter(valid) {
        None => Err(ApiError::validation(invalid_tag_key(key))),
        Some(key) if key.starts_with("aws:") => Err(ApiError::validation(reserved_tag_key(key))),
        Some(_) => Ok(()),
    }
}

fn is_text(text: &str, characters_max: usize) -> bool {
    text.chars().count() <= characters_max && text.chars().all(is_tag_character)
}

fn is_tag_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, ' ' | '+' | '-' | '=' | '.' | '_' | ':' | '/' | '@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: Option<&str>, value: Option<&str>) -> Tag {
        Tag { key: key.map(str::to_owned), value: value.map(str::to_owned) }
    }

    fn refusal(tags: &[Tag]) -> String {
        read(tags).unwrap_err().message.unwrap().into_owned()
    }

    #[test]
    fn letters_of_any_language_and_lengths_in_characters() {
        let (key, value) = ("é".repeat(128), "値".repeat(256));
        assert_eq!(read(&[tag(Some(&key), Some(&value))]).unwrap()[&key], value);
        assert!(read(&[tag(Some("a +-=._:/@9"), Some(""))]).is_ok());
        for key in ["é".repeat(129), String::new(), "a\tb".to_owned()] {
            let text = format!("The Tag Key provided is invalid, Key: {key}");
            assert_eq!(refusal(&[tag(Some(&key), Some(""))]), text);
        }
        assert_eq!(refusal(&[tag(None, Some("x"))]), "The Tag Key provided is invalid, Key: null");
        assert_eq!(refusal(&[tag(Some("k"), Some("#"))]), "The Tag Value provided is invalid, Value: #");
        assert_eq!(refusal(&[tag(Some("k"), None)]), "The Tag Value provided is invalid, Value: null");
    }

    #[test]
    fn a_set_is_bounded_in_tags_and_in_bytes() {
        let set = |count: usize, length: usize| -> Tags {
            (0..count).map(|i| (format!("{i:03}"), "x".repeat(length))).collect()
        };
        assert!(fit(&set(50, 100)).is_ok());
        assert_eq!(fit(&set(51, 0)).unwrap_err().message.unwrap(), TOO_MANY_TAGS);
        assert_eq!(
            fit(&set(50, 250)).unwrap_err().message.unwrap(),
            "Tag set size 12650 bytes is above max size limit of 10240 bytes"
        );
    }
}
