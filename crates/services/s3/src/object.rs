//! An object as it is kept, and the names of objects.

use crate::checksum::Checksum;
use crate::encryption::Encryption;
use crate::errors;
use crate::kept_file::KeptFile;
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest key, in bytes.
pub(crate) const KEY_BYTES_MAX: usize = 1_024;
/// Names and values of user metadata, together.
const METADATA_BYTES_MAX: usize = 2_048;
/// Largest object that is put at once.
pub(crate) const PUT_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Where its bytes are.
    pub(crate) bytes: Bytes,
    /// How many there are.
    pub size_bytes: u64,
    /// Without its quotation marks.
    pub etag: String,
    /// When it was put.
    pub modified_millis: u64,
    /// The checksum that is kept of it.
    pub(crate) checksum: Option<Checksum>,
    /// How its bytes are encrypted; what older versions have put is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption: Option<Encryption>,
    /// What its answers have in their heads.
    pub about: About,
}

/// Where the bytes of an object are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Bytes {
    /// In one file.
    File(KeptFile),
    /// In the parts of this upload, a file each.
    Parts(#[serde(with = "hex")] u128),
}

/// What an object has beside its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// `Content-Type`
    pub content_type: Option<String>,
    /// `Content-Encoding`
    pub content_encoding: Option<String>,
    /// `Content-Language`
    pub content_language: Option<String>,
    /// `Content-Disposition`
    pub content_disposition: Option<String>,
    /// `Cache-Control`
    pub cache_control: Option<String>,
    /// `Expires`, as it was sent.
    pub expires: Option<String>,
    /// `x-amz-website-redirect-location`
    pub website_redirect_location: Option<String>,
    /// The class that was asked for, where it is not STANDARD; kept for clients.
    pub storage_class: Option<String>,
    /// User metadata.
    pub metadata: BTreeMap<String, String>,
}

/// What an object without a type is.
const CONTENT_TYPE: &str = "binary/octet-stream";

impl About {
    /// What is not a header of the body's transport, but of the object: `aws-chunked` is taken away.
    pub(crate) fn without_chunks(self) -> Self {
        let kept = |value: String| {
            let codings = value.split(',').map(str::trim).filter(|coding| *coding != "aws-chunked");
            Some(codings.collect::<Vec<_>>().join(",")).filter(|value| !value.is_empty())
        };
        About { content_encoding: self.content_encoding.and_then(kept), ..self }
    }

    /// The type of its body.
    pub(crate) fn content_type(&self) -> String {
        self.content_type.clone().unwrap_or_else(|| CONTENT_TYPE.to_owned())
    }

    /// Refuses more metadata than an object may have.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        let size = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        match size > METADATA_BYTES_MAX {
            true => Err(errors::metadata_too_large(size, METADATA_BYTES_MAX)),
            false => Ok(()),
        }
    }
}

impl Object {
    /// With its quotation marks.
    pub(crate) fn quoted_etag(&self) -> String {
        quoted(&self.etag)
    }

    /// When it was put, as far as HTTP and listings say it.
    pub(crate) fn modified_seconds(&self) -> f64 {
        (self.modified_millis / 1_000) as f64
    }

    /// The class that listings show.
    pub(crate) fn storage_class(&self) -> String {
        self.about.storage_class.clone().unwrap_or_else(|| "STANDARD".to_owned())
    }
}

/// An ETag with its quotation marks.
pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// Refuses a key that is too long.
pub(crate) fn check_key(key: &str) -> Result<(), ApiError> {
    match key.len() > KEY_BYTES_MAX {
        true => Err(errors::key_too_long(key.len(), KEY_BYTES_MAX)),
        false => Ok(()),
    }
}

/// Refuses any version but the one that objects have: buckets keep no others.
pub fn check_version(id: Option<&str>) -> Result<(), ApiError> {
    match id.filter(|id| *id != "null") {
        Some(other) => Err(errors::invalid_version(other)),
        None => Ok(()),
    }
}

/// Ids as texts: JSON's numbers are too small.
pub(crate) mod hex {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(id: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{id:032x}"))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_format_is_read() {
        let row = br#"{"bytes":{"File":"000000000000000000000000000000ff"},"size_bytes":3,"etag":"e","modified_millis":5,
                       "checksum":{"algorithm":"CRC32","value":"AAAAAA==","covers":"FullObject"},
                       "about":{"content_type":"a/b","metadata":{"k":"v"}}}"#;
        let object: Object = serde_json::from_slice(row).unwrap();
        assert_eq!((object.bytes.clone(), object.size_bytes), (Bytes::File(KeptFile::Open(255)), 3));
        assert_eq!(object.encryption, None);
        assert_eq!(object.about.metadata["k"], "v");
        assert_eq!(serde_json::from_slice::<Object>(&serde_json::to_vec(&object).unwrap()).unwrap(), object);
    }

    #[test]
    fn chunks_are_no_encoding_of_an_object() {
        for (sent, kept) in
            [("aws-chunked", None), ("gzip,aws-chunked", Some("gzip")), ("gzip", Some("gzip"))]
        {
            let about = About { content_encoding: Some(sent.to_owned()), ..About::default() };
            assert_eq!(about.without_chunks().content_encoding.as_deref(), kept);
        }
    }
}
