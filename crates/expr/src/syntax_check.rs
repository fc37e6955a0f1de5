//! Rules about a syntax tree that need no parameters: functions, reserved words, bounds. Each rule is
//! judged over the whole expression before the next.

use crate::error::Fault;
use crate::path::PATH_ELEMENTS_MAX;
use crate::reserved::is_reserved;
use crate::syntax::{Node, RawPath, Tree};
use stdx::limits::{EXPRESSION_OPERATORS_MAX, IN_OPERANDS_MAX};

/// The functions of conditions.
pub(crate) const CONDITION_FUNCTIONS: &[&str] =
    &["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"];
/// The functions of updates.
pub(crate) const UPDATE_FUNCTIONS: &[&str] = &["if_not_exists", "list_append"];

/// Every function called is one that some expression has.
pub(crate) fn known_functions(tree: &Tree<'_>) -> Result<(), Fault> {
    let known = |name: &str| CONDITION_FUNCTIONS.contains(&name) || UPDATE_FUNCTIONS.contains(&name);
    let unknown = tree.iter().find_map(|node| match node {
        Node::Call { name, .. } if !known(name) => Some(*name),
        _ => None,
    });
    unknown.map_or(Ok(()), |name| Err(Fault::UnknownFunction(name.to_owned())))
}

/// No bare name is a reserved word.
pub(crate) fn reserved_words<'p, 'a: 'p>(paths: impl Iterator<Item = &'p RawPath<'a>>) -> Result<(), Fault> {
    for path in paths {
        if let Some(word) = path.bare_names().find(|name| is_reserved(name)) {
            return Err(Fault::ReservedWord(word.to_owned()));
        }
    }
    Ok(())
}

/// No path is deeper than documents can be.
pub(crate) fn path_depths<'p, 'a: 'p>(mut paths: impl Iterator<Item = &'p RawPath<'a>>) -> Result<(), Fault> {
    match paths.find(|path| path.0.len() > PATH_ELEMENTS_MAX) {
        Some(path) => Err(Fault::PathTooDeep(path.0.len())),
        None => Ok(()),
    }
}

/// The paths of a tree.
pub(crate) fn paths<'t, 'a>(tree: &'t Tree<'a>) -> impl Iterator<Item = &'t RawPath<'a>> {
    tree.iter().filter_map(|node| match node {
        Node::Path(path) => Some(path),
        _ => None,
    })
}

/// Neither too many operators nor too many operands of one IN. What passes is shallow enough for the
/// recursive functions that come later.
pub(crate) fn bounds(tree: &Tree<'_>) -> Result<(), Fault> {
    let operators = tree.iter().map(operators_of).sum();
    if operators > EXPRESSION_OPERATORS_MAX {
        return Err(Fault::TooManyOperators(operators));
    }
    let longest = tree.iter().filter_map(|node| match node {
        Node::In { candidates, .. } => Some(candidates.len()),
        _ => None,
    });
    match longest.max() {
        Some(count) if count > IN_OPERANDS_MAX => Err(Fault::TooManyInOperands(count)),
        _ => Ok(()),
    }
}

fn operators_of(node: &Node<'_>) -> usize {
    match node {
        Node::Path(_) | Node::Value(_) => 0,
        Node::And(operands) | Node::Or(operands) => operands.len() - 1,
        _ => 1,
    }
}
