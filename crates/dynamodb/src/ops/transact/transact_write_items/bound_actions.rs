//! Actions on their way to the engine: their expressions, then the place that each has in its table. An action that
//! does not fit its table's schema has no place, and stops the others before any item is looked at. An action
//! without any expression may carry names and values that nothing uses.

use super::action::{Action, ActionKind};
use super::schema_fault::SchemaFault;
use super::unsatisfiable_check;
use crate::checks::attribute_values as values;
use crate::checks::expression_parameters::{Aliases, Expressions, parameter_error};
use crate::checks::transact_list::{self, LAYER};
use crate::errors::{self, KeyUse};
use engine::{Engine, ItemKey, KeyFault, Table, TransactError, TransactToken, Transacted, Write};
use expr::{Condition, ExprError, Fault, Kind, Update};
use model::ApiError;
use model::api_error::CancellationReason;
use std::sync::Arc;
use stdx::limits::{EXPRESSION_BYTES_MAX, ITEM_SIZE_BYTES_MAX};
use types::Item;

/// The expressions of an action.
#[derive(Debug)]
pub(super) struct Prepared {
    pub update: Option<Update>,
    pub condition: Option<Condition>,
}

impl Prepared {
    pub(super) fn of(action: &Action<'_>) -> Result<Prepared, ApiError> {
        check_values(action)?;
        check_sizes(action)?;
        let aliases = Aliases::of(action.names.cloned(), action.values.cloned());
        aliases.parameters().check_keys().map_err(|error| parameter_error(&error, LAYER))?;
        let mut expressions = Expressions::new(LAYER, &aliases);
        let update = expressions.update(action.update)?;
        let condition = expressions.condition(action.condition, Kind::Condition)?;
        if update.is_some() || condition.is_some() {
            expressions.check_unused()?;
        }
        Ok(Prepared { update, condition })
    }
}

fn check_values(action: &Action<'_>) -> Result<(), ApiError> {
    values::fault(action.attributes.and_then(|attributes| attributes.fault.as_deref()), LAYER)?;
    let mut all = action.values.into_iter().flatten();
    all.try_for_each(|(key, value)| values::expression_value(key, value, LAYER))?;
    match action.attributes {
        Some(item) if action.kind == ActionKind::Put => values::depth(item.nesting_levels, LAYER),
        _ => Ok(()),
    }
}

fn check_sizes(action: &Action<'_>) -> Result<(), ApiError> {
    check_expression_size(action.update, Kind::Update)?;
    check_expression_size(action.condition, Kind::Condition)?;
    let is_put = action.kind == ActionKind::Put;
    if is_put && action.attributes.is_some_and(|item| item.item.exceeds(ITEM_SIZE_BYTES_MAX)) {
        return Err(errors::item_too_large());
    }
    Ok(())
}

/// A condition that is too long tells its size, an update does not.
fn check_expression_size(text: Option<&str>, kind: Kind) -> Result<(), ApiError> {
    match text.map_or(0, str::len) {
        0..=EXPRESSION_BYTES_MAX => Ok(()),
        bytes => {
            Err(LAYER
                .refuse(ExprError { kind, fault: Fault::TooLong { bytes, shown: kind == Kind::Condition } }))
        }
    }
}

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
pub(super) struct BoundActions(Vec<(Arc<Table>, Write)>);

impl BoundActions {
    /// All tables must be there. A key attribute without a value, of the table or of an index, is refused for the whole
    /// request. Everything else that does not fit the schema of a table cancels, before any condition is looked at:
    /// only the first such action has a reason.
    pub(super) fn of(
        actions: &[Action<'_>],
        prepared: Vec<Prepared>,
        tables: &Tables,
    ) -> Result<BoundActions, ApiError> {
        let tables =
            tables.iter().map(Result::as_ref).collect::<Result<Vec<_>, _>>().map_err(Clone::clone)?;
        let bound = actions.iter().zip(prepared).zip(&tables);
        let bound: Vec<_> = bound
            .map(|((action, prepared), table)| {
                let write =
                    write(action, prepared, table).map_err(|fault| SchemaFault::Key(fault, used(action)))?;
                SchemaFault::of(table, &write).map_or(Ok((Arc::clone(table), write)), Err)
            })
            .collect();
        if let Some(fault) =
            bound.iter().filter_map(|one| one.as_ref().err()).find(|fault| fault.is_empty_key())
        {
            return Err(ApiError::validation(fault.text()));
        }
        if let Some(at) = bound.iter().position(Result::is_err) {
            let reason = |(i, one): (usize, &Result<_, SchemaFault>)| match one {
                Err(fault) if i == at => errors::because_invalid(fault.text()),
                _ => CancellationReason::default(),
            };
            return Err(errors::cancelled(bound.iter().enumerate().map(reason).collect()));
        }
        Ok(BoundActions(bound.into_iter().flatten().collect()))
    }

    /// Does all or nothing.
    pub(super) async fn write(
        self,
        engine: &Engine,
        token: Option<&TransactToken>,
    ) -> Result<Transacted, ApiError> {
        engine.transact_write(&self.0, token).await.map_err(errors::transact_error)
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
    match engine.transact_write(&[unsatisfiable_check::on(table, &[])?], Some(token)).await {
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
