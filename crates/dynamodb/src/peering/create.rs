//! UpdateTable adds a replica in a region that a peer hosts. All servers concerned are asked first whether they can and
//! see the same members; then it stands here, and what follows goes on behind the answer ([`super::join`]).

use super::carry::about;
use super::messages::{self, Done, PROBE};
use super::{ask, one_of_each_peer, out_of_reach};
use crate::errors::not_built;
use crate::global_table::in_use;
use crate::service::DynamoDb;
use crate::table_change::attempted;
use engine::Table;
use model::ApiError;
use model::dynamodb::CreateReplicationGroupMemberAction;
use peers::CallError;
use pipeline::Cx;
use std::sync::Arc;

/// Begins to add a replica of a table to all its replicas here, itself first, which are at rest. False: one of them was
/// changed meanwhile.
pub async fn create(
    cx: &Cx<'_, DynamoDb>,
    members: &[Arc<Table>],
    action: &CreateReplicationGroupMemberAction,
    exists: impl Fn() -> ApiError,
) -> Result<bool, ApiError> {
    let Some(read) = members.first() else { return Ok(false) };
    let region: Arc<str> = action.region_name.as_deref().unwrap_or_default().into();
    is_built(read, action)?;
    let peers = &cx.service.peers;
    let remote = read.remote_replicas().iter().filter(|replica| replica.is_member());
    let regions: Vec<_> = std::iter::once(&region).chain(remote.map(|replica| &replica.region)).collect();
    for asked in one_of_each_peer(peers, regions.into_iter()) {
        let probed = ask::<Done>(peers, &asked, PROBE, &about(read, &region)).await;
        probed.map_err(|error| match &error {
            CallError::Said { code, .. } if code == messages::EXISTS => exists(),
            CallError::Said { code, .. } if code == messages::IN_USE => in_use(),
            _ => out_of_reach(peers, &asked, &error),
        })?;
    }
    let added = cx.service.engine.add_remote_replica(members, &region, &read.scope.region).await;
    Ok(attempted(cx, added).await?.is_some())
}

/// What the replica has of its own is set in its own region.
fn is_built(read: &Table, action: &CreateReplicationGroupMemberAction) -> Result<(), ApiError> {
    let region_name = action.region_name.clone();
    let plain = CreateReplicationGroupMemberAction { region_name, ..Default::default() };
    if *action != plain {
        return Err(not_built("ReplicaUpdates with a region of a peer, and with settings of its own,"));
    }
    if read.settings.sse.is_some() {
        return Err(not_built("ReplicaUpdates with a region of a peer, for a table under a key of KMS,"));
    }
    Ok(())
}
