//! A replica at a peer that is being made from one here. Each step may be done again, and a server that goes on does
//! all of them again, but for the items that are there: the other members keep records for it, its server makes it,
//! the items are copied while writes go on, and it is there. In version 2017.11.29 ([`legacy`]) each replica copies its
//! own items, and each is there for itself then.

use super::carry::{Carrier, about, incarnations};
use super::definition::Definition;
use super::messages::{self, ANNOUNCE, Announce, Done, FILLED, INVITE, Invite, Invited, JOINED};
use super::{ask, forget_everywhere, legacy, one_of_each_peer, unavailable};
use engine::replication::Rows;
use engine::table::RemoteState;
use engine::{AlterError, Engine, Table};
use peers::CallError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::StoreError;
use store::documents::Documents;
use store::lease::{Lease, Leases};
use store::records::RecordKey;

/// After so many lots it is kept how far the copy has come.
const LOTS_PER_CURSOR: u32 = 16;

/// How far a copy has come.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Copy {
    /// The table that the items go to: another one begins anew.
    uuid: String,
    rows: Rows,
}

impl Carrier {
    /// Makes the replica in a region from a table, under a lease. When this returns it is there, or could not be made,
    /// and the table says so.
    pub async fn join(
        &self,
        engine: &Engine,
        table: &Arc<Table>,
        region: &str,
        (leases, lease): (&Leases, &Lease),
    ) -> Result<(), StoreError> {
        let is_legacy = table.is_legacy_replica();
        let is_made_here = !is_legacy || legacy::adopts(table, region);
        let invited = match self.invite(engine, table, region).await {
            Ok(invited) => invited,
            Err(error) if is_made_here && is_final(&error) => {
                return self.fail(engine, table, region, &error).await;
            }
            Err(error) => return Err(unavailable(&self.peers, region, &error)),
        };
        let copies = Documents::of(engine.shared_store(), 1);
        let key = RecordKey::new("peers", "copy", &table.scope.account, region, &table.id.to_string());
        let items = self.copy(engine, table, region, (&copies, &key, &invited.uuid), (leases, lease)).await?;
        let told = self.others(table, region, JOINED).into_iter().chain([(region.into(), FILLED)]);
        for (asked, call) in told.filter(|_| !is_legacy) {
            let told = ask::<Done>(&self.peers, &asked, call, &about(table, region)).await;
            told.map_err(|error| unavailable(&self.peers, &asked, &error))?;
        }
        set(engine, table, region, RemoteState::Active).await?;
        let forgotten = copies.change::<Copy, (), ()>(&key, |_| Ok((None, ()))).await;
        forgotten.map(drop).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        tracing::info!(table = table.name, region, items, "a replica at a peer is complete");
        Ok(())
    }

    /// One region of each other peer with replicas, with a call.
    pub(super) fn others<'a>(&self, table: &Table, region: &str, call: &'a str) -> Vec<(Arc<str>, &'a str)> {
        let host = self.peers.of(region).map(|peer| peer.name.clone());
        let is_other = |known: &&Arc<str>| self.peers.of(known).map(|peer| peer.name.clone()) != host;
        let members = table.remote_replicas().iter().filter(|replica| replica.is_member());
        let regions = members.map(|replica| &replica.region).filter(is_other);
        one_of_each_peer(&self.peers, regions).into_iter().map(|one| (one, call)).collect()
    }

    async fn invite(&self, engine: &Engine, table: &Arc<Table>, region: &str) -> Result<Invited, CallError> {
        if table.is_legacy_replica() {
            return self.greet(engine, table, region).await;
        }
        for (asked, call) in self.others(table, region, ANNOUNCE) {
            let announce = Announce { about: about(table, region), coming: Vec::new() };
            ask::<Done>(&self.peers, &asked, call, &announce).await?;
        }
        let own = table.remote_replica(region).map(|replica| replica.own.clone()).unwrap_or_default();
        let (about, definition) = (about(table, region), Definition::of(table));
        let invite = Invite { about, definition, own, incarnations: incarnations(engine, table) };
        ask(&self.peers, region, INVITE, &invite).await
    }

    /// Copies tombstones and items. Returns how many items.
    async fn copy(
        &self,
        engine: &Engine,
        table: &Arc<Table>,
        region: &str,
        (copies, key, uuid): (&Documents, &RecordKey, &str),
        (leases, lease): (&Leases, &Lease),
    ) -> Result<u64, StoreError> {
        let failed = |error: store::records::RecordError| StoreError::Unavailable(error.to_string());
        let begun = copies.get::<Copy>(key).await.map_err(failed)?.filter(|copy| copy.uuid == uuid);
        let mut rows = begun.map(|copy| copy.rows).unwrap_or_default();
        let mut lots = 0_u32;
        loop {
            let (reader, source, from) = (engine.clone(), Arc::clone(table), rows.clone());
            let read = tokio::task::spawn_blocking(move || reader.rows_for_copy(&source, &from)).await;
            let (lot, next) = read.map_err(|error| StoreError::Unavailable(error.to_string()))??;
            self.send(table, region, &lot).await?;
            let Some(next) = next else { return Ok(rows.items) };
            rows = next;
            lots += 1;
            if lots.is_multiple_of(LOTS_PER_CURSOR) {
                let copy = Copy { uuid: uuid.to_owned(), rows: rows.clone() };
                let kept = copies.change::<Copy, (), ()>(key, |_| Ok((Some(copy.clone()), ()))).await;
                kept.map(drop).map_err(failed)?;
            }
            if !leases.renew(lease).await? {
                return Err(StoreError::Unavailable("another server makes the replica now".to_owned()));
            }
        }
    }

    /// The peers that keep records for it are told to stop, and it shows why it is not there.
    async fn fail(
        &self,
        engine: &Engine,
        table: &Arc<Table>,
        region: &str,
        error: &CallError,
    ) -> Result<(), StoreError> {
        let name = self.peers.of(region).map(|peer| peer.name.clone()).unwrap_or_default();
        let why = format!("The peer \"{name}\" {error}");
        tracing::warn!(table = table.name, region, "a replica could not be made: {why}");
        forget_everywhere(&self.peers, engine, table, region).await?;
        set(engine, table, region, RemoteState::Failed { why }).await
    }
}

/// Whether the same call would come to the same. What is about the two servers, and not about the table, may end.
pub(super) fn is_final(error: &CallError) -> bool {
    match error {
        CallError::Said { code, .. } => {
            !matches!(code.as_str(), messages::LATER | messages::FAILED | "Replayed" | "BadAnswer")
        }
        CallError::NoPeer
        | CallError::Unreachable(_)
        | CallError::Unauthentic
        | CallError::Refused { .. } => false,
    }
}

async fn set(
    engine: &Engine,
    table: &Arc<Table>,
    region: &str,
    state: RemoteState,
) -> Result<(), StoreError> {
    engine.refresh().await?;
    let now = engine.table(&table.scope, &table.name).filter(|now| now.id == table.id);
    let members = now.and_then(|now| {
        let is_for_itself = now.is_legacy_replica() && state == RemoteState::Active;
        if is_for_itself { Some(vec![now]) } else { engine.replicas_of(&now) }
    });
    let members = members.ok_or_else(|| StoreError::Unavailable("a replica comes or goes".to_owned()))?;
    match engine.set_remote_replica(&members, region, state).await {
        Ok(_) => Ok(()),
        Err(AlterError::Store(error)) => Err(error),
        Err(AlterError::Changed | AlterError::NotFound) => {
            Err(StoreError::Unavailable("a replica was changed meanwhile".to_owned()))
        }
    }
}
