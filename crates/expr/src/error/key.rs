//! Errors about key attributes: key conditions, and other expressions that use key attributes.

use std::fmt::{self, Display, Formatter};

/// A condition that is no key condition, or not one of the given key schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyConditionError {
    /// An operator or function that key conditions do not have.
    InvalidOperator(&'static str),
    /// A function inside a condition.
    Nested,
    /// A path into an attribute.
    NestedPath,
    /// An operator whose first operand must be the key attribute.
    KeyNotFirst(&'static str),
    /// Two attributes in one condition.
    SeveralAttributes,
    /// No attribute in a condition.
    NoAttribute,
    /// Two conditions on one attribute.
    RepeatedKey,
    /// More conditions than key attributes.
    TooManyConditions {
        /// Conditions given.
        conditions: usize,
        /// Attributes of the key schema.
        attributes: usize,
    },
    /// A key attribute that must have a condition has none.
    MissedKey(String),
    /// Something other than equality on a partition key attribute.
    NotSupported,
    /// Partition key attributes without an equality, of a key of several partition or several sort key attributes.
    HashEqualityRequired {
        /// They, in the order of the schema.
        missing: Vec<String>,
    },
    /// A gap, or a non-equality, before a condition on a later sort key attribute.
    EqualityRequired {
        /// The attributes that need equality.
        missing: Vec<String>,
        /// The attribute that has a condition.
        present: String,
    },
    /// A value of another type than the key attribute.
    TypeMismatch,
}

impl Display for KeyConditionError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use KeyConditionError::*;
        const INVALID: &str = "Invalid KeyConditionExpression: KeyConditionExpressions";
        const CONDITION: &str = "Invalid condition in KeyConditionExpression:";
        match self {
            InvalidOperator(name) => write!(f, "Invalid operator used in KeyConditionExpression: {name}"),
            Nested => f.write_str("KeyConditionExpressions cannot contain nested operations"),
            NestedPath => write!(f, "{INVALID} cannot have conditions on nested attributes"),
            KeyNotFirst(name) => {
                write!(f, "{CONDITION} {name} operator must have the key attribute as its first operand")
            }
            SeveralAttributes => write!(f, "{CONDITION} Multiple attribute names used in one condition"),
            NoAttribute => write!(f, "{CONDITION} No key attribute specified"),
            RepeatedKey => write!(f, "{INVALID} must only contain one condition per key"),
            TooManyConditions { conditions, attributes } => write!(
                f,
                "The number of query conditions ({conditions}) exceeds the number of key attributes defined in the schema ({attributes})"
            ),
            MissedKey(name) => write!(f, "Query condition missed key schema element: {name}"),
            NotSupported => f.write_str("Query key condition not supported"),
            HashEqualityRequired { missing } => write!(
                f,
                "HASH key attributes {} must have equality conditions specified in the query",
                missing.join(", ")
            ),
            EqualityRequired { missing, present } => write!(
                f,
                "RANGE key attributes {} must have equality conditions specified in the query because a condition is present on key attribute {present}",
                missing.join(", ")
            ),
            TypeMismatch => f.write_str(
                "One or more parameter values were invalid: Condition parameter type does not match schema type",
            ),
        }
    }
}

impl std::error::Error for KeyConditionError {}

/// A condition or filter that uses a key attribute in a way it must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyUseError {
    /// The FilterExpression of a Query names an attribute of the key it queries by.
    InFilter(String),
    /// The same for a legacy QueryFilter.
    InQueryFilter(String),
    /// A path leads into an attribute of the primary key.
    IntoKey(String),
    /// A path leads into an attribute of an index key.
    IntoIndexKey(String),
}

impl Display for KeyUseError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const FILTER: &str = "can only contain non-primary key attributes: Primary key attribute:";
        const SCALARS: &str =
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed:";
        match self {
            KeyUseError::InFilter(name) => write!(f, "Filter Expression {FILTER} {name}"),
            KeyUseError::InQueryFilter(name) => write!(f, "QueryFilter {FILTER} {name}"),
            KeyUseError::IntoKey(name) => write!(f, "{SCALARS} Key: {name}"),
            KeyUseError::IntoIndexKey(name) => write!(f, "{SCALARS} IndexKey: {name}"),
        }
    }
}

impl std::error::Error for KeyUseError {}
