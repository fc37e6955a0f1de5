//! INSERT, UPDATE, DELETE and EXISTS as writes of one item. INSERT needs that there is no item, UPDATE that there is
//! one; DELETE of none does nothing, whatever its condition.

use super::{Prepared, returns};
use crate::capacity::{CollectionReport, Report};
use crate::checks::key_paths;
use crate::checks::single_write::{self as single, ReportOptions};
use crate::errors::{self, KeyUse};
use crate::service::DynamoDb;
use engine::{KeyFault, Presence, Table, Write};
use expr::partiql::{self, Returning, Select, Statement, UpdateStatement};
use expr::{Condition, Path};
use model::ApiError;
use model::dynamodb::ConsumedCapacity;
use pipeline::Cx;
use std::sync::Arc;
use stdx::limits::ITEM_SIZE_BYTES_MAX;
use types::Item;

/// The attributes of the table's key.
fn key_names(table: &Table) -> Vec<&str> {
    table.key.attributes().map(|attribute| attribute.name.as_str()).collect()
}

/// What RETURNING asks for, and ConsumedCapacity.
pub type Answer = (Option<Item>, Option<ConsumedCapacity>);

/// Does the write of a statement, which is no SELECT.
pub async fn write_one(
    cx: &Cx<'_, DynamoDb>,
    prepared: Prepared,
    table: &Arc<Table>,
    (capacity, old_on_failure): (Report, bool),
) -> Result<Answer, ApiError> {
    let options = options(&prepared, capacity, old_on_failure);
    let write = bind(prepared.statement, table)?;
    let (written, report) = single::write(cx, table, write, &options).await?;
    Ok((written.attributes, report.consumed_capacity))
}

/// Does several of them under one commit, each by itself, and answers in their order.
pub async fn write_each(
    cx: &Cx<'_, DynamoDb>,
    statements: Vec<(Prepared, Arc<Table>, bool)>,
    capacity: Report,
) -> Vec<Result<Answer, ApiError>> {
    let tables: Vec<_> = statements.iter().map(|(_, table, _)| Arc::clone(table)).collect();
    let (mut writes, mut admitted) = (Vec::new(), Vec::new());
    for ((prepared, _, old_on_failure), table) in statements.into_iter().zip(&tables) {
        let options = options(&prepared, capacity, old_on_failure);
        let write = bind(prepared.statement, table).map(|write| options.asked_of(write));
        let of = write.and_then(|write| Ok((single::admit(cx, table, &write)?, write)));
        admitted.push(of.map(|(admission, write)| {
            writes.push((Arc::clone(table), write));
            (admission, options)
        }));
    }
    let mut results = cx.service.engine.write_each(&writes).await.into_iter();
    let settled = admitted.into_iter().zip(&tables).map(|(admitted, table)| {
        let (admission, options) = admitted?;
        let written = results.next().ok_or_else(errors::internal_error)?;
        let (written, report) = single::settle(cx, (table, &admission), written, &options)?;
        Ok((written.attributes, report.consumed_capacity))
    });
    settled.collect()
}

fn options(prepared: &Prepared, capacity: Report, old_on_failure: bool) -> ReportOptions {
    ReportOptions {
        table: prepared.table.clone(),
        returns: returns(returning(&prepared.statement)),
        old_on_failure,
        capacity,
        collections: CollectionReport::of(None),
    }
}

fn returning(statement: &Statement) -> Option<Returning> {
    match statement {
        Statement::Update(update) => update.returning,
        Statement::Delete(delete) => delete.returning,
        Statement::Select(_) | Statement::Exists(_) | Statement::Insert(_) => None,
    }
}

/// The write that a statement is in its table.
pub fn bind(statement: Statement, table: &Table) -> Result<Write, ApiError> {
    let fault = |used| move |fault: KeyFault| errors::key_fault(&fault, used);
    match statement {
        Statement::Insert(insert) => Write::put(table, insert.item)
            .map(|write| write.with_presence(Presence::MustNotExist))
            .map_err(fault(KeyUse::Item)),
        Statement::Update(update) => bind_update(update, table),
        Statement::Delete(delete) => {
            let (key, condition) = item_key(delete.condition, table)?;
            let write = Write::delete(table, key).map_err(fault(KeyUse::Key))?;
            Ok(write.with_condition(condition.map(|condition| or_absent(table, condition))))
        }
        Statement::Exists(select) | Statement::Select(select) => bind_check(select, table),
    }
}

pub(super) fn item_key(
    condition: Option<Condition>,
    table: &Table,
) -> Result<(Item, Option<Condition>), ApiError> {
    partiql::item_key(condition, &key_names(table)).map_err(|error| ApiError::validation(error.to_string()))
}

fn bind_update(statement: UpdateStatement, table: &Table) -> Result<Write, ApiError> {
    let (key, condition) = item_key(statement.condition, table)?;
    let is_too_large = statement.update.request_cost() > ITEM_SIZE_BYTES_MAX;
    let write = Write::update(table, key, Some(statement.update))
        .map_err(|fault| errors::key_fault(&fault, KeyUse::Key))?
        .with_condition(condition)
        .with_presence(Presence::MustExist);
    key_paths::keeps_key(table, &write)?;
    if is_too_large { Err(errors::updated_item_too_large()) } else { Ok(write) }
}

fn bind_check(select: Select, table: &Table) -> Result<Write, ApiError> {
    let (key, condition) = item_key(select.condition, table)?;
    let condition = condition.ok_or_else(|| ApiError::validation(errors::EXISTS_WITHOUT_CONDITION))?;
    Write::check(table, key, condition).map_err(|fault| errors::key_fault(&fault, KeyUse::Key))
}

/// There is no item, or the condition holds.
fn or_absent(table: &Table, condition: Condition) -> Condition {
    let hash = table.key.hash.first().map(|attribute| attribute.name.as_str()).unwrap_or_default();
    Condition::Or(vec![Condition::NotExists(Path::top_level(hash)), condition])
}
