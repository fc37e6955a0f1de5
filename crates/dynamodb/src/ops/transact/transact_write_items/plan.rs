//! The plan of TransactWriteItems. A token that was used for another request is reported before all that comes after
//! table names, and only the commit can tell: faults that the request alone shows are kept until then.

use super::action::{self, Action, ActionKind};
use super::check;
use super::fingerprint::RequestToken;
use super::prepared::Prepared;
use super::report::ReportOptions;
use crate::access::ItemNeed;
use crate::checks::table_ref::TableRef;
use crate::service::DynamoDb;
use engine::Returns;
use model::ApiError;
use model::dynamodb::{TransactWriteItem, TransactWriteItemsInput};
use pipeline::{Cx, Need};
use types::Item;
use wire::attribute::Attributes;

/// The plan of TransactWriteItems.
#[derive(Debug)]
pub struct Plan {
    pub(super) token: Option<RequestToken>,
    pub(super) actions: Vec<PlannedAction>,
    /// The expressions of each action, or the first fault from empty names on up to the depth of keys.
    pub(super) prepared: Result<Vec<Prepared>, ApiError>,
    /// The size of all together, which is judged after two actions on one item.
    pub(super) size: Result<(), ApiError>,
    pub(super) report: ReportOptions,
}

/// An action, its expressions aside.
#[derive(Debug)]
pub(super) struct PlannedAction {
    pub kind: ActionKind,
    pub table: TableRef,
    /// The item of a put, the key of others.
    pub attributes: Item,
    /// ReturnValuesOnConditionCheckFailure
    pub old_on_failure: bool,
}

impl Plan {
    /// Of a request whose members are checked.
    pub(super) fn of(input: TransactWriteItemsInput) -> Plan {
        let actions: Vec<_> = action::all(&input).map(|(_, action)| action).collect();
        let (prepared, size) = (prepare(&actions), check::size(&actions));
        Plan {
            token: RequestToken::of(&input),
            report: ReportOptions::of(&input),
            actions: input.transact_items.into_iter().flatten().filter_map(PlannedAction::of).collect(),
            prepared,
            size,
        }
    }

    /// What the caller must be allowed to do: what each action is by itself. Expressions that are refused name nothing.
    pub(super) fn needs<'a>(&'a self, cx: &'a Cx<'_, DynamoDb>) -> impl Iterator<Item = Need<'a>> {
        let prepared = self.prepared.as_deref().unwrap_or_default();
        self.actions.iter().enumerate().map(move |(at, action)| {
            let expressions = prepared.get(at);
            ItemNeed::new(cx, action.kind.permission(), &action.table, self.report.capacity)
                .item(&action.attributes)
                .condition(expressions.and_then(|expressions| expressions.condition.as_ref()))
                .update(expressions.and_then(|expressions| expressions.update.as_ref()))
                .return_values(Returns::Nothing)
                .within("TransactWriteItems")
                .into()
        })
    }
}

fn prepare(actions: &[Action<'_>]) -> Result<Vec<Prepared>, ApiError> {
    actions.iter().try_for_each(check::empty_names)?;
    let prepared = actions.iter().map(Prepared::of).collect::<Result<Vec<_>, _>>()?;
    actions.iter().try_for_each(check::key_depth)?;
    Ok(prepared)
}

impl PlannedAction {
    /// The one action of an element.
    fn of(element: TransactWriteItem) -> Option<PlannedAction> {
        let TransactWriteItem { put, update, delete, condition_check: check } = element;
        let put = put.map(|one| {
            let on_failure = one.return_values_on_condition_check_failure;
            PlannedAction::new(ActionKind::Put, one.table_name, one.item, on_failure)
        });
        let update = update.map(|one| {
            let on_failure = one.return_values_on_condition_check_failure;
            PlannedAction::new(ActionKind::Update, one.table_name, one.key, on_failure)
        });
        let delete = delete.map(|one| {
            let on_failure = one.return_values_on_condition_check_failure;
            PlannedAction::new(ActionKind::Delete, one.table_name, one.key, on_failure)
        });
        let check = check.map(|one| {
            let on_failure = one.return_values_on_condition_check_failure;
            PlannedAction::new(ActionKind::Check, one.table_name, one.key, on_failure)
        });
        put.or(update).or(delete).or(check)
    }

    fn new(
        kind: ActionKind,
        table_name: Option<String>,
        attributes: Option<Attributes>,
        on_failure: Option<String>,
    ) -> PlannedAction {
        PlannedAction {
            kind,
            table: TableRef::of(table_name),
            attributes: attributes.unwrap_or_default().item,
            old_on_failure: on_failure.as_deref() == Some("ALL_OLD"),
        }
    }
}
