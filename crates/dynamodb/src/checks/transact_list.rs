//! The list of actions of a transaction, and the parts of an action that reads and writes have in common.

use crate::checks::attribute_values as values;
use crate::checks::java_text::JavaText;
use crate::checks::members::Members;
use crate::checks::table_name;
use crate::errors::{self, Layer};
use model::ApiError;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::Hash;
use stdx::limits::TRANSACTION_ACTIONS_MAX;
use wire::attribute::Attributes;

/// How transactions word what is wrong.
pub const LAYER: Layer = Layer::Older;

/// There are 1 to 100 elements; a longer list is repeated in the text, each element as `put` prints it.
pub fn check_length<T>(list: &Option<Vec<T>>, put: impl Fn(&mut JavaText, &T)) -> Result<&[T], ApiError> {
    const PATH: &str = "transactItems";
    let text = match list.as_deref() {
        None => errors::must_not_be_null(PATH),
        Some([]) => errors::member_value("[]", PATH, errors::length_at_least(1)),
        Some(list) if list.len() > TRANSACTION_ACTIONS_MAX => {
            let mut text = JavaText::default();
            text.list(list, &put);
            let echo = text.finish();
            errors::member_value(echo, PATH, errors::length_at_most(TRANSACTION_ACTIONS_MAX))
        }
        Some(list) => return Ok(list),
    };
    Err(errors::enveloped(text))
}

/// The path of an action's member in texts, which is put together only where something is wrong.
#[derive(Debug, Clone, Copy)]
pub struct MemberPath<'a> {
    at: usize,
    action: &'a str,
    member: &'a str,
}

/// The path of an action in texts.
pub fn path<'a>(at: usize, action: &'a str, member: &'a str) -> MemberPath<'a> {
    MemberPath { at, action, member }
}

impl fmt::Display for MemberPath<'_> {
    /// Positions count from 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MemberPath { at, action, member } = self;
        write!(f, "transactItems.{}.member.{action}.{member}", at + 1)
    }
}

/// All names of tables, together; each comes with the action it belongs to.
pub fn check_table_names<'a>(
    names: impl Iterator<Item = (usize, &'static str, Option<&'a str>)>,
) -> Result<(), ApiError> {
    let mut members = Members::new();
    for (at, action, name) in names {
        members.add_all(table_name::faults_at(name, path(at, action, "tableName")));
    }
    members.check()
}

/// No two actions are about the same item.
pub fn check_distinct<K: Hash + Eq>(keys: impl IntoIterator<Item = K>) -> Result<(), ApiError> {
    let mut seen = HashSet::new();
    if keys.into_iter().all(|key| seen.insert(key)) {
        return Ok(());
    }
    Err(ApiError::validation(errors::SAME_ITEM))
}

/// No attribute and no alias of an action is the empty name.
pub fn check_empty_names(
    attributes: Option<&Attributes>,
    names: Option<&BTreeMap<String, String>>,
) -> Result<(), ApiError> {
    attributes.map_or(Ok(()), |attributes| values::no_empty_name(attributes, LAYER))?;
    match names.into_iter().flatten().find(|(_, name)| name.is_empty()) {
        Some((alias, _)) => Err(LAYER.refuse(errors::empty_name_for_alias(alias))),
        None => Ok(()),
    }
}
