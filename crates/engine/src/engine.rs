//! The engine: a store, a clock, and what is kept in memory about tables. Cheap to clone and to share.

use crate::catalog::document::{self, Kind};
use crate::catalog::{Catalog, Completions};
use crate::error::EngineError;
use crate::jobs::{Job, JobProgress, Jobs, Surroundings, SweepTokens, all_the_time};
use crate::options::EngineOptions;
use crate::read::ReadSign;
use crate::sealing::TableKeys;
use crate::stream::{self, StreamCache};
use crate::table::Table;
use sealing::SealedStore;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use stdx::future::Boxed;
use stdx::{Clock, Random};
use store::lease::Leases;
use store::wait::{wait, yield_once};
use store::{Store, StoreError, Watch};

/// Tables on a store.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Random,
    catalog: Arc<Catalog>,
    streams: StreamCache,
    completions: Completions,
    jobs: Jobs,
    /// When expired idempotency tokens were last looked for.
    tokens_swept_micros: AtomicU64,
    options: EngineOptions,
    reads: Arc<ReadSign>,
}

/// What has kept a write from being committed as it was planned.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    changes: usize,
    losses: usize,
    since: Option<Duration>,
}

impl Engine {
    /// How often a write is planned again because its table has changed meanwhile.
    pub(crate) const PLANS_MAX: usize = 16;

    /// How often, and how long, a write waits for a transaction on its item collection before it reports a
    /// conflict. The holder writes other items and ends with its commit, unless the store fails.
    pub(crate) const WAITS_MAX: usize = 100_000;
    const WAIT_MAX: Duration = Duration::from_secs(10);

    /// Waits until what was being committed is durable, and lets other tasks run. False once a writer that began to
    /// wait at `since`, which is set here, has waited long enough.
    pub(crate) async fn wait_for_holder(&self, since: &mut Option<Duration>) -> Result<bool, StoreError> {
        let now = self.0.clock.monotonic();
        if now - *since.get_or_insert(now) >= Engine::WAIT_MAX {
            return Ok(false);
        }
        yield_once().await; // a holder that has not appended yet is not waited for by `settled`
        self.store().settled().await.map(|_| true)
    }

    /// Whether a write that was fenced off may be planned once more. One whose table `has_changed` meanwhile is planned
    /// [`Engine::PLANS_MAX`] times. Where the table is the same, the store has lost the commit and nothing of it
    /// happened: the write is tried again for up to [`Engine::WAIT_MAX`].
    pub(crate) async fn may_plan_again(
        &self,
        plans: &mut Plans,
        has_changed: bool,
    ) -> Result<bool, StoreError> {
        if has_changed {
            plans.changes += 1;
        } else {
            plans.losses += 1;
        }
        let has_room = plans.changes < Engine::PLANS_MAX && plans.losses < Engine::WAITS_MAX;
        Ok(has_room && (has_changed || self.wait_for_holder(&mut plans.since).await?))
    }

    pub(crate) fn table_keeps_changing() -> StoreError {
        StoreError::Unavailable("the table keeps changing".to_owned())
    }

    /// Opens the tables of a store, and resumes unfinished jobs.
    pub fn open(store: Arc<dyn Store>, clock: Arc<dyn Clock>, random: Random) -> Result<Engine, EngineError> {
        Engine::open_with(store, clock, random, EngineOptions::default())
    }

    /// The same with options for its jobs.
    pub fn open_with(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Random,
        options: EngineOptions,
    ) -> Result<Engine, EngineError> {
        if !store.capabilities().transactions_across_rows {
            return Err(EngineError::RowsApart);
        }
        let keys = Arc::new(TableKeys::new(Arc::clone(&options.keys), Arc::clone(&clock)));
        let store: Arc<dyn Store> = Arc::new(SealedStore::new(store, Arc::clone(&keys), random.clone()));
        let catalog = Arc::new(wait(Catalog::load(store.as_ref(), keys))?);
        wait(stream::give_documents(store.as_ref(), &catalog))?;
        let streams = StreamCache::new(store.watch(&document::prefix(Kind::Stream)));
        let completions = Completions::start()?;
        let reads = Arc::new(ReadSign::default());
        let jobs = Jobs::open(Surroundings {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            catalog: Arc::clone(&catalog),
            options: options.clone(),
            reads: Arc::clone(&reads),
            leases: Leases::of(Arc::clone(&store), Arc::clone(&clock), random.next_u64()),
        })?;
        jobs.start(Job::SweepTokens(SweepTokens::default()));
        let tokens_swept_micros = AtomicU64::new(clock.now_micros());
        let inner = Inner {
            store,
            clock,
            random,
            catalog,
            streams,
            completions,
            jobs,
            tokens_swept_micros,
            options,
            reads,
        };
        Ok(Engine(Arc::new(inner)))
    }

