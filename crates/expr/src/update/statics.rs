//! Checks of an update's operands that need no item: first the literals of ADD and DELETE, then the
//! operands of functions and of arithmetic. All values are defined by now.

use crate::error::Fault;
use crate::parameters::Parameters;
use crate::syntax::{Node, NodeId};
use crate::update::{ParsedUpdate, RawChange};
use types::Type;

pub(super) fn check(update: &ParsedUpdate<'_>, parameters: &Parameters<'_>) -> Result<(), Fault> {
    update.actions.iter().try_for_each(|action| clause(action.change, parameters))?;
    update.tree.iter().try_for_each(|node| operands(update, node, parameters))
}

fn clause(change: RawChange<'_>, parameters: &Parameters<'_>) -> Result<(), Fault> {
    let (clause, name) = match change {
        RawChange::Add(name) => ("ADD", name),
        RawChange::Delete(name) => ("DELETE", name),
        RawChange::Set(_) | RawChange::Remove => return Ok(()),
    };
    let Some(kind) = parameters.value(name).map(|value| value.as_ref().kind()) else { return Ok(()) };
    let fits = matches!(kind, Type::SS | Type::NS | Type::BS) || (clause == "ADD" && kind == Type::N);
    if fits { Ok(()) } else { Err(Fault::ClauseOperandType { clause, operand: long_name(kind) }) }
}

/// Types as the texts about clauses spell them.
fn long_name(kind: Type) -> &'static str {
    match kind {
        Type::S => "STRING",
        Type::N => "NUMBER",
        Type::B => "Binary",
        Type::L => "LIST",
        Type::M => "MAP",
        other => other.tag(),
    }
}

fn operands(update: &ParsedUpdate<'_>, node: &Node<'_>, parameters: &Parameters<'_>) -> Result<(), Fault> {
    match node {
        Node::Sum { left, right } => only(update, "+", &[*left, *right], Type::N, parameters),
        Node::Difference { left, right } => only(update, "-", &[*left, *right], Type::N, parameters),
        Node::Call { name, arguments } => call(update, name, arguments, parameters),
        _ => Ok(()),
    }
}

fn call(
    update: &ParsedUpdate<'_>,
    name: &str,
    arguments: &[NodeId],
    parameters: &Parameters<'_>,
) -> Result<(), Fault> {
    match (name, arguments) {
        ("if_not_exists", [path, _]) if update.tree.path(*path).is_none() => {
            Err(Fault::PathRequired(name.to_owned()))
        }
        ("if_not_exists", [_, _]) => Ok(()),
        (_, [_, _]) => only(update, name, arguments, Type::L, parameters),
        _ => Err(Fault::operand_count(name, arguments.len())),
    }
}

/// Every literal among the operands is of this type.
fn only(
    update: &ParsedUpdate<'_>,
    operator: &str,
    operands: &[NodeId],
    wanted: Type,
    parameters: &Parameters<'_>,
) -> Result<(), Fault> {
    let literals = operands.iter().filter_map(|id| update.tree.literal(*id, parameters));
    match literals.map(|value| value.as_ref().kind()).find(|kind| *kind != wanted) {
        Some(kind) => Err(Fault::operand_type(operator, kind.tag())),
        None => Ok(()),
    }
}
