//! What the store tells of itself and of the database: how old the horizon is that feeds are read up to, who follows
//! the primary and how far behind, and how its own connections fare.

use crate::postgres_store::Core;
use crate::sql::Sql;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::{Measure, StoreError};

const MICROS_PER_SECOND: f64 = 1e6;
/// How long the database may take to answer for its figures: who asks for them does not wait for long.
const PATIENCE: Duration = Duration::from_secs(2);

/// The oldest transaction that was seen to run, and when it was seen first. It is looked at every few seconds, so that
/// is how exact its age is.
#[derive(Default)]
pub(crate) struct Horizon(Mutex<Option<(i64, u64)>>);

impl Horizon {
    /// For how long the horizon has stood where it stands, in microseconds: no time, where nothing runs.
    fn age_micros(&self, oldest: i64, next: i64, now: u64) -> u64 {
        let mut known = self.0.lock();
        if oldest == next {
            *known = None;
            return 0;
        }
        match *known {
            Some((number, since)) if number == oldest => now.saturating_sub(since),
            _ => {
                *known = Some((oldest, now));
                0
            }
        }
    }
}

impl Core {
    /// For how many seconds the horizon has stood still.
    pub(crate) async fn horizon_age(&self) -> Result<f64, StoreError> {
        let rows = self.rows(Sql::Running, &[]).await?;
        let now = self.newest.time_micros();
        let age = rows.first().map_or(0, |row| self.horizon.age_micros(row.get(0), row.get(1), now));
        Ok(age as f64 / MICROS_PER_SECOND)
    }

    pub(crate) async fn measures(self: &Arc<Self>) -> Vec<Measure> {
        let mut measures = self.own_measures();
        let core = Arc::clone(self);
        let told = async move { tokio::time::timeout(PATIENCE, core.measures_of_the_database()).await };
        // A database that is away leaves its figures out.
        if let Ok(Ok(told)) = self.connector.runtime().spawn(told).await {
            measures.extend(told);
        }
        measures
    }

    async fn measures_of_the_database(&self) -> Vec<Measure> {
        let Ok(age) = self.horizon_age().await else { return Vec::new() };
        let horizon = Measure {
            name: "stator_postgres_horizon_age_seconds",
            help: "For how long the oldest transaction of the database holds back what streams show.",
            grows: false,
            label: None,
            value: age,
        };
        std::iter::once(horizon).chain(self.standbys().await).collect()
    }

    /// What needs no answer of the database.
    fn own_measures(&self) -> Vec<Measure> {
        let failures = Measure {
            name: "stator_postgres_connection_failures_total",
            help: "Attempts to connect to the database that failed.",
            grows: true,
            label: None,
            value: self.connector.failures() as f64,
        };
        let in_use = Measure {
            name: "stator_postgres_writers_in_use_ratio",
            help: "The part of the connections that write which is in use.",
            grows: false,
            label: None,
            value: self.writers.in_use(),
        };
        let mut measures = vec![failures, in_use];
        if self.replicas.are_named() {
            measures.extend(self.reads_of_replicas());
        }
        measures
    }

    fn reads_of_replicas(&self) -> [Measure; 2] {
        let reads = |at: &'static str, count: &AtomicU64| Measure {
            name: "stator_postgres_eventual_reads_total",
            help: "Eventually consistent reads, by whether a replica could answer.",
            grows: true,
            label: Some(("at", at.to_owned())),
            value: count.load(Ordering::Relaxed) as f64,
        };
        [reads("replica", &self.replicas.answered), reads("primary", &self.replicas.passed_on)]
    }

    /// How many standbys of each kind follow the primary, and how far the last of each is behind.
    async fn standbys(&self) -> Vec<Measure> {
        let Ok(rows) = self.rows(Sql::Standbys, &[]).await else { return Vec::new() };
        let of = |row: &tokio_postgres::Row| Some(("state", row.get::<_, String>(0)));
        let counts = rows.iter().map(|row| Measure {
            name: "stator_postgres_standbys",
            help: "Standbys that follow the primary, by how it waits for them.",
            grows: false,
            label: of(row),
            value: row.get::<_, i64>(1) as f64,
        });
        let lags = rows.iter().map(|row| Measure {
            name: "stator_postgres_replay_lag_seconds",
            help: "How far the last of these standbys is behind with what it shows.",
            grows: false,
            label: of(row),
            value: row.get(2),
        });
        counts.chain(lags).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_horizon_ages_while_one_transaction_holds_it() {
        let horizon = Horizon::default();
        let ages =
            [(5, 9, 10), (5, 12, 30), (5, 12, 70), (12, 13, 80), (12, 14, 90), (14, 14, 95), (14, 15, 99)]
                .map(|(oldest, next, now)| horizon.age_micros(oldest, next, now));
        assert_eq!(ages, [0, 20, 60, 0, 10, 0, 0]);
    }
}
