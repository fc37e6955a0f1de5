//! Replicas of a table that are on other stores, in regions that other servers host.
//!
//! They are members of the global table as those of this store are, and each has a consumer of this table's feed, which
//! keeps records until they are there. What changes a descriptor here changes nothing there, so the state of each
//! stands here, and what all share has a time: of two changes the later one counts everywhere.

use super::{GlobalTable, ReplicaOverrides, Table, replication_to};
use crate::feed::{Consumer, ConsumerKind};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The replicas on other stores.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Elsewhere {
    /// In the order in which they came.
    pub replicas: Vec<RemoteReplica>,
    /// When what all replicas share was changed last, in microseconds since the Unix epoch, and in which region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_since: Option<(u64, Arc<str>)>,
    /// When what this replica has of its own was changed last, in microseconds since the Unix epoch; 0: it has nothing.
    #[serde(skip_serializing_if = "is_zero")]
    pub own_since_micros: u64,
    /// Which of the replicas that its region has had this one is: a later one has a higher number.
    #[serde(skip_serializing_if = "is_zero")]
    pub incarnation: u64,
    /// Where this replica is a new one that gets its items from one of this store: until the others know that it is
    /// there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduction: Option<Introduction>,
}

/// How far the servers of other replicas have been told of a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// The region on this store whose replica it gets its items from.
    pub source: Arc<str>,
    /// Whether all keep records for it from now on, so that it can be filled.
    pub is_announced: bool,
}

/// A replica on another store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteReplica {
    /// Its region.
    pub region: Arc<str>,
    /// How it stands with it, as far as is known here.
    pub state: RemoteState,
    /// What it has of its own, as its server has told.
    #[serde(default, skip_serializing_if = "OwnSettings::is_none")]
    pub own: OwnSettings,
    /// Which of the replicas that its region has had it is: a later one has a higher number.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub incarnation: u64,
}

/// What a replica has of its own, and others show.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OwnSettings {
    /// When it was changed, in microseconds since the Unix epoch.
    pub since_micros: u64,
    /// What is in force there.
    pub overrides: ReplicaOverrides,
    /// The key of KMS that it is encrypted under, as it was named; `None`: under none.
    pub key: Option<String>,
}

impl OwnSettings {
    /// Whether there is nothing.
    pub fn is_none(&self) -> bool {
        *self == OwnSettings::default()
    }
}

/// How it stands with a replica on another store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RemoteState {
    /// It is being made, and gets its items from the replica in a region. In a global table of version 2017.11.29 it is
    /// a table that is there; the server of that region makes it a replica, and each replica brings it its own items.
    Joining {
        /// That region.
        source: Arc<str>,
    },
    /// It is there.
    Active,
    /// It was asked to go.
    Leaving,
    /// It was asked to go its own way, and gets what was written here until it does.
    Parting,
    /// It could not be made.
    Failed {
        /// Why, in a sentence.
        why: String,
    },
}

impl Elsewhere {
    /// Whether there are no others, and none are to be told of this one.
    fn are_none(&self) -> bool {
        self.replicas.is_empty() && self.introduction.is_none()
    }
}

impl RemoteReplica {
    /// One of which nothing is known but how it stands with it.
    pub fn new(region: &str, state: RemoteState) -> RemoteReplica {
        RemoteReplica { region: region.into(), state, own: OwnSettings::default(), incarnation: 0 }
    }

    /// Whether it comes or goes.
    pub fn is_changing(&self) -> bool {
        matches!(self.state, RemoteState::Joining { .. } | RemoteState::Leaving | RemoteState::Parting)
    }

    /// Whether it gets what is written here: one that could not be made does not.
    pub fn is_member(&self) -> bool {
        !matches!(self.state, RemoteState::Failed { .. })
    }
}

impl Table {
    /// The replicas on other stores.
    pub fn remote_replicas(&self) -> &[RemoteReplica] {
        self.settings.elsewhere.as_ref().map_or(&[], |elsewhere| &elsewhere.replicas)
    }

    /// The replica in a region, if it is on another store.
    pub fn remote_replica(&self, region: &str) -> Option<&RemoteReplica> {
        self.remote_replicas().iter().find(|replica| *replica.region == *region)
    }

    /// Which of the replicas that a region has had is the one that this one knows; 0: none, or the first.
    pub fn incarnation_of(&self, region: &str) -> u64 {
        match *self.scope.region == *region {
            true => self.settings.elsewhere.as_ref().map_or(0, |elsewhere| elsewhere.incarnation),
            false => self.remote_replica(region).map_or(0, |replica| replica.incarnation),
        }
    }

    /// Whether a table with another account, name and group is the same global table, on whichever store.
    pub fn is_of_group(&self, group: &str) -> bool {
        self.global().is_some_and(|global| global.group == group)
    }

