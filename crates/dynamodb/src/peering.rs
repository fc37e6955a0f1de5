//! Global tables between servers: replicas in regions that peers host.
//!
//! [`create`] and [`remove`] are what UpdateTable does here, [`join`] makes a new replica over there and copies the
//! items to it, [`introduce`] tells peers of a new one here, [`carry`] brings changes and settings, [`own`] is about
//! those that are not shared, [`host`] serves what peers ask for, [`sweep`] forgets tombstones, [`mod@part`] lets go
//! one that goes its own way. Tables of version 2017.11.29 are looked for and told of each other by [`legacy`], and
//! their settings told and changed by [`pay`]. What is sent is in [`messages`], [`changes`] and [`definition`].
//!
//! No commit spans two servers, so each step is one that may be done again: a server that is killed, or a peer that is
//! not there, leaves a state that the next try goes on from. Which members there are each server keeps for itself;
//! before a replica is added all servers are asked whether they see the same. Calls may come late and more than once:
//! those about a replica that has gone count for nothing ([`gone`]).

mod carry;
mod changes;
mod create;
mod definition;
mod gone;
mod host;
mod introduce;
mod join;
mod legacy;
mod messages;
mod nonces;
mod own;
mod part;
mod pay;
mod remove;
mod sweep;

pub use carry::Carrier;
pub use create::{Refusals, create, next_incarnation, probe};
pub use definition::Definition;
pub use host::PeerHost;
pub use legacy::look;
pub use own::{change as change_own, is_the_same as has_the_same_of_its_own};
pub use part::Marks;
pub use pay::{Weighed, pay, weigh};
pub use remove::{forget_everywhere, part, remove};
pub use sweep::Round;

use crate::checks::not_built;
use crate::errors::no_access;
use crate::service::DynamoDb;
use engine::{Engine, Scope, Table};
use model::ApiError;
use model::dynamodb::UpdateTableInput;
use peers::{CallError, Peers};
use pipeline::Cx;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use store::StoreError;

/// Regions that this server hosts or knows who does. `None`: it hosts all.
pub fn regions(cx: &Cx<'_, DynamoDb>) -> Option<Vec<String>> {
    let peers = &cx.service.peers;
    let named = || peers.hosted().iter().chain(peers.regions()).map(|region| region.to_string());
    peers.are_there().then(|| named().collect())
}

/// Refuses a new table in a region that this server does not host: it would be another one than that of the name there.
pub fn check_hosted(cx: &Cx<'_, DynamoDb>) -> Result<(), ApiError> {
    let (region, peers) = (&*cx.caller.region, &cx.service.peers);
    if peers.host(region) {
        return Ok(());
    }
    let why = match peers.of(region) {
        Some(peer) => format!("It is hosted by the peer \"{}\": ask {}", peer.name, peer.url),
        None => "Neither this server nor a peer of it hosts it".to_owned(),
    };
    Err(no_access(region, &why))
}

/// One commit in all regions is only kept within a server.
pub fn check_strong(cx: &Cx<'_, DynamoDb>, input: &UpdateTableInput) -> Result<(), ApiError> {
    let replicas = input.replica_updates.iter().flatten().filter_map(|update| update.create.as_ref());
    let witnesses =
        input.global_table_witness_updates.iter().flatten().filter_map(|update| update.create.as_ref());
    let regions =
        replicas.map(|action| &action.region_name).chain(witnesses.map(|action| &action.region_name));
    let is_at_peer =
        |region: &Option<String>| cx.service.peers.of(region.as_deref().unwrap_or_default()).is_some();
    let between_servers = regions.filter(|region| is_at_peer(region)).count() > 0;
    not_built::check(&[("MultiRegionConsistency STRONG with a region of a peer", between_servers)])
}

/// Why the peer of a region cannot be called, as UpdateTable tells it.
fn out_of_reach(peers: &Peers, region: &str, error: &CallError) -> ApiError {
    match peers.of(region) {
        Some(peer) => no_access(region, &format!("The peer \"{}\" {error}", peer.name)),
        None => no_access(region, "No peer of this server hosts it"),
    }
}

/// Calls the peer of a region with a message.
async fn ask<A: DeserializeOwned>(
    peers: &Peers,
    region: &str,
    call: &str,
    message: &impl Serialize,
) -> Result<A, CallError> {
    let body = serde_json::to_vec(message).map_err(|error| CallError::Unreachable(error.to_string()))?;
    let answer = peers.call(region, call, body).await?;
    serde_json::from_slice(&answer).map_err(|error| CallError::Said {
        code: "BadAnswer".to_owned(),
        sentence: format!("what is no answer to {call}: {error}"),
    })
}

/// As a background task has it, which tries again.
fn unavailable(peers: &Peers, region: &str, error: &CallError) -> StoreError {
    let name = peers.of(region).map(|peer| peer.name.as_str()).unwrap_or_default();
    StoreError::Unavailable(format!("the peer \"{name}\" of {region} {error}"))
}

/// One region of each peer that hosts some of these.
fn one_of_each_peer<'a>(peers: &Peers, regions: impl Iterator<Item = &'a Arc<str>>) -> Vec<Arc<str>> {
    let mut names: Vec<&str> = Vec::new();
    let mut one_of_each = Vec::new();
    for region in regions {
        let Some(peer) = peers.of(region) else { continue };
        if !names.contains(&peer.name.as_str()) {
            names.push(&peer.name);
            one_of_each.push(Arc::clone(region));
        }
    }
    one_of_each
}

/// The replicas of a global table on this server.
fn members_here(
    engine: &Engine,
    peers: &Peers,
    account: &Arc<str>,
    name: &str,
    group: &str,
) -> Vec<Arc<Table>> {
    let scopes = peers
        .hosted()
        .iter()
        .map(|region| Scope { account: Arc::clone(account), region: Arc::clone(region) });
    let found = scopes.filter_map(|scope| engine.table(&scope, name));
    found.filter(|table| table.is_of_group(group)).collect()
}
