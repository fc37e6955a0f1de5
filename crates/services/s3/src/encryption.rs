//! What is told of how an object is encrypted: what was done, whatever was asked for.

use crate::part::KeptPart;
use serde::{Deserialize, Serialize};

/// How the bytes of an object are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Encryption {
    /// Its files are sealed under keys that stand in its rows.
    Aes256,
}

impl Encryption {
    /// That of an object of these parts: none where one of them is an older version's.
    pub(crate) fn of_parts(parts: &[KeptPart]) -> Option<Self> {
        parts.iter().all(|part| part.file.is_sealed()).then_some(Encryption::Aes256)
    }

    /// `x-amz-server-side-encryption`
    pub(crate) fn name(&self) -> String {
        match self {
            Encryption::Aes256 => "AES256".to_owned(),
        }
    }
}
