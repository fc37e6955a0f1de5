//! A replica that is taken away. It goes once the others have all that was written there.

use super::members;
use crate::errors::store_error;
use crate::global_table;
use crate::service::DynamoDb;
use engine::{AlterError, Table};
use model::ApiError;
use pipeline::Cx;
use std::sync::Arc;

/// False: a replica was changed meanwhile.
pub async fn attempt(cx: &Cx<'_, DynamoDb>, read: &Arc<Table>, region: &str) -> Result<bool, ApiError> {
    let mut members = members(cx, read)?;
    let at = members.iter().position(|member| *member.scope.region == *region);
    members.swap(0, at.ok_or_else(global_table::in_use)?);
    if members[0].settings.deletion_protection {
        return Err(ApiError::validation(format!(
            "Cannot delete table {} in region {region} because it has deletion protection enabled. Disable deletion \
             protection first.",
            read.name
        )));
    }
    begin(cx, &members).await
}

/// Begins to take the first of all replicas away. False: one of them was changed meanwhile.
pub async fn begin(cx: &Cx<'_, DynamoDb>, members: &[Arc<Table>]) -> Result<bool, ApiError> {
    let until_micros = cx.service.shows_until_micros(cx.now_micros);
    match cx.service.engine.begin_leaving(members, until_micros).await {
        Ok(_) => Ok(true),
        Err(AlterError::Changed | AlterError::NotFound) => {
            cx.service.engine.store().settled().await.map_err(|error| store_error(&error))?;
            cx.service.engine.refresh().await.map_err(|error| store_error(&error))?;
            Ok(false)
        }
        Err(AlterError::Store(error)) => Err(store_error(&error)),
    }
}
