//! UpdateTable adds a replica in a region that a peer hosts, or here beside replicas at peers. All servers concerned
//! are asked first whether they can and see the same members; then it stands here, and what follows goes on behind
//! the answer ([`super::join`], [`super::introduce`]).

use super::carry::about;
use super::messages::{self, Done, PROBE, Probe};
use super::{ask, gone, one_of_each_peer, out_of_reach};
use crate::errors::store_error;
use crate::global_table::in_use;
use crate::service::DynamoDb;
use crate::table_change::attempted;
use engine::Table;
use engine::table::{OwnSettings, RemoteReplica, RemoteState};
use model::ApiError;
use peers::CallError;
use pipeline::Cx;
use std::sync::Arc;

/// What is refused in the words of UpdateTable.
pub struct Refusals<E, K> {
    /// There is a table of the name.
    pub exists: E,
    /// The key of KMS cannot be used, and why.
    pub key: K,
}

/// Begins to add a replica of a table to all its replicas here, itself first, which are at rest. False: one of them was
/// changed meanwhile.
pub async fn create(
    cx: &Cx<'_, DynamoDb>,
    members: &[Arc<Table>],
    (region, own): (&str, &OwnSettings),
    refusals: Refusals<impl Fn() -> ApiError, impl Fn(&str) -> ApiError>,
) -> Result<bool, ApiError> {
    let Some(read) = members.first() else { return Ok(false) };
    let region: Arc<str> = region.into();
    probe(cx, read, (&region, own.key.as_ref()), refusals).await?;
    let incarnation = next_incarnation(cx, Some(read), &region).await?;
    let replica =
        RemoteReplica { own: own.clone(), incarnation, ..RemoteReplica::new(&region, RemoteState::Active) };
    let added = cx.service.engine.add_remote_replica(members, &replica, &read.scope.region).await;
    Ok(attempted(cx, added).await?.is_some())
}

/// Which of the replicas that a region has had in the global table of a table a new one is.
pub async fn next_incarnation(
    cx: &Cx<'_, DynamoDb>,
    table: Option<&Table>,
    region: &str,
) -> Result<u64, ApiError> {
    let next = gone::next(cx.service.engine.shared_store(), table, region, cx.now_micros).await;
    next.map_err(|error| store_error(&error))
}

/// Asks all servers that host replicas of a table, or the region of a new one, whether that can be added.
pub async fn probe(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    (region, key): (&Arc<str>, Option<&String>),
    refusals: Refusals<impl Fn() -> ApiError, impl Fn(&str) -> ApiError>,
) -> Result<(), ApiError> {
    let peers = &cx.service.peers;
    let remote = read.remote_replicas().iter().filter(|replica| replica.is_member());
    let regions = std::iter::once(region).chain(remote.map(|replica| &replica.region));
    for asked in one_of_each_peer(peers, regions) {
        let probe = Probe { about: about(read, region), key: key.cloned() };
        let probed = ask::<Done>(peers, &asked, PROBE, &probe).await;
        probed.map_err(|error| match &error {
            CallError::Said { code, .. } if code == messages::EXISTS => (refusals.exists)(),
            CallError::Said { code, .. } if code == messages::IN_USE => in_use(),
            CallError::Said { code, sentence } if code == messages::KEY => (refusals.key)(sentence),
            _ => out_of_reach(peers, &asked, &error),
        })?;
    }
    Ok(())
}
