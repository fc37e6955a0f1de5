//! Conditions and filters: the resolved form, and the way to it from an expression.
//!
//! A [`Condition`] from an expression is at most as deep as the operator limit (300), so the functions over it
//! may recurse. Other builders must keep the same bound.

mod evaluate;
mod key_use;
mod parse;
mod resolve;
mod statics;

pub(crate) use evaluate::compare_ordered;
pub(crate) use statics::ANY_TYPE;

use crate::error::{ExprError, Kind};
use crate::parameters::{Parameters, Usage};
use crate::path::Path;
use crate::syntax::{self, Tree};
use types::{Type, ValueBuf};

/// A condition with every alias replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All hold; judged left to right until one does not.
    And(Vec<Condition>),
    /// One holds.
    Or(Vec<Condition>),
    /// It does not hold. Legacy NOT_CONTAINS is `Not(Contains)`.
    Not(Box<Condition>),
    /// A comparison. Where a side is missing only `<>` holds.
    Compare {
        /// The operator.
        comparator: Comparator,
        /// Its left side.
        left: Operand,
        /// Its right side.
        right: Operand,
    },
    /// `subject BETWEEN low AND high`, bounds included.
    Between {
        /// What is compared.
        subject: Operand,
        /// The lower bound.
        low: Operand,
        /// The upper bound.
        high: Operand,
    },
    /// The subject equals one of the candidates.
    In {
        /// What is compared.
        subject: Operand,
        /// What it is compared with.
        candidates: Vec<Operand>,
    },
    /// There is a value at the path (legacy NOT_NULL).
    Exists(Path),
    /// There is none (legacy NULL).
    NotExists(Path),
    /// The value has this type.
    HasType(Operand, Type),
    /// A string or binary starts with another.
    BeginsWith {
        /// The longer one.
        subject: Operand,
        /// Its beginning.
        prefix: Operand,
    },
    /// A string or binary contains another, a set a member, a list an element.
    Contains {
        /// What contains.
        container: Operand,
        /// What is contained.
        member: Operand,
    },
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparator {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Comparator {
    /// All of them.
    pub const ALL: [Comparator; 6] =
        [Comparator::Eq, Comparator::Ne, Comparator::Lt, Comparator::Le, Comparator::Gt, Comparator::Ge];

    /// As written in expressions.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparator::Eq => "=",
            Comparator::Ne => "<>",
            Comparator::Lt => "<",
            Comparator::Le => "<=",
            Comparator::Gt => ">",
            Comparator::Ge => ">=",
        }
    }

    /// The operator with the same meaning and its sides exchanged.
    pub fn mirrored(self) -> Comparator {
        match self {
            Comparator::Lt => Comparator::Gt,
            Comparator::Le => Comparator::Ge,
            Comparator::Gt => Comparator::Lt,
            Comparator::Ge => Comparator::Le,
            same => same,
        }
    }

    /// Whether it needs an order, not only equality.
    pub fn is_ordering(self) -> bool {
        !matches!(self, Comparator::Eq | Comparator::Ne)
    }
}

/// What a condition works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// The value at a path of the item.
    Path(Path),
    /// A literal.
    Value(ValueBuf),
    /// The size of another operand.
    Size(Box<Operand>),
}

/// A condition that has passed the checks that need no parameters.
#[derive(Debug, Clone)]
pub struct ParsedCondition<'a> {
    kind: Kind,
    /// Its last node is the whole condition.
    tree: Tree<'a>,
}

/// Reads a ConditionExpression, FilterExpression or KeyConditionExpression.
///
/// Refuses, in this order: the empty expression, one that is too long, syntax errors, redundant
/// parentheses, unknown functions, misused functions, reserved words, paths too deep, too many operators
/// or operands of IN.
pub fn parse(text: &str, kind: Kind) -> Result<ParsedCondition<'_>, ExprError> {
    let tree = parse::parse(text).map_err(|fault| kind.error(fault))?;
    Ok(ParsedCondition { kind, tree })
}

impl ParsedCondition<'_> {
    /// Every alias is defined.
    pub fn check_references(&self, parameters: &Parameters<'_>, usage: &mut Usage) -> Result<(), ExprError> {
        let checked = self.tree.iter().try_for_each(|node| syntax::check_references(node, parameters, usage));
        checked.map_err(|fault| self.kind.error(fault))
    }

    /// Judges each sub-condition in turn, an inner one before the one that contains it: operand counts,
    /// distinct operands, types of literals, paths where only paths can be. What is undefined is passed over.
    pub fn check_statics(&self, parameters: &Parameters<'_>) -> Result<(), ExprError> {
        statics::check(&self.tree, parameters).map_err(|fault| self.kind.error(fault))
    }

    /// [`ParsedCondition::check_references`] and [`ParsedCondition::check_statics`] at once: the first
    /// sub-condition with a fault of either kind is reported.
    pub fn check_in_turn(&self, parameters: &Parameters<'_>, usage: &mut Usage) -> Result<(), ExprError> {
        statics::check_with_references(&self.tree, parameters, usage).map_err(|fault| self.kind.error(fault))
    }

    /// Replaces the aliases. The first undefined one, or what the checks before would have found, is the error.
    pub fn resolve(&self, parameters: &Parameters<'_>, usage: &mut Usage) -> Result<Condition, ExprError> {
        resolve::resolve(&self.tree, parameters, usage).map_err(|fault| self.kind.error(fault))
    }
}

impl Condition {
    /// Calls `visit` with every path, in the order of the expression.
    pub fn visit_paths<'c>(&'c self, visit: &mut impl FnMut(&'c Path)) {
        match self {
            Condition::And(all) | Condition::Or(all) => all.iter().for_each(|one| one.visit_paths(visit)),
            Condition::Not(inner) => inner.visit_paths(visit),
            Condition::Exists(path) | Condition::NotExists(path) => visit(path),
            Condition::HasType(operand, _) => operand.visit_paths(visit),
            Condition::In { subject, candidates } => {
                subject.visit_paths(visit);
                candidates.iter().for_each(|candidate| candidate.visit_paths(visit));
            }
            Condition::Between { subject, low, high } => {
                [subject, low, high].into_iter().for_each(|operand| operand.visit_paths(visit));
            }
            Condition::Compare { left: first, right: second, .. }
            | Condition::BeginsWith { subject: first, prefix: second }
            | Condition::Contains { container: first, member: second } => {
                first.visit_paths(visit);
                second.visit_paths(visit);
            }
        }
    }
}

impl Operand {
    /// The top-level attribute of this name.
    pub fn attribute(name: impl Into<String>) -> Operand {
        Operand::Path(Path::top_level(name))
    }

    fn visit_paths<'c>(&'c self, visit: &mut impl FnMut(&'c Path)) {
        match self {
            Operand::Path(path) => visit(path),
            Operand::Value(_) => {}
            Operand::Size(inner) => inner.visit_paths(visit),
        }
    }
}

#[cfg(test)]
mod tests;
