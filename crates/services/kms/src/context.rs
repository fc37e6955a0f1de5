//! The encryption context: pairs of text that are authenticated with a ciphertext. Their order means nothing.

use crate::errors;
use model::ApiError;
use std::collections::BTreeMap;

/// Keys and values together, in bytes.
const BYTES_MAX: usize = 8 * 1024;

/// A context that is not too long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// These pairs.
    ///
    /// # Errors
    /// When they are too long.
    pub fn of(pairs: Option<BTreeMap<String, String>>) -> Result<Self, ApiError> {
        let pairs = pairs.unwrap_or_default();
        let bytes: usize = pairs.iter().map(|(key, value)| key.len() + value.len()).sum();
        if bytes > BYTES_MAX { Err(errors::context_too_long()) } else { Ok(EncryptionContext(pairs)) }
    }

    /// The pairs.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// A form that two contexts share only if they are equal.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for text in self.0.iter().flat_map(|(key, value)| [key, value]) {
            bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_told_apart() {
        let context = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            EncryptionContext::of(Some(pairs.collect())).unwrap().canonical()
        };
        let all = [
            context(&[]),
            context(&[("a", "bc")]),
            context(&[("ab", "c")]),
            context(&[("a", "b"), ("c", "")]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all[..at].iter().all(|other| other != one), "{at}");
        }
        assert_eq!(context(&[("x", "1"), ("a", "2")]), context(&[("a", "2"), ("x", "1")]));
        let long = BTreeMap::from([("k".to_owned(), "v".repeat(BYTES_MAX))]);
        assert!(EncryptionContext::of(Some(long)).is_err());
    }
}
