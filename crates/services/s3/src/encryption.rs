//! How objects are encrypted: what a request asks for, and what is kept and told of it, which is what was done.

use crate::errors;
use crate::part::KeptPart;
use model::ApiError;
use serde::{Deserialize, Serialize};

/// How the bytes of an object are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encryption {
    /// Its files are sealed under keys that stand in its rows.
    Aes256,
    /// The keys of its files follow from a data key that a key of KMS has wrapped.
    Kms {
        /// The key of KMS.
        key_arn: String,
        /// The data key, in hexadecimal digits as KMS has wrapped it.
        data_key: String,
    },
}

impl Encryption {
    /// That of an object of these parts: none where one of them is an older version's.
    pub(crate) fn of_parts(begun: Option<&Encryption>, parts: &[KeptPart]) -> Option<Self> {
        let is_sealed = parts.iter().all(|part| part.file.is_sealed());
        is_sealed.then(|| begun.cloned().unwrap_or(Encryption::Aes256))
    }

    /// `x-amz-server-side-encryption`
    pub(crate) fn name(&self) -> String {
        let name = match self {
            Encryption::Aes256 => "AES256",
            Encryption::Kms { .. } => "aws:kms",
        };
        name.to_owned()
    }

    /// `x-amz-server-side-encryption-aws-kms-key-id`
    pub fn key_arn(&self) -> Option<String> {
        match self {
            Encryption::Aes256 => None,
            Encryption::Kms { key_arn, .. } => Some(key_arn.clone()),
        }
    }
}

/// How a bucket has new objects encrypted whose requests do not say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BucketEncryption {
    pub(crate) by: ByDefault,
    /// What requests and answers have of it beside that. Every object has a data key of its own, whatever it says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) bucket_key: bool,
    /// Kinds of encryption that are refused, as they were sent. Keys of clients are refused in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) blocked: Vec<String>,
}

/// The encryption of objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ByDefault {
    Aes256,
    /// Under this key of KMS, as it was sent, or the one that the service manages.
    Kms(Option<String>),
}

impl Default for BucketEncryption {
    fn default() -> Self {
        BucketEncryption { by: ByDefault::Aes256, bucket_key: false, blocked: Vec::new() }
    }
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// What its bucket has.
    ByBucket,
    Aes256,
    /// Under this key of KMS, or the one that the service manages.
    Kms(Option<String>),
}

impl Wanted {
    /// By the headers of a request, of which the first is the algorithm.
    pub(crate) fn of(algorithm: Option<&str>, key: Option<String>) -> Result<Self, ApiError> {
        const HEADER: &str = "x-amz-server-side-encryption";
        match (algorithm, key) {
            (None, None) => Ok(Wanted::ByBucket),
            (Some("AES256"), None) => Ok(Wanted::Aes256),
            (Some("aws:kms"), key) => Ok(Wanted::Kms(key)),
            (None | Some("AES256"), Some(_)) => {
                let text = "Server Side Encryption with AWS KMS managed key requires HTTP header \
                            x-amz-server-side-encryption : aws:kms";
                Err(errors::invalid_argument(text, HEADER, algorithm.unwrap_or("null")))
            }
            (Some("aws:kms:dsse"), _) => Err(errors::not_implemented(HEADER)),
            (Some(other), _) => {
                let text = "The encryption method specified is not supported";
                Err(errors::invalid_argument(text, HEADER, other))
            }
        }
    }
}