    /// The regions of all replicas, this one and those on other stores included, in order.
    pub fn all_regions(&self) -> Vec<Arc<str>> {
        let here = self.global().into_iter().flat_map(|global| &global.regions);
        let there = self
            .remote_replicas()
            .iter()
            .filter(|replica| replica.is_member())
            .map(|replica| &replica.region);
        let mut all: Vec<_> = std::iter::once(&self.scope.region).chain(here).chain(there).cloned().collect();
        all.sort_unstable();
        all
    }

    /// Adds a replica on another store, in the descriptor that follows this one.
    pub(crate) fn add_remote(&mut self, group: &str, replica: RemoteReplica) {
        let region = Arc::clone(&replica.region);
        let since_version = self.schema_version + 1;
        if self.settings.global.is_none() {
            self.settings.global = Some(GlobalTable::alone(group, since_version));
        }
        let elsewhere = self.settings.elsewhere.get_or_insert_default();
        elsewhere.replicas.retain(|known| known.region != region);
        elsewhere.replicas.push(replica);
        let has_own = self.settings.replica_overrides.is_some() || self.settings.sse.is_some();
        elsewhere.own_since_micros = elsewhere.own_since_micros.max(u64::from(has_own)); // the new one is told
        self.consumers.retain(|consumer| !is_to(consumer, &region));
        self.consumers.push(replication_to(&region));
    }

    /// Sets how it stands with a replica on another store. One that could not be made needs no records.
    pub(crate) fn set_remote_state(&mut self, region: &str, state: RemoteState) {
        let replicas = self.settings.elsewhere.iter_mut().flat_map(|elsewhere| &mut elsewhere.replicas);
        for replica in replicas.filter(|replica| *replica.region == *region) {
            replica.state = state.clone();
            if !replica.is_member() {
                self.consumers.retain(|consumer| !is_to(consumer, region));
            }
        }
    }

    /// Keeps what a replica on another store has of its own, if it is later than what is known.
    pub(crate) fn set_remote_own(&mut self, region: &str, own: &OwnSettings) {
        let replicas = self.settings.elsewhere.iter_mut().flat_map(|elsewhere| &mut elsewhere.replicas);
        let is_it = |replica: &&mut RemoteReplica| {
            *replica.region == *region && replica.own.since_micros < own.since_micros
        };
        replicas.filter(is_it).for_each(|replica| replica.own = own.clone());
    }

    /// What a new replica knows of those on other stores that the replica it is filled from has.
    pub(crate) fn elsewhere_for_new(&self, has_own: bool, incarnation: u64) -> Option<Box<Elsewhere>> {
        let elsewhere = self.settings.elsewhere.as_ref()?;
        let members = elsewhere.replicas.iter().filter(|replica| replica.is_member());
        let introduction = Introduction { source: Arc::clone(&self.scope.region), is_announced: false };
        Some(Box::new(Elsewhere {
            replicas: members.cloned().collect(),
            shared_since: elsewhere.shared_since.clone(),
            own_since_micros: u64::from(has_own), // the others are told
            incarnation,
            introduction: Some(introduction),
        }))
    }

    /// How far the servers of other replicas have been told of this one, if it is new.
    pub fn introduction(&self) -> Option<&Introduction> {
        self.settings.elsewhere.as_ref()?.introduction.as_ref()
    }

    /// Sets how far they have been told.
    pub(crate) fn set_introduction(&mut self, introduction: Option<Introduction>) {
        self.settings.elsewhere.iter_mut().for_each(|known| known.introduction.clone_from(&introduction));
        self.forget_elsewhere_if_none();
    }

    fn forget_elsewhere_if_none(&mut self) {
        self.settings.elsewhere.take_if(|known| known.are_none() && known.incarnation == 0);
    }

    /// Takes a replica on another store away, in the descriptor that follows this one.
    pub(crate) fn remove_remote(&mut self, region: &str) {
        self.consumers.retain(|consumer| !is_to(consumer, region));
        if let Some(elsewhere) = &mut self.settings.elsewhere {
            elsewhere.replicas.retain(|known| *known.region != *region);
        }
        self.forget_elsewhere_if_none();
        self.end_if_alone();
    }

    /// Without others it is no replica any more.
    pub(super) fn end_if_alone(&mut self) {
        if self.settings.elsewhere.as_ref().is_some_and(|known| !known.are_none()) {
            return;
        }
        let is_alone =
            |global: &mut GlobalTable| global.regions.is_empty() && global.legacy_since_micros.is_none();
        if self.settings.global.take_if(is_alone).is_some() {
            (self.settings.replica_overrides, self.settings.elsewhere) = (None, None);
        }
    }

    /// Notes that what all replicas share is changed, at a time or later, where some are on other stores.
    pub fn note_shared(&mut self, now_micros: u64) {
        let region = Arc::clone(&self.scope.region);
        if let Some(elsewhere) = &mut self.settings.elsewhere {
            let before = elsewhere.shared_since.as_ref().map_or(0, |(time, _)| *time);
            elsewhere.shared_since = Some((now_micros.max(before + 1), region));
        }
    }

