//! Replicas that the request gives settings of their own, on this server or at a peer.

use crate::global_table::{self, settled_members};
use crate::peering;
use crate::replica_overrides::apply;
use crate::service::DynamoDb;
use engine::Table;
use model::ApiError;
use model::dynamodb::{ReplicationGroupUpdate, UpdateReplicationGroupMemberAction};
use pipeline::Cx;
use std::sync::Arc;

/// Changes the replicas that the updates name. False: one of them was changed meanwhile.
pub async fn attempt(
    cx: &Cx<'_, DynamoDb>,
    read: &Arc<Table>,
    updates: &[ReplicationGroupUpdate],
) -> Result<bool, ApiError> {
    let members = settled_members(cx, read)?;
    let actions = || updates.iter().filter_map(|update| update.update.as_ref());
    let is_at_peer = |action: &&UpdateReplicationGroupMemberAction| read.remote_replica(of(action)).is_some();
    for action in actions().filter(is_at_peer) {
        peering::change_own(cx, read, action).await?;
    }
    if actions().all(|action| is_at_peer(&action)) {
        return Ok(true);
    }
    let mut next: Vec<Table> = members.iter().map(|member| Table::clone(member)).collect();
    for action in actions() {
        if let Some(member) = next.iter_mut().find(|member| *member.scope.region == *of(action)) {
            apply(member, action)?;
        }
    }
    Ok(global_table::attempt(cx, &members, |at, table| *table = next[at].clone()).await?.is_some())
}

fn of(action: &UpdateReplicationGroupMemberAction) -> &str {
    action.region_name.as_deref().unwrap_or_default()
}
