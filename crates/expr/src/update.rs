//! Updates: the resolved form, the way to it from an expression, and what is known of an update before it is
//! applied. Every clause reads the item as it was before the update.

mod cost;
mod evaluate;
mod parse;
mod resolve;
mod rewrite;
mod set;
mod statics;
mod term;

pub use evaluate::Updated;

use crate::error::{ExprError, Fault, Kind};
use crate::parameters::{Parameters, Usage};
use crate::path::{Path, first_clash};
use crate::syntax::{NodeId, RawPath, Tree};
use types::ValueBuf;

/// An update with every alias replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    actions: Vec<Action>,
    origin: Origin,
}

/// What an update was made from; errors about types of attributes are worded accordingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Expression,
    AttributeUpdates,
}

/// What an update does to one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The target.
    pub path: Path,
    /// The action on it.
    pub change: Change,
}

/// The action on a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It gets a value (legacy PUT).
    Set(Term),
    /// It goes (legacy DELETE without a value).
    Remove,
    /// A number is added, members join a set; a list is appended to a list (legacy only).
    Add(ValueBuf),
    /// Members leave a set.
    Delete(ValueBuf),
}

/// How SET gets at a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The value at a path of the old item.
    Path(Path),
    /// A literal.
    Value(ValueBuf),
    /// The value at the path, else the other term.
    IfNotExists(Path, Box<Term>),
    /// One list after the other.
    ListAppend(Box<Term>, Box<Term>),
    /// `+`
    Sum(Box<Term>, Box<Term>),
    /// `-`
    Difference(Box<Term>, Box<Term>),
}

/// An update that has passed the checks that need no parameters.
#[derive(Debug, Clone)]
pub struct ParsedUpdate<'a> {
    tree: Tree<'a>,
    actions: Vec<RawAction<'a>>,
}

#[derive(Debug, Clone)]
struct RawAction<'a> {
    path: RawPath<'a>,
    change: RawChange<'a>,
}

#[derive(Debug, Clone, Copy)]
enum RawChange<'a> {
    Set(NodeId),
    Remove,
    Add(&'a str),
    Delete(&'a str),
}

/// Reads an UpdateExpression. Refuses, in this order: the empty expression, one that is too long, syntax
/// errors, reserved words, paths too deep, unknown functions, misused functions, sections used twice, too many
/// operators.
pub fn parse(text: &str) -> Result<ParsedUpdate<'_>, ExprError> {
    parse::parse(text).map_err(|fault| Kind::Update.error(fault))
}

impl ParsedUpdate<'_> {
    /// Replaces the aliases and judges what can be judged without an item, in this order: undefined names,
    /// undefined values, literals of ADD and DELETE, operands of functions and arithmetic, targets that
    /// overlap or conflict.
    pub fn resolve(&self, parameters: &Parameters<'_>, usage: &mut Usage) -> Result<Update, ExprError> {
        let actions = resolve::resolve(self, parameters, usage).map_err(|fault| Kind::Update.error(fault))?;
        Ok(Update { actions, origin: Origin::Expression })
    }
}

impl Update {
    /// The update that legacy AttributeUpdates describe: actions on distinct top-level attributes.
    pub fn from_attribute_updates(actions: Vec<Action>) -> Update {
        Update { actions, origin: Origin::AttributeUpdates }
    }

    /// The update of a PartiQL statement. Refuses targets that overlap or conflict.
    pub(crate) fn of_statement(actions: Vec<Action>) -> Result<Update, Fault> {
        match first_clash(&actions.iter().map(|action| &action.path).collect::<Vec<_>>()) {
            Some(clash) => Err(Fault::path_clash(clash)),
            None => Ok(Update { actions, origin: Origin::Expression }),
        }
    }

    /// The actions in the order written.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Calls `visit` with every path: of each action its target, then what it reads.
    pub fn visit_paths<'u>(&'u self, visit: &mut impl FnMut(&'u Path)) {
        for action in &self.actions {
            visit(&action.path);
            if let Change::Set(term) = &action.change {
                term.visit_paths(visit);
            }
        }
    }

    /// Whether it sets this attribute to an unmodified value of the request.
    pub fn sets_literal(&self, attribute: &str) -> bool {
        let of = |action: &&Action| !action.path.is_nested() && action.path.top_level_name() == attribute;
        let literal = |action: &Action| matches!(action.change, Change::Set(Term::Value(_)) | Change::Add(_));
        self.actions.iter().find(of).is_some_and(literal)
    }

    /// Whether it takes away and puts nothing: such an update creates no item. One without any action does.
    pub fn only_removes(&self) -> bool {
        let removes = |action: &Action| matches!(action.change, Change::Remove | Change::Delete(_));
        !self.actions.is_empty() && self.actions.iter().all(removes)
    }

    /// The top-level attributes the targets begin at, in the order written; one may appear repeatedly.
    pub fn top_level_names(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|action| action.path.top_level_name())
    }
}

impl Term {
    /// Recursion is bounded by the operator limit.
    fn visit_paths<'t>(&'t self, visit: &mut impl FnMut(&'t Path)) {
        match self {
            Term::Path(path) => visit(path),
            Term::Value(_) => {}
            Term::IfNotExists(path, other) => {
                visit(path);
                other.visit_paths(visit);
            }
            Term::ListAppend(first, second) | Term::Sum(first, second) | Term::Difference(first, second) => {
                first.visit_paths(visit);
                second.visit_paths(visit);
            }
        }
    }
}

#[cfg(test)]
mod tests;
