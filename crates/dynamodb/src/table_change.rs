//! Replacing the descriptor of a table while others may be changing the same table.

use crate::checks::capacity_quota;
use crate::errors::store_error;
use crate::service::DynamoDb;
use engine::{AlterError, Engine, NoRoom, Table};
use model::ApiError;
use pipeline::Cx;
use std::sync::Arc;
use store::StoreError;

/// How often a change is made again because another one came between.
pub const ATTEMPTS_MAX: usize = 16;

/// Replaces the descriptor that was read. `None`: the table was changed or deleted since. What it is now is known then,
/// also where another server has changed it: the caller looks again, and makes its change of that.
pub async fn attempt(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    alter: impl FnOnce(&mut Table) + Send,
) -> Result<Option<Arc<Table>>, ApiError> {
    let altered = cx.service.engine.alter_table_within_quota(read, alter).await;
    let altered = attempted(cx, in_quota(altered)?).await?;
    if let Some(table) = &altered {
        // Other limits count from now on, and not from the next request.
        cx.service.limiter.view(table, cx.now_micros);
    }
    Ok(altered)
}

/// Refuses a change for which the account has no room.
pub fn in_quota(
    altered: Result<Result<Arc<Table>, NoRoom>, AlterError>,
) -> Result<Result<Arc<Table>, AlterError>, ApiError> {
    match altered {
        Ok(Err(no_room)) => Err(capacity_quota::no_room(&no_room)),
        Ok(Ok(table)) => Ok(Ok(table)),
        Err(error) => Ok(Err(error)),
    }
}

/// What a change of descriptors came to. `None`: one of them was changed since it was read: look again.
pub async fn attempted(
    cx: &Cx<'_, DynamoDb>,
    changed: Result<Arc<Table>, AlterError>,
) -> Result<Option<Arc<Table>>, ApiError> {
    made(&cx.service.engine, changed).await.map_err(|error| store_error(&error))
}

/// The same where no client asks.
pub async fn made(
    engine: &Engine,
    changed: Result<Arc<Table>, AlterError>,
) -> Result<Option<Arc<Table>>, StoreError> {
    match changed {
        Ok(table) => return Ok(Some(table)),
        Err(AlterError::Changed | AlterError::NotFound) => {}
        Err(AlterError::Store(error)) => return Err(error),
    }
    engine.store().settled().await?;
    engine.refresh().await?;
    Ok(None)
}
