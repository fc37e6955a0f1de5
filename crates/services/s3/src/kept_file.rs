//! Files as rows refer to them. Every file is sealed under a key of its own, which stands in the row: a file is of no
//! use without the store, and as well hidden as the store hides its rows. Files of older versions are not sealed.

use crate::errors;
use crate::object::hex;
use model::ApiError;
use sealing::KEY_BYTES;
use sealing::file::{Opener, Sealer};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
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
    /// Sealed under a key that follows from the data key of its object, which KMS has wrapped, and its id.
    Locked {
        #[serde(with = "hex")]
        locked: u128,
    },
}

impl KeptFile {
    pub(crate) fn id(&self) -> u128 {
        match self {
            KeptFile::Open(id) | KeptFile::Sealed { id, .. } | KeptFile::Locked { locked: id } => *id,
        }
    }

    pub(crate) fn is_sealed(&self) -> bool {
        !matches!(self, KeptFile::Open(_))
    }

    /// What opens its bytes, of which there are so many; `None` where they are as they are.
    pub(crate) fn opener(
        &self,
        size_bytes: u64,
        data_key: Option<&DataKey>,
    ) -> Result<Option<Opener>, ApiError> {
        match (self, data_key) {
            (KeptFile::Open(_), _) => Ok(None),
            (KeptFile::Sealed { key, .. }, _) => Ok(Some(Opener::new(&key.0, size_bytes))),
            (KeptFile::Locked { locked }, Some(data_key)) => {
                Ok(Some(Opener::new(&data_key.of_file(*locked).0, size_bytes)))
            }
            (KeptFile::Locked { .. }, None) => Err(errors::damaged()),
        }
    }
}

/// The key of one file.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FileKey(Zeroizing<[u8; KEY_BYTES]>);

impl FileKey {
    /// A new one.
    pub(crate) fn draw() -> Self {
        FileKey(sealing::DataKey::random_bytes())
    }

    pub(crate) fn sealer(&self) -> Sealer {
        Sealer::new(&self.0)
    }
}

/// The data key of one object.
#[derive(Clone)]
pub(crate) struct DataKey(Zeroizing<[u8; KEY_BYTES]>);

impl DataKey {
    /// A new one.
    pub(crate) fn draw() -> Self {
        DataKey(sealing::DataKey::random_bytes())
    }

    /// Of bytes that KMS has unwrapped.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| DataKey(Zeroizing::new(bytes)))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0[..]
    }

    /// The key of a file of the object. Both inputs have a fixed length, so the hash stands for a keyed function.
    pub(crate) fn of_file(&self, id: u128) -> FileKey {
        let input = Zeroizing::new([&self.0[..], &id.to_be_bytes()].concat());
        FileKey(Zeroizing::new(Sha256::digest(&input[..]).into()))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
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
        let locked = r#"{"locked":"000000000000000000000000000000ff"}"#;
        for (text, is_sealed) in [(open, false), (&sealed, true), (locked, true)] {
            let file: KeptFile = serde_json::from_str(text).unwrap();
            assert_eq!((file.id(), file.is_sealed()), (255, is_sealed));
            assert_eq!(serde_json::to_string(&file).unwrap(), text);
            assert!(!format!("{file:?}").contains("07"), "a key is not printed");
        }
        assert!(serde_json::from_str::<KeptFile>(r#"{"id":"ff","key":"07"}"#).is_err());
    }

    /// The keys of files on disk: if they change, rows must tell the new ones from these.
    #[test]
    fn keys_of_locked_files_are_fixed() {
        let key = DataKey::of(&[7; KEY_BYTES]).unwrap().of_file(255);
        assert_eq!(
            stdx::hex::encode(&key.0[..]),
            "09d9023513757fdbeff1e93be7149e66e01359ea576c32153638544245586e62"
        );
    }
}
