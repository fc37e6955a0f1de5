//! A table that is one of the replicas of a global table: which others there are, and how it comes and goes.
//!
//! Replicas are tables of their own, of one name and account, each in its region. Each keeps in its descriptor which
//! the others are; the commit that adds or takes away one changes all of them.
//!
//! Replicas follow each other by their feeds, or are strongly consistent: then each write of an item is one commit in
//! all of them, and there is nothing to follow.

use super::{Scope, StreamView, Table};
use crate::feed::{Consumer, ConsumerKind};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A replica as its own descriptor knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalTable {
    /// The same in all replicas of a global table, and in no other's.
    pub group: String,
    /// The regions of the other replicas, in the order in which they came.
    pub regions: Vec<Arc<str>>,
    /// The schema version in which this table became a replica: names its tombstones, so that those that are still
    /// being dropped are never taken for their successors.
    pub since_version: u64,
    /// Its items are being copied from another replica: it is not there yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_filling: bool,
    /// Why its items cannot be copied, where no time mends that: it never is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// It is being taken away, and shows as being deleted until then at least, in microseconds since the Unix epoch. It
    /// takes no more requests, and goes once the others have all that was written here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving_until_micros: Option<u64>,
    /// Each write is made in all replicas at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_strong: bool,
    /// The region without a replica that is part of a strongly consistent global table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Arc<str>>,
    /// When it became a replica of a global table of version 2017.11.29, of which it may be the only one, in
    /// microseconds since the Unix epoch. Such replicas share no settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legacy_since_micros: Option<u64>,
    /// It is going its own way: what is written here from now on goes nowhere else, and once the others have what was
    /// written before, and it has what they had written by then, it is no replica any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_parting: bool,
}

impl GlobalTable {
    /// A new replica that gets its items from elsewhere, with others on this store.
    pub fn to_be_filled(group: &str, regions: Vec<Arc<str>>) -> GlobalTable {
        GlobalTable { regions, is_filling: true, ..GlobalTable::alone(group, 1) }
    }

    /// A replica without others on this store.
    pub(super) fn alone(group: &str, since_version: u64) -> GlobalTable {
        GlobalTable {
            group: group.to_owned(),
            regions: Vec::new(),
            since_version,
            is_filling: false,
            leaving_until_micros: None,
            failure: None,
            is_strong: false,
            witness: None,
            legacy_since_micros: None,
            is_parting: false,
        }
    }
}

impl Table {
    /// The global table it is a replica of, if it is of one.
    pub fn global(&self) -> Option<&GlobalTable> {
        self.settings.global.as_ref()
    }

    /// Whether each write is made in all replicas at once.
    pub fn is_strong(&self) -> bool {
        self.global().is_some_and(|global| global.is_strong)
    }

    /// Whether it is a replica of a global table of version 2017.11.29.
    pub fn is_legacy_replica(&self) -> bool {
        self.global().is_some_and(|global| global.legacy_since_micros.is_some())
    }

    /// The schema version that names its tombstones, where it keeps some: what is written everywhere at once needs
    /// none.
    pub(crate) fn tombstones_since(&self) -> Option<u64> {
        self.global().filter(|global| !global.is_strong).map(|global| global.since_version)
    }

    /// Whether it and another table are replicas of the same global table.
    pub fn is_replica_of(&self, other: &Table) -> bool {
        let both = self.global().zip(other.global());
        self.id != other.id && both.is_some_and(|(own, others)| own.group == others.group)
    }

