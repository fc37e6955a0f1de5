//! AttributeUpdates: an action on each of some attributes.

use crate::checks::attribute_values;
use crate::errors::{self, Layer};
use expr::{Action, Change, Path, Term, Update};
use model::ApiError;
use model::dynamodb::AttributeValueUpdate;
use std::collections::BTreeMap;
use types::{Type, ValueBuf};

/// Checks, in this order: faults of values, names that are too long, unknown actions, actions without a value, types
/// of values.
pub fn attribute_updates(
    updates: &BTreeMap<String, AttributeValueUpdate>,
    layer: Layer,
) -> Result<Update, ApiError> {
    let mut values = updates.values().filter_map(|update| update.value.as_ref());
    values.try_for_each(|value| attribute_values::value(value, layer))?;
    attribute_values::names(updates.keys(), layer)?;
    if updates.values().any(|update| kind(update).is_none()) {
        return Err(layer.refuse(errors::UNKNOWN_ACTION));
    }
    let actions = updates.iter().map(|(name, update)| {
        let change = change(update).map_err(|text| layer.refuse(text))?;
        Ok(Action { path: Path::top_level(name.as_str()), change })
    });
    Ok(Update::from_attribute_updates(actions.collect::<Result<_, ApiError>>()?))
}

#[derive(Clone, Copy)]
enum Kind {
    Put,
    Add,
    Delete,
}

fn kind(update: &AttributeValueUpdate) -> Option<Kind> {
    match update.action.as_deref() {
        None | Some("PUT") => Some(Kind::Put),
        Some("ADD") => Some(Kind::Add),
        Some("DELETE") => Some(Kind::Delete),
        Some(_) => None,
    }
}

fn change(update: &AttributeValueUpdate) -> Result<Change, String> {
    let value = update.value.as_ref().map(|value| value.value.clone());
    match (kind(update).unwrap_or(Kind::Put), value) {
        (Kind::Delete, None) => Ok(Change::Remove),
        (_, None) => Err(errors::only_delete_without_value()),
        (Kind::Put, Some(value)) => Ok(Change::Set(Term::Value(value))),
        (Kind::Add, Some(value)) => of_type(value, &[Type::N, Type::L], errors::add_of).map(Change::Add),
        (Kind::Delete, Some(value)) => of_type(value, &[], errors::delete_from).map(Change::Delete),
    }
}

/// Sets are taken by both actions.
fn of_type(value: ValueBuf, others: &[Type], refusal: fn(&str) -> String) -> Result<ValueBuf, String> {
    let kind = value.as_ref().kind();
    let fits = matches!(kind, Type::SS | Type::NS | Type::BS) || others.contains(&kind);
    if fits { Ok(value) } else { Err(refusal(kind.tag())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(updates: &str, expected: &str) {
        let updates: BTreeMap<String, AttributeValueUpdate> = wire::json::decode(updates.as_bytes()).unwrap();
        let found = attribute_updates(&updates, Layer::Plain).err().and_then(|error| error.message);
        assert_eq!(found.as_deref().unwrap_or_default().trim_start_matches(errors::INVALID), expected);
    }

    #[test]
    fn actions_and_types() {
        check(r#"{"a":{"Value":{"S":"x"}}}"#, "");
        check(r#"{"a":{"Action":"DELETE"}}"#, "");
        check(r#"{"a":{"Action":"put","Value":{"S":"x"}}}"#, errors::UNKNOWN_ACTION);
        check(
            r#"{"a":{"Action":"ADD"}}"#,
            "Only DELETE action is allowed when no attribute value is specified",
        );
        check(
            r#"{"a":{"Action":"DELETE","Value":{"S":"x"}}}"#,
            "DELETE action with value is not supported for the type S",
        );
        check(r#"{"a":{"Action":"ADD","Value":{"S":"x"}}}"#, "ADD action is not supported for the type S");
        for value in [r#"{"N":"1"}"#, r#"{"SS":["a"]}"#, r#"{"L":[]}"#] {
            check(&format!(r#"{{"a":{{"Action":"ADD","Value":{value}}}}}"#), "");
        }
    }
}
