//! The clusters of all accounts as the listener of DAX's clients needs them, kept in memory and read again when any
//! server has changed one.

use crate::cluster::{self, Cluster, Doing};
use crate::parameter_group::{self, ParameterGroup};
use crate::service::{ALL, FORMAT, SERVICE};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::future::Boxed;
use store::documents::Documents;
use store::records::{RecordError, RecordScope};
use store::{Store, Watch};

/// The clusters of a store.
#[derive(Debug)]
pub struct Clusters {
    documents: Documents,
    watches: [Watch; 2],
    state: RwLock<State>,
    /// One more than the versions of the watches that the state is of; 0 before anything was read.
    version: AtomicU64,
}

type State = BTreeMap<(String, String), Arc<OfRegion>>;

/// What there is of clusters in an account and region. Clients connect to the listener and not to a cluster, so what
/// the parameter groups say holds together: the shortest times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfRegion {
    /// Their names.
    pub names: Vec<String>,
    /// For how long items are cached, in milliseconds; 0: as long as there is room. `None` where no group says.
    pub record_ttl_millis: Option<u64>,
    /// For how long pages are cached, in milliseconds; 0: not at all. `None` where no group says.
    pub query_ttl_millis: Option<u64>,
}

impl OfRegion {
    fn add(&mut self, name: String, group: Option<&ParameterGroup>) {
        self.names.push(name);
        let Some(group) = group else { return };
        // 0 is the longest time for an item, and the shortest for a page.
        let shorter = |a: u64, b: u64| if a.wrapping_sub(1) < b.wrapping_sub(1) { a } else { b };
        let least = |known: Option<u64>, new: u64| known.map_or(new, |known| shorter(known, new));
        if let Some(millis) = group.record_ttl_millis {
            self.record_ttl_millis = Some(least(self.record_ttl_millis, millis));
        }
        if let Some(millis) = group.query_ttl_millis {
            self.query_ttl_millis = Some(self.query_ttl_millis.map_or(millis, |known| known.min(millis)));
        }
    }
}

impl Clusters {
    /// Those of a store; none is read before it is asked for.
    pub fn of(store: Arc<dyn Store>) -> Self {
        let documents = Documents::of(store, FORMAT);
        let watch = |kind| documents.watch(RecordScope::Kind { service: SERVICE, kind });
        let watches = [watch(cluster::KIND), watch(parameter_group::KIND)];
        Clusters { documents, watches, state: RwLock::default(), version: AtomicU64::new(0) }
    }

    fn watched(&self) -> u64 {
        self.watches.iter().map(Watch::version).sum::<u64>() + 1
    }

    /// What the state is of: it changes when any cluster has changed.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Whether everything is known that any server has changed.
    pub fn is_current(&self) -> bool {
        self.version() >= self.watched()
    }

    /// Reads what has changed.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub fn refresh(&self) -> Boxed<'_, Result<(), RecordError>> {
        Box::pin(async move {
            let version = self.watched();
            let scope = |kind| RecordScope::Kind { service: SERVICE, kind };
            let groups =
                self.documents.list::<ParameterGroup>(scope(parameter_group::KIND), None, ALL).await?;
            let clusters = self.documents.list::<Cluster>(scope(cluster::KIND), None, ALL).await?;
            let mut regions = BTreeMap::<(String, String), OfRegion>::new();
            for (key, cluster) in
                clusters.into_iter().filter(|(_, cluster)| cluster.change.doing != Doing::Deleting)
            {
                let is_its = |(of, group): &&(store::records::RecordKey, ParameterGroup)| {
                    (&of.account, &of.region, &group.name)
                        == (&key.account, &key.region, &cluster.parameter_group)
                };
                let group = groups.iter().find(is_its).map(|(_, group)| group);
                regions.entry((key.account, key.region)).or_default().add(cluster.name, group);
            }
            let mut state = self.state.write();
            if self.version() < version {
                *state = regions.into_iter().map(|(place, clusters)| (place, Arc::new(clusters))).collect();
                self.version.store(version, Ordering::Release);
            }
            Ok(())
        })
    }

    /// What is known of an account and region.
    pub fn of_region(&self, account: &str, region: &str) -> Arc<OfRegion> {
        let place = (account.to_owned(), region.to_owned());
        self.state.read().get(&place).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_times_hold() {
        let group = |record, query| ParameterGroup {
            record_ttl_millis: record,
            query_ttl_millis: query,
            ..ParameterGroup::default_group()
        };
        let mut all = OfRegion::default();
        all.add("a".to_owned(), Some(&group(Some(0), None)));
        assert_eq!((all.record_ttl_millis, all.query_ttl_millis), (Some(0), None));
        all.add("b".to_owned(), Some(&group(Some(500), Some(9))));
        all.add("c".to_owned(), Some(&group(Some(700), Some(0))));
        all.add("d".to_owned(), None);
        assert_eq!((all.record_ttl_millis, all.query_ttl_millis), (Some(500), Some(0)));
        assert_eq!(all.names, ["a", "b", "c", "d"]);
    }
}
