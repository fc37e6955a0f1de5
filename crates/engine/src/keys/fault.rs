//! Faults of the key attributes of an item or key.

use types::Type;

/// Why an item or key has no row key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFault {
    /// A key attribute is not there.
    Missing {
        /// The attribute.
        name: String,
    },
    /// A key attribute has another type than in the schema.
    WrongType {
        /// The attribute.
        name: String,
        /// The type in the schema.
        expected: Type,
        /// What was sent.
        actual: Type,
    },
    /// A key attribute is an empty string or binary.
    Empty {
        /// The attribute.
        name: String,
        /// Its type.
        ty: Type,
    },
    /// The partition key is longer than allowed.
    PartitionTooLong,
    /// The sort key is longer than allowed.
    SortTooLong,
    /// A key has an attribute that is no key attribute.
    NotInSchema {
        /// The attribute.
        name: String,
    },
}
