//! A replica that is taken away. It goes once the others have all that was written there.

use super::members;
use crate::global_table;
use crate::peering;
use crate::service::DynamoDb;
use crate::table_change::attempted;
use engine::Table;
use model::ApiError;
use pipeline::Cx;
use std::sync::Arc;

/// False: a replica was changed meanwhile.
pub async fn attempt(cx: &Cx<'_, DynamoDb>, read: &Arc<Table>, region: &str) -> Result<bool, ApiError> {
    let protected = || protected(&read.name, region);
    if let Some(done) = peering::remove(cx, read, region, protected).await? {
        return Ok(done);
    }
    let members = members_from(cx, read, region)?;
    if members[0].settings.deletion_protection {
        return Err(protected());
    }
    begin(cx, &members).await
}

/// All replicas, at rest, that of a region first.
fn members_from(cx: &Cx<'_, DynamoDb>, read: &Arc<Table>, region: &str) -> Result<Vec<Arc<Table>>, ApiError> {
    let mut members = members(cx, read)?;
    let at = members.iter().position(|member| *member.scope.region == *region);
    members.swap(0, at.ok_or_else(global_table::in_use)?);
    Ok(members)
}

/// A replica that is protected against deletion.
pub fn protected(name: &str, region: &str) -> ApiError {
    ApiError::validation(format!(
        "Cannot delete table {name} in region {region} because it has deletion protection enabled. Disable deletion \
         protection first."
    ))
}

/// Begins to take the first of all replicas away. False: one of them was changed meanwhile.
pub async fn begin(cx: &Cx<'_, DynamoDb>, members: &[Arc<Table>]) -> Result<bool, ApiError> {
    let until_micros = cx.service.shows_until_micros(cx.now_micros);
    let leaving = cx.service.engine.begin_leaving(members, until_micros).await;
    Ok(attempted(cx, leaving).await?.is_some())
}

/// A replica that goes its own way, with what it has. False: a replica was changed meanwhile.
pub async fn disassociate(cx: &Cx<'_, DynamoDb>, read: &Arc<Table>, region: &str) -> Result<bool, ApiError> {
    let protected = || protected_against_disassociation(&read.name, region);
    if let Some(done) = peering::part(cx, read, region, protected).await? {
        return Ok(done);
    }
    let members = members_from(cx, read, region)?;
    if members[0].settings.disassociation_protection == Some(true) {
        return Err(protected());
    }
    let parting = cx.service.engine.begin_parting(&members).await;
    Ok(attempted(cx, parting).await?.is_some())
}

fn protected_against_disassociation(name: &str, region: &str) -> ApiError {
    ApiError::validation(format!(
        "Cannot disassociate table {name} in region {region} because it has disassociation protection enabled. Disable \
         disassociation protection first."
    ))
}
