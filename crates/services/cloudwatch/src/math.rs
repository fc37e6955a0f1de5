//! Metric math: expressions over the series of a request.
//!
//! [`parse`] reads a text into an [`Expression`], whose depth is bounded; [`Scope`] has the series that ids name, and
//! [`evaluate`](Scope::evaluate) computes a [`Value`] within a budget of points. Series meet at their times: where one
//! operand has no point, the result has none.

mod aggregate;
mod evaluate;
mod line;
mod lists;
mod parse;
mod pointwise;

pub use evaluate::{Scope, Value};
pub use line::Line;
pub use parse::{Expression, parse};

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MathError {
    /// It is not an expression.
    #[error("unexpected {0}")]
    Unexpected(String),
    /// It is nested too deeply.
    #[error("the expression is nested too deeply")]
    TooDeep,
    /// There is no such function.
    #[error("the function {0} is not supported")]
    Unsupported(String),
    /// An id that no query has.
    #[error("the ID {0} does not exist")]
    UnknownId(String),
    /// A function does not take these.
    #[error("{0} has operands of a wrong number or type")]
    Operands(String),
    /// Expressions that need each other.
    #[error("expressions refer to each other in a circle")]
    Circle,
    /// More points than one request may compute.
    #[error("the expression computes too many data points")]
    TooMuch,
}
