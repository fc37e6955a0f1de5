//! Actions with their place in their tables. An action whose key is none of its table's has no place; its
//! reason is known at once, those of the others are found by the engine.

use super::action::{Action, ActionKind};
use super::never;
use super::prepare::Prepared;
use crate::checks::transact_list;
use crate::errors::{self, KeyUse};
use engine::{
    Engine, ItemKey, KeyFault, Table, TransactError, TransactReason, TransactToken, Transacted, Write,
};
use expr::Condition;
use model::ApiError;
use model::api_error::CancellationReason;
use std::sync::Arc;
use types::Item;

/// The table of each action, or why there is none.
pub(super) type Tables = [Result<Arc<Table>, ApiError>];

/// No two actions are about the same item. Actions without a table or a place are passed over.
pub(super) fn check_distinct(actions: &[Action<'_>], tables: &Tables) -> Result<(), ApiError> {
    let places =
        actions.iter().zip(tables).filter_map(|(action, table)| Some((action, table.as_ref().ok()?)));
    transact_list::check_distinct(places.filter_map(|(action, table)| key(action, table).ok()))
}

fn key(action: &Action<'_>, table: &Table) -> Result<ItemKey, KeyFault> {
    let none = Item::empty();
    let attributes = action.attributes.map_or(&none, |attributes| &attributes.item);
    match action.kind {
        ActionKind::Put => ItemKey::of(table, attributes),
        _ => ItemKey::exact(table, attributes),
    }
}

/// The actions of a transaction, ready for the engine.
#[derive(Debug)]
pub(super) struct Placed {
    /// Those that have a place; beside actions that have none, one more that never holds.
    writes: Vec<(Arc<Table>, Write)>,
    /// Actions that have no place, in order.
    misplaced: Vec<(usize, KeyFault)>,
}

impl Placed {
    /// All tables must be there. A key attribute without a value is refused for the whole request, not as a
    /// reason.
    pub(super) fn of(
        actions: &[Action<'_>],
        prepared: Vec<Prepared>,
        tables: &Tables,
    ) -> Result<Placed, ApiError> {
        let tables =
            tables.iter().map(Result::as_ref).collect::<Result<Vec<_>, _>>().map_err(Clone::clone)?;
        let mut placed = Placed { writes: Vec::with_capacity(actions.len()), misplaced: Vec::new() };
        for (at, ((action, prepared), table)) in actions.iter().zip(prepared).zip(&tables).enumerate() {
            match write(action, prepared, table) {
                Ok(write) => placed.writes.push((Arc::clone(table), write)),
                Err(fault @ KeyFault::Empty { .. }) => return Err(errors::key_fault(&fault, used(action))),
                Err(fault) => placed.misplaced.push((at, fault)),
            }
        }
        if let Some(table) = tables.first().filter(|_| !placed.misplaced.is_empty()) {
            placed.writes.extend(never::check(table, &placed.writes));
        }
        Ok(placed)
    }

    /// Does all or nothing.
    pub(super) async fn write(
        self,
        actions: &[Action<'_>],
        engine: &Engine,
        token: Option<&TransactToken>,
    ) -> Result<Transacted, ApiError> {
        match engine.transact_write(&self.writes, token).await {
            Err(TransactError::Cancelled(reasons)) => {
                Err(errors::cancelled(reasons_of_all(actions, reasons, &self.misplaced)))
            }
            result => result.map_err(errors::transact_error),
        }
    }
}

/// The refusal of a token that was used for another request, or is in use. Asked where something else refuses
/// too, and only then by itself: the commit looks at the token anyhow.
pub(super) async fn reused_token(
    tables: &Tables,
    engine: &Engine,
    token: Option<&TransactToken>,
) -> Option<ApiError> {
    let (token, table) = (token?, tables.iter().flatten().next()?);
    match engine.transact_write(&[never::check(table, &[])?], Some(token)).await {
        Err(error @ (TransactError::TokenMismatch | TransactError::InProgress)) => {
            Some(errors::transact_error(error))
        }
        _ => None,
    }
}

fn write(action: &Action<'_>, prepared: Prepared, table: &Table) -> Result<Write, KeyFault> {
    let attributes = action.attributes.map_or_else(Item::empty, |attributes| attributes.item.clone());
    let write = match action.kind {
        ActionKind::Put => Write::put(table, attributes)?,
        ActionKind::Update => Write::update(table, attributes, prepared.update)?,
        ActionKind::Delete => Write::delete(table, attributes)?,
        ActionKind::Check => {
            let condition = prepared.condition.clone().unwrap_or(Condition::And(Vec::new()));
            Write::check(table, attributes, condition)?
        }
    };
    let wanted = action.on_failure.as_deref() == Some("ALL_OLD");
    Ok(write.with_condition(prepared.condition).returning_old_on_failure(wanted))
}

fn used(action: &Action<'_>) -> KeyUse {
    if action.kind == ActionKind::Put { KeyUse::Item } else { KeyUse::Key }
}

/// Reasons in the order of the request; what the engine says of the check that never holds is left out.
fn reasons_of_all(
    actions: &[Action<'_>],
    reasons: Vec<Option<TransactReason>>,
    misplaced: &[(usize, KeyFault)],
) -> Vec<CancellationReason> {
    let mut placed = reasons.into_iter();
    let mut misplaced = misplaced.iter().peekable();
    let reason =
        |(at, action): (usize, &Action<'_>)| match misplaced.next_if(|(misplaced, _)| *misplaced == at) {
            Some((_, fault)) => errors::because_invalid(errors::key_text(fault, used(action))),
            None => placed.next().flatten().map_or_else(CancellationReason::default, errors::because),
        };
    actions.iter().enumerate().map(reason).collect()
}
