//! One view of the four kinds of action.

use model::dynamodb::{TransactWriteItem, TransactWriteItemsInput};
use std::collections::BTreeMap;
use wire::attribute::{AttributeValue, Attributes};

/// What is done to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ActionKind {
    Put,
    Update,
    Delete,
    Check,
}

impl ActionKind {
    /// The member of TransactWriteItem.
    pub(super) fn member(self) -> &'static str {
        match self {
            ActionKind::Put => "put",
            ActionKind::Update => "update",
            ActionKind::Delete => "delete",
            ActionKind::Check => "conditionCheck",
        }
    }

    /// The member with the item's key.
    pub(super) fn attributes_member(self) -> &'static str {
        if self == ActionKind::Put { "item" } else { "key" }
    }

    /// What the caller must be allowed to do.
    pub(super) fn permission(self) -> &'static str {
        match self {
            ActionKind::Put => "dynamodb:PutItem",
            ActionKind::Update => "dynamodb:UpdateItem",
            ActionKind::Delete => "dynamodb:DeleteItem",
            ActionKind::Check => "dynamodb:ConditionCheckItem",
        }
    }
}

/// An action of the request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Action<'a> {
    pub kind: ActionKind,
    pub table_name: Option<&'a str>,
    /// The item of a put, the key of others.
    pub attributes: Option<&'a Attributes>,
    pub update: Option<&'a str>,
    pub condition: Option<&'a str>,
    pub names: Option<&'a BTreeMap<String, String>>,
    pub values: Option<&'a BTreeMap<String, AttributeValue>>,
    pub on_failure: &'a Option<String>,
}

/// All actions with the position of their element.
pub(super) fn all(input: &TransactWriteItemsInput) -> impl Iterator<Item = (usize, Action<'_>)> {
    let elements = input.transact_items.iter().flatten().enumerate();
    elements.flat_map(|(at, element)| actions(element).into_iter().flatten().map(move |action| (at, action)))
}

/// How many actions an element has.
pub(super) fn count(element: &TransactWriteItem) -> usize {
    actions(element).into_iter().flatten().count()
}

macro_rules! action {
    ($kind:ident, $of:expr, $attributes:ident, $update:expr) => {
        $of.as_ref().map(|one| Action {
            kind: ActionKind::$kind,
            table_name: one.table_name.as_deref(),
            attributes: one.$attributes.as_ref(),
            update: $update,
            condition: one.condition_expression.as_deref(),
            names: one.expression_attribute_names.as_ref(),
            values: one.expression_attribute_values.as_ref(),
            on_failure: &one.return_values_on_condition_check_failure,
        })
    };
}

/// The four kinds an element can have.
pub(super) fn actions(element: &TransactWriteItem) -> [Option<Action<'_>>; 4] {
    let update = element.update.as_ref().and_then(|one| one.update_expression.as_deref());
    [
        action!(Put, element.put, item, None),
        action!(Update, element.update, key, update),
        action!(Delete, element.delete, key, None),
        action!(Check, element.condition_check, key, None),
    ]
}