    /// Starts the jobs that a table needs all the time, where they are not there yet.
    pub(crate) fn tend(&self, table: &Table) {
        all_the_time(table).for_each(|job| self.jobs().start(job));
    }

    /// Live figures of a table and its indexes.
    pub fn statistics<'a>(&'a self, table: &'a Table) -> Boxed<'a, Result<TableStatistics, StoreError>> {
        Box::pin(async move {
            let counter = |counter| self.store().counter(counter);
            let mut indexes = Vec::with_capacity(table.indexes.len());
            for index in &table.indexes {
                indexes.push(IndexStatistics {
                    entries: counter(table.count_counter(index.number)).await?,
                    size_bytes: counter(table.size_counter(index.number)).await?,
                });
            }
            Ok(TableStatistics {
                items: counter(table.count_counter(0)).await?,
                size_bytes: counter(table.size_counter(0)).await?,
                indexes,
            })
        })
    }

    /// Since when the key of a table cannot be used, in microseconds since the Unix epoch, and what its requests are
    /// answered with; `None`: it can, or needs none.
    pub fn locked(&self, table: &Table) -> Option<(u64, String)> {
        self.catalog().keys().locked(table)
    }

    /// The store below, shared.
    pub fn shared_store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.0.store)
    }

    /// Resolves when a table was created, changed or deleted, by any engine on the store.
    pub fn watch_tables(&self) -> Watch {
        self.store().watch(&document::prefix(Kind::Table))
    }

    /// The store below.
    pub fn store(&self) -> &dyn Store {
        self.0.store.as_ref()
    }

    /// A secret that all servers on the store share.
    pub fn secret<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<[u8; Random::SECRET_BYTES], StoreError>> {
        Box::pin(async move { store::secret::secret(self.store(), name).await })
    }

    /// The progress of background jobs.
    pub fn job_progress(&self) -> Vec<JobProgress> {
        self.0.jobs.progress()
    }

    /// Waits until no job is due, and blocks the calling thread meanwhile. For tests.
    pub fn wait_for_jobs(&self) {
        self.0.jobs.wait_until_idle();
    }

    pub(crate) fn options(&self) -> &EngineOptions {
        &self.0.options
    }

    /// Signals to jobs that items are read.
    pub(crate) fn show_read(&self) {
        self.0.reads.show();
    }

    /// The time of the engine's clock, in microseconds since the Unix epoch.
    pub fn now_micros(&self) -> u64 {
        self.0.clock.now_micros()
    }

    pub(crate) fn random(&self) -> &Random {
        &self.0.random
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    pub(crate) fn streams(&self) -> &StreamCache {
        &self.0.streams
    }

    pub(crate) fn completions(&self) -> &Completions {
        &self.0.completions
    }

    pub(crate) fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    pub(crate) fn tokens_swept_micros(&self) -> &AtomicU64 {
        &self.0.tokens_swept_micros
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("store", &self.0.store).finish_non_exhaustive()
    }
}

/// Figures of a table, as of now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableStatistics {
    /// Items.
    pub items: i64,
    /// DynamoDB sizes of all items together.
    pub size_bytes: i64,
    /// The same per index, in the order of [`Table::indexes`].
    pub indexes: Vec<IndexStatistics>,
}

impl TableStatistics {
    /// Those of a table that was just created.
    pub fn empty(table: &Table) -> TableStatistics {
        TableStatistics {
            items: 0,
            size_bytes: 0,
            indexes: vec![IndexStatistics::default(); table.indexes.len()],
        }
    }
}

/// Figures of an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexStatistics {
    /// Entries.
    pub entries: i64,
    /// DynamoDB sizes of all entries together.
    pub size_bytes: i64,
}
