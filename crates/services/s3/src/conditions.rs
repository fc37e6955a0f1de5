//! `If-Match`, `If-None-Match`, `If-Modified-Since` and `If-Unmodified-Since` of reads.

use crate::errors;
use crate::object::Object;
use model::ApiError;

/// What a reader knows of an object. Times in seconds since the Unix epoch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    pub(crate) matches: Option<String>,
    pub(crate) none_match: Option<String>,
    pub(crate) modified_since: Option<f64>,
    pub(crate) unmodified_since: Option<f64>,
}

impl Conditions {
    /// Refuses an object that is not as the reader asks. An ETag that matches counts more than a time.
    pub(crate) fn check(&self, object: &Object, now_seconds: u64) -> Result<(), ApiError> {
        let modified = object.modified_seconds();
        match (&self.matches, self.unmodified_since) {
            (Some(wanted), _) if !matches(wanted, &object.etag) => {
                return Err(errors::precondition_failed("If-Match"));
            }
            (None, Some(since)) if modified > since => {
                return Err(errors::precondition_failed("If-Unmodified-Since"));
            }
            _ => {}
        }
        let is_past = |since: &f64| *since <= now_seconds as f64;
        match (&self.none_match, self.modified_since.filter(is_past)) {
            (Some(known), _) if matches(known, &object.etag) => Err(errors::not_modified()),
            (None, Some(since)) if modified <= since => Err(errors::not_modified()),
            _ => Ok(()),
        }
    }

    /// The same for the source of a copy, which is never "not modified".
    pub(crate) fn check_source(&self, object: &Object, now_seconds: u64) -> Result<(), ApiError> {
        self.check(object, now_seconds).map_err(|error| match error.code.status() {
            304 => errors::precondition_failed("x-amz-copy-source-If-None-Match"),
            _ => error,
        })
    }
}

/// Whether one of the ETags of a header is this one, or the header is `*`.
pub(crate) fn matches(header: &str, etag: &str) -> bool {
    let strong = |value: &str| value.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    header.split(',').any(|value| value.trim() == "*" || strong(value) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept_file::KeptFile;
    use crate::object::{About, Bytes};

    #[test]
    fn conditions_in_the_order_of_http() {
        let object = Object {
            bytes: Bytes::File(KeptFile::Open(1)),
            size_bytes: 0,
            etag: "e".into(),
            modified_millis: 10_500,
            checksum: None,
            encryption: None,
            about: About::default(),
        };
        let status =
            |conditions: Conditions| conditions.check(&object, 100).err().map_or(200, |e| e.code.status());
        let text = |text: &str| Some(text.to_owned());
        let base = Conditions::default;
        assert_eq!(status(base()), 200);
        assert_eq!(
            status(Conditions { matches: text("\"x\", \"e\""), unmodified_since: Some(1.0), ..base() }),
            200
        );
        assert_eq!(status(Conditions { matches: text("x"), ..base() }), 412);
        assert_eq!(status(Conditions { unmodified_since: Some(9.0), ..base() }), 412);
        assert_eq!(status(Conditions { unmodified_since: Some(10.0), ..base() }), 200);
        assert_eq!(status(Conditions { none_match: text("*"), ..base() }), 304);
        assert_eq!(status(Conditions { none_match: text("x"), modified_since: Some(99.0), ..base() }), 200);
        assert_eq!(status(Conditions { modified_since: Some(10.0), ..base() }), 304);
        assert_eq!(
            status(Conditions { modified_since: Some(101.0), ..base() }),
            200,
            "the future is no time"
        );
    }
}
