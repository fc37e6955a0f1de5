//! A replica that is being made here, from one here, beside replicas at peers. Their servers keep records for it
//! before its first item is copied, from where the source has come to by then; so whatever the copy lacks comes by
//! their feeds. When it has all items they are told that it is there. Each step may be done again.
//!
//! Several servers may add replicas to themselves at the same time: each tells the others of its own, and nobody is in
//! the way of anybody. One that a server is having made at a third one comes first: it is told no, or this waits.

use super::carry::{Carrier, about};
use super::join::is_final;
use super::messages::{self, ANNOUNCE, About, Announce, Done, JOINED};
use super::{ask, forget_everywhere, unavailable};
use engine::table::{RemoteReplica, RemoteState};
use engine::{AlterError, Engine, Table};
use peers::{CallError, Peers};
use std::sync::Arc;
use store::StoreError;

impl Carrier {
    /// Does the next step for a new replica. False: it is being filled.
    pub async fn introduce(&self, engine: &Engine, table: &Arc<Table>) -> Result<bool, StoreError> {
        let Some(introduction) = table.introduction() else { return Ok(true) };
        if !introduction.is_announced {
            return self.announce_own(engine, table, &introduction.source).await.map(|()| true);
        }
        if table.global().is_some_and(|global| global.failure.is_some()) {
            forget_everywhere(&self.peers, engine, table, &table.scope.region).await?;
        } else if table.settings.is_being_filled() {
            return Ok(false);
        } else {
            for (asked, call) in self.others(table, &table.scope.region, JOINED) {
                let told = ask::<Done>(&self.peers, &asked, call, &about(table, &table.scope.region)).await;
                told.map_err(|error| unavailable(&self.peers, &asked, &error))?;
            }
            tracing::info!(table = table.name, region = &*table.scope.region, "peers know of a new replica");
        }
        changed(engine.end_introduction(table, None).await)?;
        Ok(true)
    }

    async fn announce_own(
        &self,
        engine: &Engine,
        table: &Arc<Table>,
        source: &Arc<str>,
    ) -> Result<(), StoreError> {
        let region = &*table.scope.region;
        let source = engine.table(&table.replica_scope(source), &table.name);
        let source = source.filter(|source| source.is_replica_of(table));
        let source =
            source.ok_or_else(|| StoreError::Unavailable("the replica to copy is gone".to_owned()))?;
        let incarnation = table.incarnation_of(region);
        let coming = of_other_servers(&self.peers, &source).map(|region| region.to_string()).collect();
        let announce = Announce { about: About { incarnation, ..about(&source, region) }, coming };
        for (asked, call) in self.others(table, region, ANNOUNCE) {
            match ask::<Done>(&self.peers, &asked, call, &announce).await {
                Ok(_) => {}
                Err(CallError::Said { code, .. }) if code == messages::IN_USE => {
                    return Err(StoreError::Unavailable(format!("something is under way in {asked}")));
                }
                Err(error) if is_final(&error) => {
                    return self.refuse_own(engine, table, (&asked, &error)).await;
                }
                Err(error) => return Err(unavailable(&self.peers, &asked, &error)),
            }
        }
        changed(engine.fill_announced(table).await)
    }

    /// The peers that keep records for it are told to stop, and it shows why it is not there.
    async fn refuse_own(
        &self,
        engine: &Engine,
        table: &Arc<Table>,
        (asked, error): (&str, &CallError),
    ) -> Result<(), StoreError> {
        let name = self.peers.of(asked).map(|peer| peer.name.clone()).unwrap_or_default();
        let why = format!("The peer \"{name}\" {error}");
        let region = &*table.scope.region;
        tracing::warn!(table = table.name, region, "a replica could not be made: {why}");
        forget_everywhere(&self.peers, engine, table, region).await?;
        changed(engine.end_introduction(table, Some(&why)).await)
    }
}

/// The regions of replicas that other servers are adding to themselves, as far as a table knows.
pub fn of_other_servers<'a>(peers: &'a Peers, table: &'a Table) -> impl Iterator<Item = &'a Arc<str>> {
    let host = |region: &str| peers.of(region).map(|peer| peer.name.as_str());
    let is_its_own = move |replica: &&RemoteReplica| match &replica.state {
        RemoteState::Joining { source } => host(source).is_some() && host(source) == host(&replica.region),
        _ => false,
    };
    table.remote_replicas().iter().filter(is_its_own).map(|replica| &replica.region)
}

/// What was changed meanwhile is looked at again.
fn changed(ended: Result<Arc<Table>, AlterError>) -> Result<(), StoreError> {
    match ended {
        Ok(_) => Ok(()),
        Err(AlterError::Store(error)) => Err(error),
        Err(AlterError::Changed | AlterError::NotFound) => {
            Err(StoreError::Unavailable("a replica was changed meanwhile".to_owned()))
        }
    }
}
