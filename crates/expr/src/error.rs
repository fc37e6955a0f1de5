//! What can be wrong with an expression, as data, and DynamoDB's text for it. This module is the only place of
//! those texts; the order of errors follows from the steps that find them.

mod bound;
mod key;
mod parameter;
mod update;

pub use bound::ShownValue;
pub use key::{KeyConditionError, KeyUseError};
pub use parameter::ParameterError;
pub use update::UpdateError;

use crate::path::{Clash, Path};
use std::fmt::{self, Display, Formatter};
use types::ValueBuf;

/// An attribute name beyond what a name can have, here or in a value.
pub const NAME_TOO_LONG: &str = "Attribute name is too large, must be less than 65536 bytes";

/// A text that is no number.
pub const NOT_A_NUMBER: &str = "The parameter cannot be converted to a numeric value";
/// A number of too large a magnitude.
pub const NUMBER_OVERFLOW: &str =
    "Number overflow. Attempting to store a number with magnitude larger than supported range";
/// One of too small a magnitude.
pub const NUMBER_UNDERFLOW: &str =
    "Number underflow. Attempting to store a number with magnitude smaller than supported range";
/// A literal of too many digits.
pub const NUMBER_TOO_LONG: &str = "Attempting to store more than 38 significant digits in a Number";

/// Which expression of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// ConditionExpression
    Condition,
    /// FilterExpression
    Filter,
    /// KeyConditionExpression
    KeyCondition,
    /// UpdateExpression
    Update,
    /// ProjectionExpression
    Projection,
}

impl Kind {
    /// The name of the request member.
    pub fn member(self) -> &'static str {
        match self {
            Kind::Condition => "ConditionExpression",
            Kind::Filter => "FilterExpression",
            Kind::KeyCondition => "KeyConditionExpression",
            Kind::Update => "UpdateExpression",
            Kind::Projection => "ProjectionExpression",
        }
    }

    pub(crate) fn error(self, fault: Fault) -> ExprError {
        ExprError { kind: self, fault }
    }
}

/// An expression that cannot be used. `Display` is DynamoDB's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError {
    /// Which expression.
    pub kind: Kind,
    /// What is wrong with it.
    pub fault: Fault,
}

impl ExprError {
    /// Adds the size of an expression that is too long: Scan's filter and the conditions of a
    /// transaction do so.
    pub fn showing_size(mut self) -> Self {
        if let Fault::TooLong { shown, .. } = &mut self.fault {
            *shown = true;
        }
        self
    }
}

impl Display for ExprError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.fault {
            // The one text that names no expression.
            Fault::NameTooLong => self.fault.fmt(f),
            fault => write!(f, "Invalid {}: {fault}", self.kind.member()),
        }
    }
}

impl std::error::Error for ExprError {}

/// What is wrong with an expression, before any item is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The empty string.
    Empty,
    /// More bytes than an expression may have; `shown` is whether the text states how many.
    TooLong {
        /// Bytes as sent.
        bytes: usize,
        /// Whether the text includes them.
        shown: bool,
    },
    /// The grammar does not allow `token` here.
    Syntax {
        /// The token, `<EOF>` at the end.
        token: String,
        /// The source around it.
        near: String,
    },
    /// A list index beyond what can be counted.
    IndexRange(String),
    /// A path with too many elements.
    PathTooDeep(usize),
    /// `((…))`
    RedundantParentheses,
    /// A function that does not exist.
    UnknownFunction(String),
    /// A function where its result has no use.
    MisusedFunction(String),
    /// A bare name that is a reserved word.
    ReservedWord(String),
    /// More operators and functions than allowed.
    TooManyOperators(usize),
    /// More operands of IN than allowed.
    TooManyInOperands(usize),
    /// A section of an update that appears again.
    SectionTwice(&'static str),
    /// An alias without a definition.
    UndefinedName(String),
    /// An alias of a name longer than an attribute name can be.
    NameTooLong,
    /// A value without a definition.
    UndefinedValue(String),
    /// A function with too few or too many arguments.
    OperandCount {
        /// The function.
        operator: String,
        /// How many were given.
        count: usize,
    },
    /// A function that works on a path was given something else.
    PathRequired(String),
    /// Both operands are the same path.
    SameOperand {
        /// The operator or function.
        operator: String,
        /// The path.
        path: Path,
    },
    /// A literal of a type the operator does not take.
    OperandType {
        /// The operator or function.
        operator: String,
        /// The type, or the set of types, as the text spells it.
        operand: &'static str,
    },
    /// ADD or DELETE with a literal of a type it does not take.
    ClauseOperandType {
        /// `ADD` or `DELETE`.
        clause: &'static str,
        /// The type as this text spells it.
        operand: &'static str,
    },
    /// attribute_type with a name that is no type.
    UnknownType(String),
    /// Literal bounds of different types.
    BoundTypes(Box<(ValueBuf, ValueBuf)>),
    /// Literal bounds of which the lower is above the upper.
    BoundOrder(Box<(ValueBuf, ValueBuf)>),
    /// Two paths of an update or a projection that exclude each other.
    PathClash(Clash, Box<(Path, Path)>),
}

