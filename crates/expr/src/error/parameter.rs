//! Errors of ExpressionAttributeNames and ExpressionAttributeValues as a whole.

use std::fmt::{self, Display, Formatter};

/// Names and values that do not fit the expressions of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterError {
    /// A map without entries; the member's name.
    EmptyMap(&'static str),
    /// A key without the form of an alias.
    InvalidKey {
        /// The member's name.
        member: &'static str,
        /// The key.
        key: String,
    },
    /// Entries no expression uses.
    Unused {
        /// The member's name.
        member: &'static str,
        /// The keys, in the order of the map.
        keys: Vec<String>,
    },
}

impl Display for ParameterError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ParameterError::EmptyMap(member) => write!(f, "{member} must not be empty"),
            ParameterError::InvalidKey { member, key } => {
                write!(f, "{member} contains invalid key: Syntax error; key: \"{key}\"")
            }
            ParameterError::Unused { member, keys } => {
                write!(f, "Value provided in {member} unused in expressions: keys: {{{}}}", keys.join(", "))
            }
        }
    }
}

impl std::error::Error for ParameterError {}
