//! Names in listings: as they are, or percent-encoded for clients whose XML cannot have every character.

use crate::errors;
use crate::object::check_version;
use model::ApiError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// How names are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    None,
    Url,
}

impl Encoding {
    /// By `encoding-type`.
    pub(crate) fn of(asked: Option<&str>) -> Result<Self, ApiError> {
        match asked {
            None | Some("") => Ok(Encoding::None),
            Some("url") => Ok(Encoding::Url),
            Some(other) => Err(errors::invalid_encoding_type(other)),
        }
    }

    /// A name as it is shown.
    pub(crate) fn show(self, name: &str) -> String {
        match self {
            Encoding::None => name.to_owned(),
            Encoding::Url => utf8_percent_encode(name, KEPT).to_string(),
        }
    }

    /// `EncodingType` of the answer.
    pub(crate) fn name(self) -> Option<String> {
        (self == Encoding::Url).then(|| "url".to_owned())
    }
}

/// Bucket and key of `x-amz-copy-source`, which is percent-encoded and may begin with a slash.
pub(crate) fn copy_source(header: &str) -> Result<(String, String), ApiError> {
    let wrong = || {
        let text = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
        errors::invalid_argument(text, "x-amz-copy-source", header)
    };
    let (path, version) = match header.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version)),
        None => (header, None),
    };
    check_version(version)?;
    let path = percent_decode_str(path).decode_utf8().map_err(|_| wrong())?;
    let (bucket, key) = path.trim_start_matches('/').split_once('/').ok_or_else(wrong)?;
    if bucket.is_empty() || key.is_empty() { Err(wrong()) } else { Ok((bucket.to_owned(), key.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_they_are_shown() {
        assert_eq!(Encoding::Url.show("a b/ü+\n"), "a%20b/%C3%BC%2B%0A");
        assert_eq!(Encoding::None.show("a b"), "a b");
        assert!(Encoding::of(Some("xml")).is_err());
    }

    #[test]
    fn sources_of_copies() {
        let source = |header| copy_source(header).ok();
        let found = |bucket: &str, key: &str| Some((bucket.to_owned(), key.to_owned()));
        assert_eq!(source("/b/k%20x/y"), found("b", "k x/y"));
        assert_eq!(source("b/k?versionId=null"), found("b", "k"));
        assert_eq!(source("b/k?versionId=2"), None, "there is one version");
        assert_eq!((source("b"), source("/b/"), source("")), (None, None, None));
    }
}
