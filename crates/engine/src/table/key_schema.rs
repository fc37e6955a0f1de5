//! Key schemas: lists everywhere, because indexes may have several attributes in each half.

use serde::{Deserialize, Serialize};
use types::Type;

/// The types a key attribute can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyType {
    /// String
    S,
    /// Number
    N,
    /// Binary
    B,
}

impl KeyType {
    /// As a type of values.
    pub fn as_type(self) -> Type {
        match self {
            KeyType::S => Type::S,
            KeyType::N => Type::N,
            KeyType::B => Type::B,
        }
    }

    /// The key type behind an API tag (`S`, `N`, `B`).
    pub fn from_tag(tag: &str) -> Option<KeyType> {
        [KeyType::S, KeyType::N, KeyType::B].into_iter().find(|ty| ty.as_type().tag() == tag)
    }
}

/// One attribute of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeyAttribute {
    /// The attribute's name.
    pub name: String,
    /// Its type.
    pub ty: KeyType,
}

/// The key of a table or index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct KeySchema {
    /// Partition key attributes, at least one.
    pub hash: Vec<KeyAttribute>,
    /// Sort key attributes, none for a simple key.
    pub range: Vec<KeyAttribute>,
}

impl KeySchema {
    /// All attributes, partition key first.
    pub fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> + Clone {
        self.hash.iter().chain(&self.range)
    }

    /// Whether the attribute is part of the key.
    pub fn contains(&self, name: &str) -> bool {
        self.attributes().any(|attribute| attribute.name == name)
    }
}
