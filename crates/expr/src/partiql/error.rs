//! What can be wrong with a statement by itself, and DynamoDB's text for it.

use crate::error::{Fault, NOT_A_NUMBER, NUMBER_OVERFLOW, NUMBER_TOO_LONG, NUMBER_UNDERFLOW};
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
            StatementError::Number(NumberError::Malformed, text) => write!(f, "{NOT_A_NUMBER}: {text}"),
            StatementError::Number(NumberError::Overflow, _) => f.write_str(NUMBER_OVERFLOW),
            StatementError::Number(NumberError::Underflow, _) => f.write_str(NUMBER_UNDERFLOW),
            StatementError::Number(NumberError::TooManyDigits, _) => f.write_str(NUMBER_TOO_LONG),
            StatementError::Operand(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for StatementError {}
