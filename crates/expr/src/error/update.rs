//! Errors of applying an update to an item.

use super::{NUMBER_OVERFLOW, NUMBER_UNDERFLOW};
use std::fmt::{self, Display, Formatter};
use types::NumberError;

/// Why an update cannot be applied to the item at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateError {
    /// An operand, or the attribute ADD or DELETE works on, has a type that does not fit.
    IncorrectDataType,
    /// The same for the attribute of a legacy AttributeUpdates.
    TypeMismatch,
    /// A parent of a target is missing or no container of the right kind.
    InvalidPath,
    /// SET reads an attribute that is not there.
    MissingAttribute,
    /// The result of arithmetic cannot be held.
    Number(NumberError),
    /// The result would be nested too deeply.
    Nesting,
    /// The result would be far beyond the size of an item.
    TooLarge,
}

impl Display for UpdateError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UpdateError::IncorrectDataType => {
                "An operand in the update expression has an incorrect data type"
            }
            UpdateError::TypeMismatch => "Type mismatch for attribute to update",
            UpdateError::InvalidPath => {
                "The document path provided in the update expression is invalid for update"
            }
            UpdateError::MissingAttribute => {
                "The provided expression refers to an attribute that does not exist in the item"
            }
            // A result of more than 38 digits is an overflow too, unlike such a literal.
            UpdateError::Number(
                NumberError::Overflow | NumberError::TooManyDigits | NumberError::Malformed,
            ) => NUMBER_OVERFLOW,
            UpdateError::Number(NumberError::Underflow) => NUMBER_UNDERFLOW,
            UpdateError::Nesting => "Nesting Levels have exceeded supported limits",
            UpdateError::TooLarge => "Item size to update has exceeded the maximum allowed size",
        })
    }
}

impl std::error::Error for UpdateError {}
