//! A replica at a peer is taken away or goes its own way, and one of here that has is forgotten by peers.

use super::carry::about;
use super::messages::{self, Done, FORGET, LEAVE, PART};
use super::{ask, gone, one_of_each_peer, out_of_reach, unavailable};
use crate::global_table::in_use;
use crate::service::DynamoDb;
use crate::table_change::attempted;
use engine::table::RemoteState;
use engine::{AlterError, Engine, Table};
use model::ApiError;
use peers::{CallError, Peers};
use pipeline::Cx;
use std::sync::Arc;
use store::StoreError;

/// Takes away a replica in a region of another server. Its server does it, once all others have what was written there,
/// and then says so. One whose region is no peer's any more, or that could not be made, is only forgotten. `None`:
/// there is none there. False: a replica was changed meanwhile.
pub async fn remove(
    cx: &Cx<'_, DynamoDb>,
    read: &Arc<Table>,
    region: &str,
    protected: impl Fn() -> ApiError,
) -> Result<Option<bool>, ApiError> {
    end(cx, read, region, (LEAVE, RemoteState::Leaving, protected)).await
}

/// The same for one that becomes a table of its own: its server lets it go once it has all that was written elsewhere,
/// too.
pub async fn part(
    cx: &Cx<'_, DynamoDb>,
    read: &Arc<Table>,
    region: &str,
    protected: impl Fn() -> ApiError,
) -> Result<Option<bool>, ApiError> {
    end(cx, read, region, (PART, RemoteState::Parting, protected)).await
}

async fn end(
    cx: &Cx<'_, DynamoDb>,
    read: &Arc<Table>,
    region: &str,
    (call, state, protected): (&str, RemoteState, impl Fn() -> ApiError),
) -> Result<Option<bool>, ApiError> {
    let Some(replica) = read.remote_replica(region) else { return Ok(None) };
    let engine = &cx.service.engine;
    let members = engine.replicas_of(read).ok_or_else(in_use)?;
    let is_there = replica.is_member() && cx.service.peers.of(region).is_some();
    if is_there && members.iter().any(|member| crate::global_table::is_changing(member, cx.now_micros)) {
        return Err(in_use());
    }
    let is_there = is_there && ask_to_go(cx, read, region, (call, protected)).await?;
    let changed = match is_there {
        true => engine.set_remote_replica(&members, region, state).await,
        false => engine.forget_remote_replica(&members, region).await,
    };
    match changed {
        // It may be gone already, with what its server has said meanwhile.
        Err(AlterError::Changed | AlterError::NotFound) if is_there => Ok(Some(true)),
        changed => Ok(Some(attempted(cx, changed).await?.is_some())),
    }
}

/// Asks a replica to go. False: there is none.
async fn ask_to_go(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    region: &str,
    (call, protected): (&str, impl Fn() -> ApiError),
) -> Result<bool, ApiError> {
    let peers = &cx.service.peers;
    match ask::<Done>(peers, region, call, &about(read, region)).await {
        Ok(_) => Ok(true),
        Err(CallError::Said { code, .. }) if code == messages::NOT_MEMBER => Ok(false),
        Err(CallError::Said { code, .. }) if code == messages::PROTECTED => Err(protected()),
        Err(CallError::Said { code, .. }) if code == messages::IN_USE => Err(in_use()),
        Err(error) => Err(out_of_reach(peers, region, &error)),
    }
}

/// Remembers that the replica of a table in a region has gone, and tells all peers that have replicas to forget it.
pub async fn forget_everywhere(
    peers: &Peers,
    engine: &Engine,
    table: &Table,
    region: &str,
) -> Result<(), StoreError> {
    let about = about(table, region);
    let gone = (about.of.group.as_str(), region);
    gone::note(engine.shared_store(), gone, about.incarnation, engine.now_micros()).await?;
    let others = table.remote_replicas().iter().filter(|replica| replica.is_member());
    for other in one_of_each_peer(peers, others.map(|replica| &replica.region)) {
        match ask::<Done>(peers, &other, FORGET, &about).await {
            Ok(_) => {}
            Err(CallError::Said { code, .. }) if code == messages::NOT_MEMBER => {}
            Err(error) => return Err(unavailable(peers, &other, &error)),
        }
    }
    Ok(())
}
