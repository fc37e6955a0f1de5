//! Actions bound to the keys of their tables. An action that does not fit its table's schema refuses the transaction
//! before any item is read.

use super::action::ActionKind;
use super::plan::PlannedAction;
use super::prepared::Prepared;
use super::schema_fault::SchemaFault;
use super::unsatisfiable_check;
use crate::capacity::Units;
use crate::checks::table_ref::TableRef;
use crate::checks::transact_list;
use crate::errors::{self, KeyUse};
use engine::meter::transact_write_units;
use engine::{Engine, ItemKey, KeyFault, Table, TransactError, TransactToken, Transacted, Write};
use expr::Condition;
use model::ApiError;
use model::api_error::CancellationReason;
use std::sync::Arc;
use types::Item;

/// The table of each action, or why there is none.
pub(super) type Tables = [Result<Arc<Table>, ApiError>];

/// No two actions are about the same item. Actions without a table or a place are passed over.
fn check_distinct(actions: &[PlannedAction], tables: &Tables) -> Result<(), ApiError> {
    let places =
        actions.iter().zip(tables).filter_map(|(action, table)| Some((action, table.as_ref().ok()?)));
    transact_list::check_distinct(places.filter_map(|(action, table)| key(action, table).ok()))
}

fn key(action: &PlannedAction, table: &Table) -> Result<ItemKey, KeyFault> {
    match action.kind {
        ActionKind::Put => ItemKey::of(table, &action.attributes),
        _ => ItemKey::exact(table, &action.attributes),
    }
}

/// The actions of a transaction, ready for the engine.
#[derive(Debug)]
pub(super) struct BoundActions {
    names: Vec<TableRef>,
    writes: Vec<(Arc<Table>, Write)>,
}

impl BoundActions {
    /// What the request alone shows to be wrong, and two actions on one item in its place; then all tables must be
    /// there. A key attribute without a value, of the table or of an index, is refused for the whole request.
    /// Everything else that does not fit the schema of a table cancels, before any condition is evaluated: only the
    /// first such action has a reason.
    pub(super) fn of(
        actions: Vec<PlannedAction>,
        prepared: Result<Vec<Prepared>, ApiError>,
        size: Result<(), ApiError>,
        tables: &Tables,
    ) -> Result<BoundActions, ApiError> {
        let prepared = prepared?;
        check_distinct(&actions, tables)?;
        size?;
        let tables =
            tables.iter().map(Result::as_ref).collect::<Result<Vec<_>, _>>().map_err(Clone::clone)?;
        let mut names = Vec::with_capacity(actions.len());
        let bound = actions.into_iter().zip(prepared).zip(tables).map(|((action, prepared), table)| {
            names.push(action.table);
            bind(action.kind, action.attributes, prepared, table)
                .map(|write| (Arc::clone(table), write.returning_old_on_failure(action.old_on_failure)))
        });
        let writes = all_fit(bound.collect())?;
        Ok(BoundActions { names, writes })
    }

    /// Does all or nothing.
    pub(super) async fn write(
        &self,
        engine: &Engine,
        token: Option<&TransactToken>,
    ) -> Result<Transacted, ApiError> {
        engine.transact_write(&self.writes, token).await.map_err(errors::transact_error)
    }

    /// The units that each action takes from its table.
    pub(super) fn units(&self) -> impl Iterator<Item = (&Table, Units<'_>)> {
        let least = transact_write_units(0, 0);
        self.writes.iter().map(move |(table, write)| (&**table, Units::of_write(table, write.key(), least)))
    }

    /// The table of each action.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.writes.iter().map(|(table, _)| table)
    }

    /// Each action with its table as the request names it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&TableRef, &Arc<Table>, &Write)> {
        self.names.iter().zip(&self.writes).map(|(name, (table, write))| (name, table, write))
    }
}

fn all_fit<T>(bound: Vec<Result<T, SchemaFault>>) -> Result<Vec<T>, ApiError> {
    let mut faults = bound.iter().filter_map(|one| one.as_ref().err());
    if let Some(fault) = faults.find(|fault| fault.is_empty_key()) {
        return Err(ApiError::validation(fault.text()));
    }
    let Some(at) = bound.iter().position(Result::is_err) else {
        return Ok(bound.into_iter().flatten().collect());
    };
    let reason = |(i, one): (usize, &Result<_, SchemaFault>)| match one {
        Err(fault) if i == at => errors::because_invalid(fault.text()),
        _ => CancellationReason::default(),
    };
    Err(errors::cancelled(bound.iter().enumerate().map(reason).collect()))
}

/// The refusal of a token that was used for another request, or is in use. Asked where something else refuses
/// too, and only then by itself: the commit reads the token in any case.
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

/// The write that an action is in its table.
fn bind(kind: ActionKind, attributes: Item, prepared: Prepared, table: &Table) -> Result<Write, SchemaFault> {
    let write = write(kind, attributes, prepared, table);
    let write = write.map_err(|fault| SchemaFault::Key(fault, key_use(kind)))?;
    SchemaFault::of(table, &write).map_or(Ok(write), Err)
}

fn write(kind: ActionKind, attributes: Item, prepared: Prepared, table: &Table) -> Result<Write, KeyFault> {
    let Prepared { update, condition } = prepared;
    let write = match kind {
        ActionKind::Put => Write::put(table, attributes)?,
        ActionKind::Update => Write::update(table, attributes, update)?,
        ActionKind::Delete => Write::delete(table, attributes)?,
        ActionKind::Check => {
            return Write::check(table, attributes, condition.unwrap_or(Condition::And(Vec::new())));
        }
    };
    Ok(write.with_condition(condition))
}

fn key_use(kind: ActionKind) -> KeyUse {
    if kind == ActionKind::Put { KeyUse::Item } else { KeyUse::Key }
}
