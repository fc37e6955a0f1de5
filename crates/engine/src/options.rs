//! What the jobs of an engine are to do, as whoever opens it decides.

use crate::stream::ShardLimits;
use crate::table::Table;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What the jobs of an engine are to do.
#[derive(Clone)]
pub struct EngineOptions {
    /// How often items are looked for whose time to live is over; `None`: only when somebody asks.
    pub ttl_sweep: Option<Duration>,
    /// Told how many items of a table time to live has deleted.
    pub on_expired: Arc<OnExpired>,
    /// When shards of streams are replaced.
    pub shard_limits: ShardLimits,
}

/// See [`EngineOptions::on_expired`].
pub type OnExpired = dyn Fn(&Table, u64) + Send + Sync;

impl EngineOptions {
    /// How often expired items are looked for where nobody says.
    pub const TTL_SWEEP: Duration = Duration::from_secs(2);

    pub(crate) fn tell_expired(&self, table: &Table, items: u64) {
        if items > 0 {
            (self.on_expired)(table, items);
        }
    }
}

impl Default for EngineOptions {
    fn default() -> Self {
        EngineOptions {
            ttl_sweep: Some(EngineOptions::TTL_SWEEP),
            on_expired: Arc::new(|_, _| {}),
            shard_limits: ShardLimits::default(),
        }
    }
}

impl fmt::Debug for EngineOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineOptions").field("ttl_sweep", &self.ttl_sweep).finish_non_exhaustive()
    }
}
