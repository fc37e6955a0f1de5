//! The lines of a listing as answers show them, and the token that names where a page has ended.

use crate::encoding::Encoding;
use crate::errors;
use crate::listing::Line;
use crate::object::Object;
use model::ApiError;
use model::s3::{CommonPrefix, Object as ObjectLine, Owner};
use wire::json::{base64_text, decode_base64};

/// Lines in a page.
const LINES_MAX: i64 = 1_000;

/// How many lines a page may have.
pub(crate) fn limit(max_keys: Option<i64>) -> Result<usize, ApiError> {
    match max_keys.unwrap_or(LINES_MAX) {
        negative @ ..0 => {
            let text = "Argument maxKeys must be an integer between 0 and 2147483647";
            Err(errors::invalid_argument(text, "maxKeys", &negative.to_string()))
        }
        asked => Ok(asked.min(LINES_MAX) as usize),
    }
}

/// Lines by their kind.
pub(crate) struct Shown {
    pub(crate) contents: Option<Vec<ObjectLine>>,
    pub(crate) common_prefixes: Option<Vec<CommonPrefix>>,
}

impl Shown {
    pub(crate) fn of(lines: Vec<Line>, encoding: Encoding, owner: Option<&Owner>) -> Self {
        let mut shown = Shown { contents: None, common_prefixes: None };
        for line in lines {
            match line {
                Line::Object(key, object) => {
                    let line = show(encoding.show(&key), &object, owner.cloned());
                    shown.contents.get_or_insert_default().push(line);
                }
                Line::Prefix(prefix) => {
                    let prefix = Some(encoding.show(&prefix));
                    shown.common_prefixes.get_or_insert_default().push(CommonPrefix { prefix });
                }
            }
        }
        shown
    }
}

fn show(key: String, object: &Object, owner: Option<Owner>) -> ObjectLine {
    let checksum = object.checksum.as_ref();
    ObjectLine {
        key: Some(key),
        last_modified: Some(object.modified_seconds()),
        e_tag: Some(object.quoted_etag()),
        size: Some(object.size_bytes as i64),
        storage_class: Some(object.storage_class()),
        checksum_algorithm: checksum.map(|checksum| vec![checksum.algorithm.name().to_owned()]),
        checksum_type: checksum.map(|checksum| checksum.covers.name().to_owned()),
        owner,
        ..ObjectLine::default()
    }
}

/// A token for what is behind a line.
pub(crate) fn token(last: &str) -> String {
    base64_text(&[&[VERSION], last.as_bytes()].concat())
}

/// The line of a token.
pub(crate) fn untoken(token: &str) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    decode_base64(token, &mut bytes).map_err(|_| errors::invalid_token(token))?;
    let last = bytes.strip_prefix(&[VERSION]).ok_or_else(|| errors::invalid_token(token))?;
    String::from_utf8(last.to_vec()).map_err(|_| errors::invalid_token(token))
}

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_back() {
        assert_eq!(untoken(&token("a/\u{fc}")).unwrap(), "a/\u{fc}");
        for wrong in ["", "x", "AA==", "\u{fc}"] {
            assert!(untoken(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn limits_of_pages() {
        assert_eq!(
            [None, Some(0), Some(5), Some(9_999)].map(|max| limit(max).unwrap()),
            [1_000, 0, 5, 1_000]
        );
        assert!(limit(Some(-1)).is_err());
    }
}
