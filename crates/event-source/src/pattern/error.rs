//! What is wrong with a pattern, in the words of the rule engine.

use super::PATTERN_CHARS_MAX;

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Not JSON, or nested too deeply.
    #[error("Event pattern is not valid. Reason: {0}")]
    Json(String),
    /// Longer than a pattern may be.
    #[error("Event pattern is not valid. Reason: longer than {PATTERN_CHARS_MAX} characters")]
    TooLong,
    /// The whole is not an object.
    #[error("Event pattern is not valid. Reason: Filter is not an object")]
    NotAnObject,
    /// An object without fields.
    #[error("Event pattern is not valid. Reason: Empty objects are not allowed")]
    EmptyObject,
    /// An array without alternatives.
    #[error("Event pattern is not valid. Reason: Empty arrays are not allowed")]
    EmptyArray,
    /// A field whose value is neither an object nor an array.
    #[error("Event pattern is not valid. Reason: \"{0}\" must be an object or an array")]
    FieldValue(String),
    /// An alternative that no value can be.
    #[error("Event pattern is not valid. Reason: Match value must be String, number, true, false, or null")]
    MatchValue,
    /// A match expression with more than one key, or with none.
    #[error("Event pattern is not valid. Reason: Only one key allowed in match expression")]
    OneKey,
    /// A match expression that is not known.
    #[error("Event pattern is not valid. Reason: Unrecognized match type {0}")]
    UnknownMatch(String),
    /// What stands behind a match expression is not of its kind.
    #[error("Event pattern is not valid. Reason: {what} match pattern must be {expected}")]
    Operand {
        /// The match expression.
        what: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// A range that no number lies in.
    #[error("Event pattern is not valid. Reason: Bottom must be less than top")]
    EmptyRange,
    /// A comparison that is not known, or that has no place where it stands.
    #[error("Event pattern is not valid. Reason: Unrecognized numeric range operator: {0}")]
    NumericOperator(String),
    /// Not an address, a slash and a number of bits.
    #[error("Event pattern is not valid. Reason: Malformed CIDR, one '/' required, got {0}")]
    Cidr(String),
    /// Two stars, or a backslash before something else than a star or a backslash.
    #[error("Event pattern is not valid. Reason: Invalid wildcard: {0}")]
    Wildcard(String),
    /// `$or` multiplies to too many.
    #[error("Event pattern is not valid. Reason: Rule is too complex - try using fewer array entries or $or")]
    TooManyCombinations,
}
