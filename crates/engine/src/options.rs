//! Options of an engine's jobs.

use crate::sealing::{KeyService, NoKeys};
use crate::stream::ShardLimits;
use crate::table::Table;
use crate::write::Write;
use crate::write_stamps::{Stamping, WriteStamps};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What the jobs of an engine are to do.
#[derive(Clone)]
pub struct EngineOptions {
    /// How often expired items are swept; `None`: only on request.
    pub ttl_sweep: Option<Duration>,
    /// Called with what jobs have done to a table.
    pub on_event: Arc<OnEvent>,
    /// Unwraps the data keys of sealed tables.
    pub keys: Arc<dyn KeyService>,
    /// When shards of streams are replaced, and how long records can be read.
    pub shard_limits: ShardLimits,
    /// What changes with every write, where a cache beside the engine asks for it.
    pub write_stamps: Option<Arc<WriteStamps>>,
}

/// See [`EngineOptions::on_event`].
pub type OnEvent = dyn Fn(&Table, JobEvent) + Send + Sync;

/// What a job has done to a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum JobEvent {
    /// Time to live has deleted so many items.
    Expired {
        /// How many.
        items: u64,
    },
    /// More of the items have their entries in an index that is being built.
    IndexBuilt {
        /// The number of the index.
        index: u16,
        /// How many of a hundred items have them by now.
        percent: f64,
        /// What the entries would have cost that were put since the last time.
        write_units: u64,
    },
}

impl EngineOptions {
    /// The default interval of the sweep of expired items.
    pub const TTL_SWEEP: Duration = Duration::from_secs(2);

    pub(crate) fn tell(&self, table: &Table, event: JobEvent) {
        (self.on_event)(table, event);
    }

    /// Writes begin: caches beside the engine read their items again once they have ended.
    pub(crate) fn stamp<'w>(
        &self,
        writes: impl Iterator<Item = (&'w Table, &'w Write)>,
    ) -> Option<Stamping<'_>> {
        Stamping::begin(self.write_stamps.as_deref(), writes)
    }

    pub(crate) fn tell_expired(&self, table: &Table, items: u64) {
        if items > 0 {
            self.tell(table, JobEvent::Expired { items });
        }
    }
}

impl Default for EngineOptions {
    fn default() -> Self {
        EngineOptions {
            ttl_sweep: Some(EngineOptions::TTL_SWEEP),
            on_event: Arc::new(|_, _| {}),
            keys: Arc::new(NoKeys),
            shard_limits: ShardLimits::default(),
            write_stamps: None,
        }
    }
}

impl fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineOptions").field("ttl_sweep", &self.ttl_sweep).finish_non_exhaustive()
    }
}
