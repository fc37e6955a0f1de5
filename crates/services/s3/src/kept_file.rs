//! Files as rows refer to them. Every file is sealed under a key of its own, which stands in the row: a file is of no
//! use without the store, and as well hidden as the store hides its rows. Files of older versions are not sealed.

use crate::object::hex;
use sealing::file::{Opener, Sealer};
use sealing::{DataKey, KEY_BYTES};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zeroize::Zeroizing;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum KeptFile {
    /// With the bytes as they are.
    Open(#[serde(with = "hex")] u128),
    /// Sealed.
    Sealed {
        #[serde(with = "hex")]
        id: u128,
        key: FileKey,
    },
}

impl KeptFile {
    pub(crate) fn id(&self) -> u128 {
        match self {
            KeptFile::Open(id) | KeptFile::Sealed { id, .. } => *id,
        }
    }

    pub(crate) fn is_sealed(&self) -> bool {
        matches!(self, KeptFile::Sealed { .. })
    }

    /// What opens its bytes, of which there are so many; `None` where they are as they are.
    pub(crate) fn opener(&self, size_bytes: u64) -> Option<Opener> {
        match self {
            KeptFile::Open(_) => None,
            KeptFile::Sealed { key, .. } => Some(Opener::new(&key.0, size_bytes)),
        }
    }
}

/// The key of one file.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FileKey(Zeroizing<[u8; KEY_BYTES]>);

impl FileKey {
    /// A new one.
    pub(crate) fn draw() -> Self {
        FileKey(DataKey::random_bytes())
    }

    pub(crate) fn sealer(&self) -> Sealer {
        Sealer::new(&self.0)
    }
}

impl Serialize for FileKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(stdx::hex::encode(&self.0[..])))
    }
}

impl<'de> Deserialize<'de> for FileKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = stdx::hex::decode(&text).map(Zeroizing::new);
        let key = bytes.as_deref().and_then(|bytes| bytes.as_slice().try_into().ok());
        key.map(|key| FileKey(Zeroizing::new(key))).ok_or_else(|| D::Error::custom("no key of a file"))
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_again() {
        let open = r#""000000000000000000000000000000ff""#;
        let key = "07".repeat(KEY_BYTES);
        let sealed = format!(r#"{{"id":"000000000000000000000000000000ff","key":"{key}"}}"#);
        for (text, is_sealed) in [(open, false), (&sealed, true)] {
            let file: KeptFile = serde_json::from_str(text).unwrap();
            assert_eq!((file.id(), file.is_sealed()), (255, is_sealed));
            assert_eq!(serde_json::to_string(&file).unwrap(), text);
            assert!(!format!("{file:?}").contains("07"), "a key is not printed");
        }
        assert!(serde_json::from_str::<KeptFile>(r#"{"id":"ff","key":"07"}"#).is_err());
    }
}