    /// Where the replicas in other regions are looked for.
    pub fn replica_scopes(&self) -> impl Iterator<Item = Scope> + '_ {
        let regions = self.global().into_iter().flat_map(|global| &global.regions);
        regions.map(|region| self.replica_scope(region))
    }

    /// Where the replica in another region is looked for.
    pub fn replica_scope(&self, region: &Arc<str>) -> Scope {
        Scope { account: Arc::clone(&self.scope.account), region: Arc::clone(region) }
    }

    /// The consumers of its feed that bring changes to other replicas.
    pub fn replication_consumers(&self) -> impl Iterator<Item = &Consumer> {
        self.consumers.iter().filter(|consumer| consumer.kind == ConsumerKind::Replication)
    }

    /// Adds another replica, in the descriptor that follows this one.
    pub(crate) fn add_replica(&mut self, group: &str, region: &Arc<str>) {
        let since_version = self.schema_version + 1;
        let global = self.settings.global.get_or_insert_with(|| GlobalTable::alone(group, since_version));
        global.regions.push(Arc::clone(region));
        self.consumers.push(replication_to(region));
    }

    /// Makes it a replica of a strongly consistent global table with others, in the descriptor that follows this one.
    pub(crate) fn join_strong(&mut self, group: &str, regions: Vec<Arc<str>>, witness: Option<&Arc<str>>) {
        self.settings.global = Some(GlobalTable {
            group: group.to_owned(),
            regions,
            since_version: self.schema_version + 1,
            is_filling: false,
            failure: None,
            leaving_until_micros: None,
            is_strong: true,
            witness: witness.cloned(),
            legacy_since_micros: None,
            is_parting: false,
        });
    }

    /// Makes it a replica of a global table of version 2017.11.29, without others as yet, in the descriptor that
    /// follows this one. One that is one already stays as it is.
    pub(crate) fn join_legacy(&mut self, group: &str, since_micros: u64) {
        let since_version = self.schema_version + 1;
        self.settings.global.get_or_insert_with(|| GlobalTable {
            group: group.to_owned(),
            regions: Vec::new(),
            since_version,
            is_filling: false,
            failure: None,
            leaving_until_micros: None,
            is_strong: false,
            witness: None,
            legacy_since_micros: Some(since_micros),
            is_parting: false,
        });
    }

    /// Makes it a table of its own, in the descriptor that follows this one.
    pub(crate) fn part(&mut self) {
        self.consumers.retain(|consumer| consumer.kind != ConsumerKind::Replication);
        (self.settings.global, self.settings.replica_overrides) = (None, None);
        self.settings.elsewhere = None;
    }

    /// Takes another replica away, in the descriptor that follows this one. Without others it is no replica any more.
    pub(crate) fn remove_replica(&mut self, region: &str) {
        let is_it = |consumer: &Consumer| consumer.kind == ConsumerKind::Replication && consumer.id == region;
        self.consumers.retain(|consumer| !is_it(consumer));
        if let Some(global) = &mut self.settings.global {
            global.regions.retain(|known| **known != *region);
        }
        self.end_if_alone();
    }
}

/// The consumer that brings changes to a region. Records wait for it as long as it takes.
pub(crate) fn replication_to(region: &str) -> Consumer {
    Consumer {
        kind: ConsumerKind::Replication,
        id: region.to_owned(),
        view: Some(StreamView::NewImage),
        retention_micros: u64::MAX,
        acknowledges: true,
    }
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
        table.add_replica("g", &"eu-west-1".into());
        let form = json!({"group": "g", "regions": ["eu-west-1"], "since_version": 2});
        assert_eq!(serde_json::to_value(table.global()).unwrap(), form);
        let global = table.settings.global.as_mut().unwrap();
        (global.is_filling, global.leaving_until_micros) = (true, Some(5));
        let form = json!({
            "group": "g", "regions": ["eu-west-1"], "since_version": 2, "is_filling": true, "leaving_until_micros": 5
        });
        assert_eq!(serde_json::to_value(&*global).unwrap(), form);
        assert_eq!(serde_json::from_value::<GlobalTable>(form).unwrap(), *global);
        table.join_strong("s", vec!["us-west-2".into()], Some(&"us-east-2".into()));
        let form = json!({
            "group": "s", "regions": ["us-west-2"], "since_version": 2, "is_strong": true, "witness": "us-east-2"
        });
        assert_eq!(serde_json::to_value(table.global()).unwrap(), form);
        assert_eq!(serde_json::from_value::<GlobalTable>(form).unwrap(), *table.global().unwrap());
    }

    #[test]
    fn the_last_replica_of_version_2017_is_one_still() {
        let mut table = table();
        table.join_legacy("g", 7);
        table.add_replica("g", &"eu-west-1".into());
        table.remove_replica("eu-west-1");
        let form = json!({"group": "g", "regions": [], "since_version": 2, "legacy_since_micros": 7});
        assert_eq!(serde_json::to_value(table.global()).unwrap(), form);
        table.settings.global.as_mut().unwrap().is_parting = true;
        let form = json!({
            "group": "g", "regions": [], "since_version": 2, "legacy_since_micros": 7, "is_parting": true
        });
        assert_eq!(serde_json::from_value::<GlobalTable>(form).unwrap(), *table.global().unwrap());
        table.part();
        assert_eq!(table.global(), None);
    }

    #[test]
    fn replicas_come_and_go() {
        let mut table = table();
        table.add_replica("g", &"eu-west-1".into());
        table.add_replica("h", &"eu-west-2".into());
        let global = table.global().unwrap();
        assert_eq!((global.group.as_str(), global.regions.len()), ("g", 2));
        assert_eq!(table.replication_consumers().count(), 2);
        table.remove_replica("eu-west-1");
        assert_eq!(
            table.replica_scopes().map(|scope| scope.region.to_string()).collect::<Vec<_>>(),
            ["eu-west-2"]
        );
        table.remove_replica("eu-west-2");
        assert_eq!((table.global(), table.replication_consumers().count()), (None, 0));
    }
}
