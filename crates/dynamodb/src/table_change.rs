//! Replacing the descriptor of a table while others may be changing the same table.

use crate::errors::store_error;
use crate::service::DynamoDb;
use engine::{AlterError, Table};
use model::ApiError;
use pipeline::Cx;
use std::sync::Arc;

/// How often a change is made again because another one came between.
pub const ATTEMPTS_MAX: usize = 16;

/// Replaces the descriptor that was read. `None`: the table was changed or deleted since. What it is now is known then,
/// also where another server has changed it: the caller looks again, and makes its change of that.
pub async fn attempt(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    alter: impl FnOnce(&mut Table),
) -> Result<Option<Arc<Table>>, ApiError> {
    let engine = &cx.service.engine;
    match engine.alter_table(read, alter).await {
        Ok(table) => {
            // Other limits count from now on, and not from the next request.
            cx.service.limiter.view(&table, cx.now_micros);
            return Ok(Some(table));
        }
        Err(AlterError::Changed | AlterError::NotFound) => {}
        Err(AlterError::Store(error)) => return Err(store_error(&error)),
    }
    engine.store().settled().await.map_err(|error| store_error(&error))?;
    engine.refresh().await.map_err(|error| store_error(&error))?;
    Ok(None)
}
