//! Tables of version 2017.11.29 at several servers. The server that is asked for a global table looks at the tables of
//! all regions, puts those of peers down as joining, and has the peers make them replicas. Each replica greets each
//! other one that it was told of, so that both know each other, and brings it what it had; then the other one is there
//! for it.
//!
//! Only the server that was asked makes others replicas, and only a replica says of itself that it is one: a table that
//! could not become one is known to nobody but the server that was asked, which shows why.

use super::carry::{Carrier, about, incarnations};
use super::messages::{ADOPT, Adopt, GREET, Invited, LOOK, Look, Seen};
use super::{Definition, ask, one_of_each_peer, out_of_reach};
use crate::service::DynamoDb;
use engine::table::RemoteState;
use engine::{Engine, Table};
use model::ApiError;
use peers::CallError;
use pipeline::Cx;
use std::sync::Arc;

/// What peers have of a name in some of their regions.
pub async fn look(cx: &Cx<'_, DynamoDb>, name: &str, regions: &[&str]) -> Result<Seen, ApiError> {
    let peers = &cx.service.peers;
    let asked: Vec<Arc<str>> = regions.iter().map(|region| (*region).into()).collect();
    let mut all = Seen::default();
    for one in one_of_each_peer(peers, asked.iter()) {
        let host = peers.of(&one).map(|peer| peer.name.as_str());
        let its = regions.iter().filter(|region| peers.of(region).map(|peer| peer.name.as_str()) == host);
        let look = Look {
            account: cx.caller.account.to_string(),
            table: name.to_owned(),
            regions: its.map(|region| (*region).to_owned()).collect(),
        };
        let seen = ask::<Seen>(peers, &one, LOOK, &look).await;
        let Seen { groups, tables } = seen.map_err(|error| out_of_reach(peers, &one, &error))?;
        all.groups.extend(groups);
        all.tables.extend(tables.into_iter().filter(|table| look.regions.contains(&table.region)));
    }
    Ok(all)
}

/// Whether a replica is to make the table of a region another one; it only greets others.
pub fn adopts(table: &Table, region: &str) -> bool {
    let replica = table.remote_replica(region);
    replica.is_some_and(
        |replica| matches!(&replica.state, RemoteState::Joining { source } if *source == table.scope.region),
    )
}

impl Carrier {
    /// Makes the table of a region a replica, or greets it.
    pub(super) async fn greet(
        &self,
        engine: &Engine,
        table: &Arc<Table>,
        region: &str,
    ) -> Result<Invited, CallError> {
        let since_micros = table.global().and_then(|global| global.legacy_since_micros).unwrap_or_default();
        let (about, definition) = (about(table, region), Definition::of(table));
        let message = Adopt { about, since_micros, definition, incarnations: incarnations(engine, table) };
        ask(&self.peers, region, if adopts(table, region) { ADOPT } else { GREET }, &message).await
    }
}
