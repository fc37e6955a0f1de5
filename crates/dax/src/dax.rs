//! What all connections share.

use crate::attribute_lists::AttributeLists;
use crate::cache::{AllCounts, Cache, CacheSettings};
use crate::cluster;
use crate::memory::Memory;
use dax_control::Clusters;
use dynamodb::DynamoDb;
use engine::{Scope, WriteStamps};
use figures::Figures;
use pipeline::Pipeline;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use stdx::{Clock, Random};

/// What a cluster stands on.
pub struct Parts {
    /// The tables.
    pub dynamodb: Arc<DynamoDb>,
    /// Who calls, and what is counted.
    pub pipeline: Arc<Pipeline>,
    /// What the control plane says of clusters.
    pub clusters: Clusters,
    /// The server's clock.
    pub clock: Arc<dyn Clock>,
    /// The server's randomness.
    pub random: Random,
    /// Where clients are told to go; `None` for where they have come to.
    pub advertised: Option<SocketAddr>,
    /// What is cached.
    pub cache: CacheSettings,
    /// What changes with every write to the tables; without it caches cannot be coherent.
    pub write_stamps: Option<Arc<WriteStamps>>,
}

/// A cluster of one node.
pub struct Dax {
    pub(crate) dynamodb: Arc<DynamoDb>,
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) clusters: Clusters,
    pub(crate) figures: Arc<Figures>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) advertised: Option<SocketAddr>,
    pub(crate) lists: AttributeLists,
    pub(crate) memory: Memory,
    pub(crate) cache: Cache,
    pub(crate) counts: AllCounts,
    pub(crate) connections: AtomicUsize,
}

/// What a node has counted since its start, and what it measures now.
#[derive(Debug, Clone)]
pub struct Usage {
    /// For each account and region, by the names that CloudWatch has for them.
    pub counted: Vec<(Scope, Vec<(&'static str, u64)>)>,
    /// Bytes that were given up for want of room.
    pub evicted_bytes: u64,
    /// Connections that are open.
    pub connections: usize,
    /// How much of the budget is used, in percent.
    pub memory_percent: f64,
}

impl Dax {
    /// A cluster on these parts.
    pub fn new(parts: Parts) -> Self {
        let Parts { dynamodb, pipeline, clusters, clock, random, advertised, cache, write_stamps } = parts;
        let cache = Cache::new(cache, write_stamps);
        let (counts, connections) = (AllCounts::default(), AtomicUsize::new(0));
        let lists = AttributeLists::of(dynamodb.engine.shared_store());
        let (figures, memory) = (pipeline.figures(), Memory::default());
        Dax {
            dynamodb,
            pipeline,
            clusters,
            figures,
            clock,
            random,
            advertised,
            lists,
            memory,
            cache,
            counts,
            connections,
        }
    }
}

impl Dax {
    /// The names that the node has in an account and region.
    pub fn cluster_names(&self, scope: &Scope) -> Vec<String> {
        let created = self.clusters.of_region(&scope.account, &scope.region);
        std::iter::once(cluster::NAME).map(str::to_owned).chain(created.names.iter().cloned()).collect()
    }

    /// What the node has done, for metrics.
    pub fn usage(&self) -> Usage {
        Usage {
            counted: self.counts.figures(),
            evicted_bytes: self.cache.evicted_bytes(),
            connections: self.connections.load(Ordering::Relaxed),
            memory_percent: 100.0 * self.cache.bytes() as f64 / self.cache.bytes_max().max(1) as f64,
        }
    }
}

impl fmt::Debug for Dax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dax").field("lists", &self.lists).finish_non_exhaustive()
    }
}
