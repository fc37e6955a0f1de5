//! Brings changes and settings of a replica to another one that a peer hosts.

use super::changes::{Head, encode};
use super::definition::Definition;
use super::messages::{About, CHANGES, Done, Group, SETTINGS, Settings};
use super::{ask, unavailable};
use engine::Table;
use engine::replication::Carried;
use parking_lot::Mutex;
use peers::Peers;
use std::collections::HashMap;
use std::sync::Arc;
use store::StoreError;

/// When what all replicas share was changed, and where.
type Since = (u64, Arc<str>);

/// Calls peers for the replicas of this server.
#[derive(Debug, Default)]
pub struct Carrier {
    /// The servers that host other regions.
    pub peers: Arc<Peers>,
    /// What was told last to the peer of a region, by this server: it is told again after a restart, which changes
    /// nothing.
    told: Mutex<HashMap<(u32, String), Since>>,
}

impl Carrier {
    /// That calls these.
    pub fn new(peers: Arc<Peers>) -> Carrier {
        Carrier { peers, told: Mutex::default() }
    }

    /// Tells the replica in a region what all share, if it changed since it was told.
    pub async fn tell_settings(&self, table: &Table, region: &str) -> Result<(), StoreError> {
        let since = table.settings.elsewhere.as_ref().and_then(|elsewhere| elsewhere.shared_since.clone());
        let Some(since) = since else { return Ok(()) };
        let key = (table.id, region.to_owned());
        if self.told.lock().get(&key) == Some(&since) {
            return Ok(());
        }
        let settings = Settings {
            about: about(table, region),
            since: (since.0, since.1.to_string()),
            definition: Definition::of(table),
        };
        let told = ask::<Done>(&self.peers, region, SETTINGS, &settings).await;
        told.map_err(|error| unavailable(&self.peers, region, &error))?;
        self.told.lock().insert(key, since);
        Ok(())
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

/// A replica in a region, from the point of view of a table here.
pub fn about(table: &Table, region: &str) -> About {
    About { of: group(table), region: region.to_owned(), source: table.scope.region.to_string() }
}
