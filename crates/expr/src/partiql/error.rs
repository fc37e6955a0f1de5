//! What can be wrong with a statement by itself, and DynamoDB's text for it.

use crate::error::Fault;
use std::fmt::{self, Display, Formatter};
use types::NumberError;

/// A statement that cannot be used. `Display` is DynamoDB's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementError {
    /// The grammar does not allow it; the text says how.
    Syntax(&'static str),
    /// A path where a function is called that there is not.
    PathComponent {
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// In characters.
        length: usize,
    },
    /// What the grammar allows and DynamoDB does not.
    Refused(&'static str),
    /// DELETE with something else than `ALL OLD *`.
    DeleteReturning(&'static str),
    /// Fewer parameters than question marks.
    ParameterCount,
    /// A number that cannot be one of an item.
    Number(NumberError, String),
    /// What expressions refuse as well.
    Operand(Fault),
}

impl From<Fault> for StatementError {
    fn from(fault: Fault) -> Self {
        StatementError::Operand(fault)
    }
}

impl Display for StatementError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            StatementError::Syntax(what) => {
                write!(f, "Statement wasn't well formed, can't be processed: {what}")
            }
            StatementError::PathComponent { line, column, length } => {
                write!(f, "Unexpected path component at {line}:{column}:{length}")
            }
            StatementError::Refused(what) => f.write_str(what),
            StatementError::DeleteReturning(returning) => write!(
                f,
                "Invalid returning clause: RETURNING {returning}. Only RETURNING ALL OLD * is allowed in DELETE \
                 statements."
            ),
            StatementError::ParameterCount => {
                f.write_str("Number of parameters in request and statement don't match.")
            }
            StatementError::Number(NumberError::Malformed, text) => {
                write!(f, "The parameter cannot be converted to a numeric value: {text}")
            }
            StatementError::Number(error, _) => f.write_str(number_text(*error)),
            StatementError::Operand(fault) => fault.fmt(f),
        }
    }
}

fn number_text(error: NumberError) -> &'static str {
    match error {
        NumberError::Malformed | NumberError::TooManyDigits => {
            "Attempting to store more than 38 significant digits in a Number"
        }
        NumberError::Overflow => {
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        }
        NumberError::Underflow => {
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        }
    }
}

impl std::error::Error for StatementError {}
