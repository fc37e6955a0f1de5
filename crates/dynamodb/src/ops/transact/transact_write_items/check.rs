//! Checks of TransactWriteItems that need only the request, expressions aside.

use super::action::{self, Action, ActionKind};
use super::echo;
use crate::checks::attribute_values as values;
use crate::checks::members::{Members, RETURN_VALUES_ON_CONDITION_CHECK_FAILURE};
use crate::checks::transact_list::{self, LAYER, path};
use crate::errors;
use model::ApiError;
use model::dynamodb::TransactWriteItemsInput;
use stdx::limits::TRANSACTION_BYTES_MAX;
use wire::attribute::Attributes;

const TOKEN_CHARACTERS_MAX: usize = 36;

/// The stages of members: the list, members of actions and request, one action each, table names.
pub(super) fn members(input: &TransactWriteItemsInput) -> Result<(), ApiError> {
    let elements = transact_list::check_length(&input.transact_items, echo::put_element)?;
    single_members(input)?;
    for element in elements {
        match action::count(element) {
            1 => {}
            0 => return Err(ApiError::validation(errors::NO_ACTION)),
            _ => return Err(ApiError::validation(errors::SEVERAL_ACTIONS)),
        }
    }
    transact_list::check_table_names(
        action::all(input).map(|(at, action)| (at, action.kind.member(), action.table_name)),
    )
}

fn single_members(input: &TransactWriteItemsInput) -> Result<(), ApiError> {
    let mut members = Members::new();
    for (at, action) in action::all(input) {
        let path = |member| path(at, action.kind.member(), member);
        members
            .one_of(
                path("returnValuesOnConditionCheckFailure"),
                action.on_failure,
                RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
            )
            .required(path(action.kind.attributes_member()), &action.attributes);
        match action.kind {
            ActionKind::Update => members.required(path("updateExpression"), &action.update),
            ActionKind::Check => members.required(path("conditionExpression"), &action.condition),
            ActionKind::Put | ActionKind::Delete => &mut members,
        };
    }
    members
        .add_all(token_fault(input.client_request_token.as_deref()))
        .return_consumed_capacity(&input.return_consumed_capacity)
        .return_item_collection_metrics(&input.return_item_collection_metrics)
        .check()
}

fn token_fault(token: Option<&str>) -> Option<String> {
    let token = token?;
    let constraint = match token.encode_utf16().count() {
        0 => errors::length_at_least(1),
        1..=TOKEN_CHARACTERS_MAX => return None,
        _ => errors::length_at_most(TOKEN_CHARACTERS_MAX),
    };
    Some(errors::member_value(token, "clientRequestToken", constraint))
}

/// The stage of empty names.
pub(super) fn empty_names(action: &Action<'_>) -> Result<(), ApiError> {
    transact_list::check_empty_names(action.attributes, action.names)?;
    match action.values.into_iter().flatten().find(|(_, value)| value.has_empty_name) {
        Some((key, _)) => Err(LAYER.refuse(errors::named_value(errors::EMPTY_ATTRIBUTE_NAME, key))),
        None => Ok(()),
    }
}

/// The stage of keys that are nested too deeply; items were judged with their action.
pub(super) fn key_depth(action: &Action<'_>) -> Result<(), ApiError> {
    match action.attributes {
        Some(key) if action.kind != ActionKind::Put => values::depth(key.nesting_levels, LAYER),
        _ => Ok(()),
    }
}

/// The stage of the size of all together: items, keys, and the values of updates.
pub(super) fn size(actions: &[Action<'_>]) -> Result<(), ApiError> {
    // Canonical bytes are never fewer than DynamoDB counts, and known without counting.
    let is_large =
        |size: fn(&Action<'_>) -> usize| actions.iter().map(size).sum::<usize>() > TRANSACTION_BYTES_MAX;
    if is_large(encoded_bytes) && is_large(size_bytes) {
        return Err(ApiError::validation(errors::TRANSACTION_PAYLOAD_TOO_LARGE));
    }
    Ok(())
}

fn encoded_bytes(action: &Action<'_>) -> usize {
    let attributes = action.attributes.map_or(0, |Attributes { item, .. }| item.as_bytes().len());
    let values = action.values.into_iter().flatten();
    attributes + values.map(|(_, value)| value.value.as_bytes().len()).sum::<usize>()
}

fn size_bytes(action: &Action<'_>) -> usize {
    let attributes = action.attributes.map_or(0, |Attributes { item, .. }| item.size_bytes());
    let values = action.values.filter(|_| action.kind == ActionKind::Update).into_iter().flatten();
    attributes + values.map(|(_, value)| value.value.as_ref().size_bytes()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts of items of this many bytes each.
    fn puts(count: usize, bytes: usize) -> TransactWriteItemsInput {
        let value = "x".repeat(bytes - 2);
        let put = |i| format!(r#"{{"Put":{{"TableName":"abc","Item":{{"{i}":{{"S":"{value}"}}}}}}}}"#);
        let list: Vec<String> = (10..10 + count).map(put).collect();
        wire::json::decode(format!(r#"{{"TransactItems":[{}]}}"#, list.join(",")).as_bytes()).unwrap()
    }

    #[test]
    fn four_megabytes_together() {
        let check = |input: &TransactWriteItemsInput| {
            let actions: Vec<_> = action::all(input).map(|(_, action)| action).collect();
            size(&actions).err().and_then(|error| error.message)
        };
        assert_eq!(check(&puts(16, TRANSACTION_BYTES_MAX / 16)), None);
        assert_eq!(
            check(&puts(16, TRANSACTION_BYTES_MAX / 16 + 1)).as_deref(),
            Some(errors::TRANSACTION_PAYLOAD_TOO_LARGE)
        );
    }
}
