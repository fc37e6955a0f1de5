//! The one item that a write is about: what its WHERE clause says of the key, and what else it says.

use super::where_clause::equality;
use crate::condition::Condition;
use std::fmt::{self, Display, Formatter};
use types::{Item, ItemBuilder};

/// A WHERE clause that does not name one item. `Display` is DynamoDB's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKeyError {
    /// An attribute of the key has no equality that always holds.
    Missing,
    /// One has several.
    Repeated(String),
}

impl Display for ItemKeyError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ItemKeyError::Missing => {
                f.write_str("Where clause does not contain a mandatory equality on all key attributes")
            }
            ItemKeyError::Repeated(name) => write!(
                f,
                "Multiple conditions on same key {name}. Only single item Update/Insert/Delete are supported"
            ),
        }
    }
}

impl std::error::Error for ItemKeyError {}

/// Splits a WHERE clause into the key of an item and the condition on it. `attributes` are those of the key.
pub fn item_key(
    condition: Option<Condition>,
    attributes: &[&str],
) -> Result<(Item, Option<Condition>), ItemKeyError> {
    let mut conjuncts = Vec::new();
    condition.into_iter().for_each(|condition| flatten(condition, &mut conjuncts));
    let mut key = ItemBuilder::new();
    for name in attributes {
        let is_equality = |one: &Condition| equality(one).is_some_and(|(found, _)| found == *name);
        let at = conjuncts.iter().position(is_equality).ok_or(ItemKeyError::Missing)?;
        let conjunct = conjuncts.remove(at);
        if conjuncts.iter().any(is_equality) {
            return Err(ItemKeyError::Repeated((*name).to_owned()));
        }
        if let Some((_, value)) = equality(&conjunct) {
            key.put_encoded(name, value.as_bytes());
        }
    }
    Ok((key.build(), joined(conjuncts)))
}

/// The conditions that all hold where this one does.
pub(super) fn flatten(condition: Condition, into: &mut Vec<Condition>) {
    match condition {
        Condition::And(all) => all.into_iter().for_each(|one| flatten(one, into)),
        other => into.push(other),
    }
}

/// The condition that all of these hold.
pub(super) fn joined(mut conjuncts: Vec<Condition>) -> Option<Condition> {
    match conjuncts.len() {
        0 | 1 => conjuncts.pop(),
        _ => Some(Condition::And(conjuncts)),
    }
}