    /// Notes that what this replica has of its own is changed, at a time or later, where others are on other stores.
    pub fn note_own(&mut self, now_micros: u64) {
        if let Some(elsewhere) = &mut self.settings.elsewhere {
            elsewhere.own_since_micros = now_micros.max(elsewhere.own_since_micros + 1);
        }
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_to(consumer: &Consumer, region: &str) -> bool {
    consumer.kind == ConsumerKind::Replication && consumer.id == region
}

#[cfg(test)]
mod tests {
    use super::super::testing::table;
    use super::*;
    use serde_json::json;

    /// The form in descriptors: if this no longer reads, replicas forget each other.
    #[test]
    fn the_form_is_fixed() {
        let mut table = table();
        let joining = RemoteState::Joining { source: "us-east-1".into() };
        let replica = RemoteReplica { incarnation: 5, ..RemoteReplica::new("eu-west-1", joining) };
        table.add_remote("g", replica);
        table.note_shared(7);
        let form = json!({
            "replicas": [
                {"region": "eu-west-1", "state": {"Joining": {"source": "us-east-1"}}, "incarnation": 5}
            ],
            "shared_since": [7, &*table.scope.region]
        });
        assert_eq!(serde_json::to_value(&table.settings.elsewhere).unwrap(), form);
        assert_eq!(serde_json::from_value::<Elsewhere>(form).unwrap(), *table.settings.elsewhere.unwrap());
        let states = json!(["Active", "Leaving", "Parting", {"Failed": {"why": "w"}}]);
        let read: Vec<RemoteState> = serde_json::from_value(states.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), states);
    }

    #[test]
    fn what_one_has_of_its_own_is_told_once_and_not_back_in_time() {
        let mut table = table();
        table.add_remote("g", RemoteReplica::new("eu-west-1", RemoteState::Active));
        let own = |since_micros, key: &str| OwnSettings {
            since_micros,
            key: Some(key.to_owned()),
            ..OwnSettings::default()
        };
        table.set_remote_own("eu-west-1", &own(5, "later"));
        table.set_remote_own("eu-west-1", &own(4, "earlier"));
        table.note_own(3);
        table.note_own(3);
        let form = json!({
            "replicas": [{"region": "eu-west-1", "state": "Active", "own": {
                "since_micros": 5, "overrides": {"table": {}, "indexes": {}}, "key": "later"
            }}],
            "own_since_micros": 4
        });
        assert_eq!(serde_json::to_value(&table.settings.elsewhere).unwrap(), form);
        assert_eq!(serde_json::from_value::<Elsewhere>(form).unwrap(), *table.settings.elsewhere.unwrap());
    }

    #[test]
    fn a_new_one_is_introduced_even_where_there_are_none_any_more() {
        let mut source = table();
        assert_eq!(source.elsewhere_for_new(true, 7), None);
        source.add_remote("g", RemoteReplica::new("eu-west-1", RemoteState::Active));
        source.add_remote("g", RemoteReplica::new("eu-west-2", RemoteState::Failed { why: String::new() }));
        let mut new = table();
        new.settings.elsewhere = source.elsewhere_for_new(true, 7);
        let form = json!({
            "replicas": [{"region": "eu-west-1", "state": "Active"}],
            "own_since_micros": 1, "incarnation": 7,
            "introduction": {"source": &*source.scope.region, "is_announced": false}
        });
        assert_eq!(serde_json::to_value(&new.settings.elsewhere).unwrap(), form);
        assert_eq!(
            serde_json::from_value::<Elsewhere>(form).unwrap(),
            **new.settings.elsewhere.as_ref().unwrap()
        );
        new.remove_remote("eu-west-1");
        assert!(new.introduction().is_some_and(|introduction| !introduction.is_announced));
        new.set_introduction(None);
        assert_eq!(
            serde_json::to_value(&new.settings.elsewhere).unwrap(),
            json!({"replicas": [], "own_since_micros": 1, "incarnation": 7}),
            "others of this store may be left, and others elsewhere come"
        );
    }

    #[test]
    fn they_come_and_go() {
        let mut table = table();
        for region in ["eu-west-1", "eu-west-2"] {
            table.add_remote("g", RemoteReplica::new(region, RemoteState::Active));
        }
        assert!(table.is_of_group("g") && table.replication_consumers().count() == 2);
        table.set_remote_state("eu-west-2", RemoteState::Failed { why: String::new() });
        assert_eq!((table.replication_consumers().count(), table.remote_replicas().len()), (1, 2));
        assert_eq!(table.all_regions().len(), 2);
        table.remove_remote("eu-west-1");
        assert!(table.global().is_some());
        table.remove_remote("eu-west-2");
        assert_eq!((table.global(), table.replication_consumers().count()), (None, 0));
        assert_eq!(table.settings.elsewhere, None);
    }
}