impl Fault {
    pub(crate) fn operand_type(operator: impl Into<String>, operand: &'static str) -> Fault {
        Fault::OperandType { operator: operator.into(), operand }
    }

    pub(crate) fn operand_count(operator: impl Into<String>, count: usize) -> Fault {
        Fault::OperandCount { operator: operator.into(), count }
    }

    pub(crate) fn path_clash((clash, first, second): (Clash, &Path, &Path)) -> Fault {
        Fault::PathClash(clash, Box::new((first.clone(), second.clone())))
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Empty => f.write_str("The expression can not be empty;"),
            Fault::TooLong { bytes, shown } => {
                f.write_str("Expression size has exceeded the maximum allowed size;")?;
                if *shown { write!(f, " expression size: {bytes}") } else { Ok(()) }
            }
            Fault::Syntax { token, near } => write!(f, "Syntax error; token: \"{token}\", near: \"{near}\""),
            Fault::IndexRange(index) => {
                write!(f, "List index is not within the allowable range; index: [{index}]")
            }
            Fault::PathTooDeep(levels) => {
                write!(f, "The document path has too many nesting elements; nesting levels: {levels}")
            }
            Fault::RedundantParentheses => f.write_str("The expression has redundant parentheses;"),
            Fault::UnknownFunction(name) => write!(f, "Invalid function name; function: {name}"),
            Fault::MisusedFunction(name) => {
                write!(
                    f,
                    "The function is not allowed to be used this way in an expression; function: {name}"
                )
            }
            Fault::ReservedWord(word) => {
                write!(f, "Attribute name is a reserved keyword; reserved keyword: {word}")
            }
            Fault::TooManyOperators(count) => {
                write!(f, "The expression contains too many operators; operator count: {count}")
            }
            Fault::TooManyInOperands(count) => {
                write!(f, "The IN operator is provided with too many operands; number of operands: {count}")
            }
            Fault::SectionTwice(section) => {
                write!(f, "The \"{section}\" section can only be used once in an update expression;")
            }
            Fault::UndefinedName(alias) => write!(
                f,
                "An expression attribute name used in the document path is not defined; attribute name: {alias}"
            ),
            Fault::NameTooLong => f.write_str(NAME_TOO_LONG),
            Fault::UndefinedValue(name) => {
                write!(
                    f,
                    "An expression attribute value used in expression is not defined; attribute value: {name}"
                )
            }
            Fault::OperandCount { operator, count } => write!(
                f,
                "Incorrect number of operands for operator or function; operator or function: {operator}, number of operands: {count}"
            ),
            Fault::PathRequired(operator) => {
                write!(f, "Operator or function requires a document path; operator or function: {operator}")
            }
            Fault::SameOperand { operator, path } => write!(
                f,
                "The first operand must be distinct from the remaining operands for this operator or function; operator: {operator}, first operand: {path}"
            ),
            Fault::OperandType { operator, operand } => write!(
                f,
                "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {operand}"
            ),
            Fault::ClauseOperandType { clause, operand } => write!(
                f,
                "Incorrect operand type for operator or function; operator: {clause}, operand type: {operand}, typeSet: ALLOWED_FOR_{clause}_OPERAND"
            ),
            Fault::UnknownType(name) => write!(
                f,
                "Invalid attribute type name found; type: {name}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
            ),
            Fault::BoundTypes(bounds) => bound::write_rule(
                f,
                "The BETWEEN operator requires same data type for lower and upper bounds",
                bounds,
            ),
            Fault::BoundOrder(bounds) => bound::write_rule(
                f,
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound",
                bounds,
            ),
            Fault::PathClash(clash, paths) => {
                let how = if *clash == Clash::Overlap { "overlap" } else { "conflict" };
                write!(
                    f,
                    "Two document paths {how} with each other; must remove or rewrite one of these paths; path one: {}, path two: {}",
                    paths.0, paths.1
                )
            }
        }
    }
}
