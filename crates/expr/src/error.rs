//! What can be wrong with an expression, as data, and DynamoDB's text for it. This file is the one home of
//! those texts.

use crate::path::{Clash, Path};
use std::fmt::{self, Display, Formatter};
use types::{NumberError, ValueBuf, ValueRef};

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
    /// Of an expression that is too long, tells its size too: Scan's filter and the conditions of a
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
        write!(f, "Invalid {}: {}", self.kind.member(), self.fault)
    }
}

impl std::error::Error for ExprError {}

/// What is wrong with an expression, before any item is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The empty string.
    Empty,
    /// More bytes than an expression may have; `shown` says whether the text tells how many.
    TooLong {
        /// Bytes as sent.
        bytes: usize,
        /// Whether the text tells them.
        shown: bool,
    },
    /// The grammar was left at `token`.
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
    /// An alias that stands for a name longer than an attribute name can be.
    NameTooLong(String),
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
    /// Literal bounds the wrong way round.
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
            Fault::NameTooLong(alias) => {
                write!(
                    f,
                    "An expression attribute name is longer than an attribute name can be; attribute name: {alias}"
                )
            }
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
            Fault::BoundTypes(bounds) => bounds_text(
                f,
                "The BETWEEN operator requires same data type for lower and upper bounds",
                bounds,
            ),
            Fault::BoundOrder(bounds) => bounds_text(
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

fn bounds_text(f: &mut Formatter<'_>, rule: &str, (low, high): &(ValueBuf, ValueBuf)) -> fmt::Result {
    let (low, high) = (Shown(low.as_ref()), Shown(high.as_ref()));
    write!(
        f,
        "{rule}; lower bound operand: AttributeValue: {low}, upper bound operand: AttributeValue: {high}"
    )
}

/// A bound as the texts show it: `{S:a}`. Only S, N and B can be bounds.
struct Shown<'a>(ValueRef<'a>);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            ValueRef::S(s) => write!(f, "{{S:{s}}}"),
            ValueRef::N(n) => write!(f, "{{N:{n}}}"),
            ValueRef::B(b) => {
                f.write_str("{B:")?;
                write_base64(f, b)?;
                f.write_str("}")
            }
            other => write!(f, "{{{}:}}", other.kind().tag()),
        }
    }
}

fn write_base64(f: &mut Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().enumerate().fold(0u32, |word, (i, byte)| word | u32::from(*byte) << (16 - 8 * i));
        for i in 0..4 {
            let sextet = (word >> (18 - 6 * i)) & 0x3f;
            let letter = if i <= chunk.len() { char::from(ALPHABET[sextet as usize]) } else { '=' };
            write!(f, "{letter}")?;
        }
    }
    Ok(())
}

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

/// A condition that is no key condition, or not one of the given key schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyConditionError {
    /// An operator or function key conditions do not know.
    InvalidOperator(&'static str),
    /// A function inside a condition.
    Nested,
    /// A path into an attribute.
    NestedPath,
    /// An operator that wants the key attribute first.
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
            UpdateError::Number(NumberError::Overflow) => {
                "Number overflow. Attempting to store a number with magnitude larger than supported range"
            }
            UpdateError::Number(NumberError::Underflow) => {
                "Number underflow. Attempting to store a number with magnitude smaller than supported range"
            }
            UpdateError::Number(NumberError::TooManyDigits | NumberError::Malformed) => {
                "Attempting to store more than 38 significant digits in a Number"
            }
            UpdateError::Nesting => "Nesting Levels have exceeded supported limits",
            UpdateError::TooLarge => "Item size to update has exceeded the maximum allowed size",
        })
    }
}

impl std::error::Error for UpdateError {}
