//! Brings changes and settings of a replica to another one that a peer hosts.

use super::changes::{Head, encode};
use super::definition::Definition;
use super::messages::{About, CHANGES, Done, Group, OWN, Own, SETTINGS, Settings};
use super::{ask, own, unavailable};
use engine::replication::Carried;
use engine::{Engine, Table};
use parking_lot::Mutex;
use peers::Peers;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use store::StoreError;

/// When what all replicas share was changed, and where; when what the replica has of its own was.
#[derive(Debug, Clone, Default)]
struct Told {
    shared: Option<(u64, Arc<str>)>,
    own_micros: u64,
}

/// Calls peers for the replicas of this server.
#[derive(Debug, Default)]
pub struct Carrier {
    /// The servers that host other regions.
    pub peers: Arc<Peers>,
    /// What was told last to the peer of a region, by this server: it is told again after a restart, which changes
    /// nothing.
    told: Mutex<HashMap<(u32, String), Told>>,
}

impl Carrier {
    /// That calls these.
    pub fn new(peers: Arc<Peers>) -> Carrier {
        Carrier { peers, told: Mutex::default() }
    }

    /// Tells the replica in a region what all share, and what this one has of its own, if it changed since it was told.
    pub async fn tell_settings(&self, table: &Table, region: &str) -> Result<(), StoreError> {
        let is_its_own = table.is_legacy_replica() || table.global().is_some_and(|global| global.is_parting);
        let Some(elsewhere) = table.settings.elsewhere.as_ref().filter(|_| !is_its_own) else {
            return Ok(());
        };
        let key = (table.id, region.to_owned());
        let told = self.told.lock().get(&key).cloned().unwrap_or_default();
        if let Some(since) =
            elsewhere.shared_since.clone().filter(|since| told.shared.as_ref() != Some(since))
        {
            let settings = Settings {
                about: about(table, region),
                since: (since.0, since.1.to_string()),
                definition: Definition::of(table),
            };
            self.tell(region, SETTINGS, &settings).await?;
            self.told.lock().entry(key.clone()).or_default().shared = Some(since);
        }
        if elsewhere.own_since_micros != told.own_micros {
            let own = Own { about: about(table, region), own: own::of_table(table) };
            self.tell(region, OWN, &own).await?;
            self.told.lock().entry(key).or_default().own_micros = own.own.since_micros;
        }
        Ok(())
    }

    async fn tell(&self, region: &str, call: &str, message: &impl Serialize) -> Result<(), StoreError> {
        let told = ask::<Done>(&self.peers, region, call, message).await;
        told.map(drop).map_err(|error| unavailable(&self.peers, region, &error))
    }

    /// Writes changes to the replica in a region. When this returns they are durable there.
    pub async fn send(&self, table: &Table, region: &str, changes: &[Carried]) -> Result<(), StoreError> {
        let head = Head {
            account: table.scope.account.to_string(),
            table: table.name.clone(),
            group: group_of(table),
            from: table.scope.region.to_string(),
            to: region.to_owned(),
        };
        for (body, count) in encode(&head, changes) {
            if count > 0 {
                let sent = self.peers.call(region, CHANGES, body).await;
                sent.map_err(|error| unavailable(&self.peers, region, &error))?;
            }
        }
        Ok(())
    }
}

fn group_of(table: &Table) -> String {
    table.global().map(|global| global.group.clone()).unwrap_or_default()
}

/// A global table as this server sees it.
pub fn group(table: &Table) -> Group {
    Group {
        account: table.scope.account.to_string(),
        table: table.name.clone(),
        group: group_of(table),
        members: table.all_regions().iter().map(|region| region.to_string()).collect(),
    }
}

/// Which of the replicas of its region each member is, where it is not the first.
pub fn incarnations(engine: &Engine, table: &Arc<Table>) -> BTreeMap<String, u64> {
    let here = engine.replicas_of(table).unwrap_or_default();
    let here = here.iter().map(|member| (&member.scope.region, member.incarnation_of(&member.scope.region)));
    let there = table.remote_replicas().iter().filter(|replica| replica.is_member());
    let all = here.chain(there.map(|replica| (&replica.region, replica.incarnation)));
    all.filter(|(_, number)| *number > 0).map(|(region, number)| (region.to_string(), number)).collect()
}

/// A replica in a region, from the point of view of a table here.
pub fn about(table: &Table, region: &str) -> About {
    About {
        of: group(table),
        region: region.to_owned(),
        incarnation: table.incarnation_of(region),
        source: table.scope.region.to_string(),
    }
}
