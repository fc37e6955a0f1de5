//! A deleted table that still shows as DELETING: operations of the control plane that miss a table look for
//! one.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::errors::{resource_in_use, store_error};
use crate::service::{DynamoDb, scope_of};
use engine::Table;
use model::ApiError;
use pipeline::Cx;
use std::sync::Arc;

/// The table that was named, to be changed: one that is being deleted is in use.
pub async fn find_to_change(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Result<Arc<Table>, ApiError> {
    or_deleted(cx, table, control_table_name::find(cx, table).await).await
}

/// The same, to be deleted: one whose items are not all there yet is in use, too.
pub async fn find_to_delete(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Result<Arc<Table>, ApiError> {
    let found = control_table_name::find_even_restoring(cx, table).await;
    let found = or_deleted(cx, table, found).await?;
    match found.settings.is_being_filled() {
        true => Err(resource_in_use(format_args!("Table: {} is being used.", found.name))),
        false => Ok(found),
    }
}

async fn or_deleted(
    cx: &Cx<'_, DynamoDb>,
    table: &TableRef,
    found: Result<Arc<Table>, ApiError>,
) -> Result<Arc<Table>, ApiError> {
    match found {
        Ok(table) => Ok(table),
        Err(error) => match find(cx, table).await? {
            Some(table) => Err(resource_in_use(format_args!("Table is being deleted: {}", table.name))),
            None => Err(error),
        },
    }
}

/// The table of a name that is being deleted, also as a replica whose last changes are still on their way to others.
pub async fn find(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Result<Option<Table>, ApiError> {
    let scope = scope_of(cx.caller);
    let leaving = cx.service.engine.table(&scope, table.name()).filter(|known| known.settings.is_leaving());
    if let Some(leaving) = leaving.filter(|leaving| table.arn(cx.caller) == leaving.arn()) {
        return Ok(Some(Table::clone(&leaving)));
    }
    let found = cx.service.engine.deleted_table(&scope, table.name(), cx.now_micros).await;
    let found = found.map_err(|error| store_error(&error))?;
    Ok(found.filter(|found| table.arn(cx.caller) == found.arn()))
}
