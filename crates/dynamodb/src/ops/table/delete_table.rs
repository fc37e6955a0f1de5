//! DeleteTable: the name is free at once, the rows are dropped later. A replica of a global table first lets the others
//! have what was written to it.
//!
//! Order of refusals: the name → no such table → what is under way → deletion protection.

use crate::checks::table_ref::TableRef;
use crate::checks::under_way::UnderWay;
use crate::checks::{control_table_name, deleted_table};
use crate::describe::{self, Moment};
use crate::errors::{deletion_of_one, resource_in_use, table_keeps_changing};
use crate::global_table;
use crate::ops::table::update_table::replicas;
use crate::service::DynamoDb;
use crate::table_change::ATTEMPTS_MAX;
use engine::{DeleteError, Table};
use model::ApiError;
use model::dynamodb::{DeleteTable, DeleteTableInput, DeleteTableOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;

impl Operation<DynamoDb> for DeleteTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteTableInput> = Validation::Own;
    type Plan = TableRef;

    fn check(input: DeleteTableInput) -> Result<TableRef, ApiError> {
        control_table_name::check(input.table_name)
    }

    fn access(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Access<'static> {
        crate::access::table(cx, "dynamodb:DeleteTable", table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, table: TableRef) -> Result<DeleteTableOutput, ApiError> {
        let engine = &cx.service.engine;
        let table = deleted_table::find_to_delete(cx, &table).await?;
        is_at_rest(&table, cx.now_micros)?;
        let statistics =
            engine.statistics(&table).await.map_err(|error| crate::errors::store_error(&error))?;
        if table.global().is_some() {
            leave(cx, table.clone()).await?;
            let description = describe::deleted(&table, &statistics, Moment::at(cx.now_micros));
            return Ok(DeleteTableOutput { table_description: Some(description) });
        }
        let shows_until_micros = cx.service.shows_until_micros(cx.now_micros);
        let deleted = engine.delete_table_showing(&table, shows_until_micros).await;
        deleted.map_err(|error| match error {
            DeleteError::NotFound => control_table_name::not_found(&table.name),
            DeleteError::Protected => protected(),
            DeleteError::Store(error) => crate::errors::store_error(&error),
        })?;
        Ok(DeleteTableOutput {
            table_description: Some(describe::deleted(&table, &statistics, Moment::at(cx.now_micros))),
        })
    }
}

fn protected() -> ApiError {
    ApiError::validation(
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
    )
}

/// A replica goes once the others have all that was written to it.
async fn leave(cx: &Cx<'_, DynamoDb>, mut table: Arc<Table>) -> Result<(), ApiError> {
    for _ in 0..ATTEMPTS_MAX {
        let members = global_table::settled_members(cx, &table)?;
        if table.is_strong() {
            return Err(deletion_of_one());
        }
        if table.settings.deletion_protection {
            return Err(protected());
        }
        if replicas::begin_leaving(cx, &members).await? {
            return Ok(());
        }
        let newer = cx.service.engine.table(&table.scope, &table.name).filter(|newer| newer.id == table.id);
        table = newer.ok_or_else(|| control_table_name::not_found(&table.name))?;
        is_at_rest(&table, cx.now_micros)?;
    }
    Err(table_keeps_changing())
}

/// A table is not deleted while something about it is being changed.
fn is_at_rest(table: &Table, now_micros: u64) -> Result<(), ApiError> {
    let under_way = UnderWay::at(table, now_micros);
    under_way.table_is_ready()?;
    let UnderWay { allocating, backfilling, updating, warming_indexes, removing, .. } = &under_way;
    if under_way.stream.is_some() {
        return Err(resource_in_use("Cannot delete table while stream is being enabled/disabled."));
    }
    let is_updating = under_way.throughput.is_some() || under_way.table_class.is_some();
    if is_updating || under_way.encrypting || under_way.warming {
        return Err(resource_in_use(format_args!(
            "Table: {} is in the process of being updated.",
            table.name
        )));
    }
    if [allocating, backfilling, updating, warming_indexes, removing]
        .iter()
        .any(|indexes| !indexes.is_empty())
    {
        return Err(resource_in_use(
            "Cannot delete table while indexes are being created, updated, or deleted.",
        ));
    }
    Ok(())
}
