//! Brings the changes of replicas of global tables to each other, and deletes those that are taken away.
//!
//! A task for each replica and other region waits for the replica's feed and for changes of tables; what a batch is and
//! when it counts as done is the engine's ([`engine::replication`]). Where several servers share a store, a lease says
//! who brings them. A replica that is taken away has a task that waits until the others have all of it.

mod between_servers;

use crate::capacity;
use crate::faults::{Faults, Obstacle};
use crate::peering::Carrier;
use crate::table_tasks;
use between_servers::OwnWay;
use engine::feed::Consumer;
use engine::{Engine, Scope, Table};
use figures::Figures;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::sleep_until;
use stdx::future::Boxed;
use stdx::{Clock, Random};
use store::lease::{Asked, Lease, Leases};
use store::{FeedCursor, StoreError};

/// The first pause after a failure, and the longest.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// After so many failures one after the other the log has a warning.
const FAILURES_TOLD: u32 = 8;
/// How long between two looks whether the others have all of a replica that is taken away.
const LEAVING_PAUSE: Duration = Duration::from_millis(20);
/// The same where some of them are at peers, which may be away for long.
const LEAVING_PAUSE_AT_PEERS: Duration = Duration::from_millis(250);

/// How long between two looks at what a rule keeps back.
const KEPT_BACK_PAUSE: Duration = Duration::from_millis(20);
/// How far waiting changes are counted.
const PENDING_MAX: usize = 10_000;

/// Replicates, on one server.
#[derive(Clone)]
pub struct Replication {
    parts: Parts,
    leases: Leases,
    carrier: Arc<Carrier>,
}

/// What replication runs on.
#[derive(Clone)]
pub struct Parts {
    /// The tables.
    pub engine: Engine,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is measured.
    pub figures: Arc<Figures>,
    /// What is to go wrong, for tests.
    pub faults: Arc<Faults>,
    /// For faults that come now and then.
    pub random: Random,
}

/// What a task is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Work {
    scope: Scope,
    table_name: String,
    table_id: u32,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    /// Its changes are to be brought to this region.
    To(String),
    /// It is being taken away.
    Leaving,
    /// It is going its own way.
    Parting,
    /// Its tombstones are to be forgotten, which concerns other servers.
    Sweep,
    /// It is new, and other servers are to be told of it.
    New,
}

/// How a round ended.
enum Round {
    /// All is there up to here.
    UpTo { table: Arc<Table>, read: FeedCursor },
    /// A rule keeps something back.
    KeptBack,
    /// The other replica is not there now.
    Waiting,
    /// Another server does it, at least until then.
    HeldUntil(u64),
    /// There is nothing to do any more.
    Gone,
}

impl Replication {
    /// Between the tables of an engine; the owner of leases is a number that no other server has.
    pub fn new(parts: Parts, owner: u64) -> Replication {
        let leases = Leases::of(parts.engine.shared_store(), Arc::clone(&parts.clock), owner);
        Replication { parts, leases, carrier: Arc::default() }
    }

    /// The same with servers that host other regions.
    pub fn with_peers(self, peers: Arc<peers::Peers>) -> Replication {
        Replication { carrier: Arc::new(Carrier::new(peers)), ..self }
    }

    /// Keeps a task for all there is to do.
    pub fn run(self) -> Boxed<'static, ()> {
        Box::pin(async move {
            let serve = |work| self.clone().serve(work);
            table_tasks::keep(&self.parts.engine, ("replicas", PAUSE_MAX), work, serve).await;
        })
    }

    async fn serve(self, work: Work) {
        match &work.kind {
            Kind::Leaving => self.take_away(&work).await,
            Kind::Parting => self.let_go(&work).await,
            Kind::Sweep => self.sweep(&work).await,
            Kind::New => self.introduce(&work).await,
            Kind::To(region) => self.bring_to(&work, region).await,
        }
    }

    async fn take_away(&self, work: &Work) {
        let mut failures = Failures::default();
        while let Some(table) = self.table(work) {
            match self.leave_step(&table).await {
                Ok(true) => return,
                Ok(false) if table.remote_replicas().is_empty() => tokio::time::sleep(LEAVING_PAUSE).await,
                Ok(false) => tokio::time::sleep(LEAVING_PAUSE_AT_PEERS).await,
                Err(error) => failures.pause(work, &error).await,
            }
        }
    }

    async fn let_go(&self, work: &Work) {
        let mut failures = Failures::default();
        let mut way = OwnWay::default();
        while let Some(table) = self.table(work) {
            match self.part_step(&table, &mut way).await {
                Ok(true) => return,
                Ok(false) if table.remote_replicas().is_empty() => tokio::time::sleep(LEAVING_PAUSE).await,
                Ok(false) => tokio::time::sleep(LEAVING_PAUSE_AT_PEERS).await,
                Err(error) => failures.pause(work, &error).await,
            }
        }
    }

    async fn bring_to(&self, work: &Work, region: &str) {
        let watch = self.parts.engine.watch_tables();
        let mut failures = Failures::default();
        loop {
            let seen = watch.version();
            let round = self.round(work, region).await;
            if round.is_ok() {
                failures = Failures::default();
            }
            match round {
                Ok(Round::Gone) => return,
                Ok(Round::KeptBack) => tokio::time::sleep(KEPT_BACK_PAUSE).await,
                Ok(Round::Waiting) => watch.changed(seen).await,
                Ok(Round::UpTo { table, read }) => {
                    tokio::select! {
                        () = self.parts.engine.store().changed(table.feed_id(), read) => {}
                        () = watch.changed(seen) => {}
                    }
                }
                Ok(Round::HeldUntil(until)) => self.pause_until(until).await,
                Err(error) => failures.pause(work, &error).await,
            }
        }
    }

    /// Until another server's lease has ended, or a moment.
    async fn pause_until(&self, until_micros: u64) {
        let now = self.parts.clock.now_micros();
        let pause = Duration::from_micros(until_micros.saturating_sub(now)).clamp(PAUSE_MIN, PAUSE_MAX);
        sleep_until(self.parts.clock.as_ref(), now + pause.as_micros() as u64).await;
    }

    async fn round(&self, work: &Work, region: &str) -> Result<Round, StoreError> {
        self.parts.engine.refresh().await?;
        let Some(table) = self.table(work) else { return Ok(Round::Gone) };
        let consumer = table.replication_consumers().find(|consumer| consumer.id == region).cloned();
        let Some(consumer) = consumer else { return Ok(Round::Gone) };
        if let Some(replica) = table.remote_replica(region) {
            return self.remote_round(Arc::clone(&table), &consumer, replica).await;
        }
        if self.parts.engine.replica_at(&table, &consumer).is_none() {
            return Ok(Round::Waiting);
        }
        self.bring_all(table, &consumer).await
    }

    /// Brings all there is, under a lease.
    async fn bring_all(&self, table: Arc<Table>, consumer: &Consumer) -> Result<Round, StoreError> {
        let (engine, region) = (&self.parts.engine, consumer.id.as_str());
        let read = engine.acknowledged(&table, consumer).await?;
        let Some(next_micros) = self.next_behind(&table, read).await? else {
            return Ok(Round::UpTo { table, read });
        };
        let until_micros = self.let_through_until(&table, region);
        if next_micros > until_micros {
            let pending = engine.pending(&table, consumer, PENDING_MAX).await?;
            self.note(&table, region, (None, pending));
            return Ok(Round::KeptBack);
        }
        let lease = match self.take_lease(&table, region).await? {
            Ok(lease) => lease,
            Err(round) => return Ok(round),
        };
        let brought = self.bring(&table, consumer, &lease, until_micros).await;
        self.leases.release(lease).await?;
        Ok(Round::UpTo { read: brought?, table })
    }

    async fn take_lease(&self, table: &Table, direction: &str) -> Result<Result<Lease, Round>, StoreError> {
        let name = format!("replication/{:010}/{direction}", table.id);
        Ok(match self.leases.take(&name).await? {
            Asked::Granted(lease) => Ok(lease),
            Asked::HeldUntil(until) => Err(Round::HeldUntil(until)),
        })
    }

    async fn bring(
        &self,
        table: &Arc<Table>,
        consumer: &Consumer,
        lease: &Lease,
        until_micros: u64,
    ) -> Result<FeedCursor, StoreError> {
        loop {
            let done = match table.remote_replica(&consumer.id) {
                None => self.parts.engine.replicate(table, consumer, lease, until_micros).await?,
                Some(_) => self.carry_batch(table, consumer, lease, until_micros).await?,
            };
            if let Some(oldest) = done.oldest_micros {
                let millis = self.parts.clock.now_micros().saturating_sub(oldest) as f64 / 1_000.0;
                let pending = match done.has_more {
                    true => self.parts.engine.pending(table, consumer, PENDING_MAX).await?,
                    false => 0,
                };
                self.note(table, &consumer.id, (Some(millis), pending));
            }
            if !done.has_more {
                return Ok(done.read);
            }
        }
    }

    fn table(&self, work: &Work) -> Option<Arc<Table>> {
        self.parts.engine.table(&work.scope, &work.table_name).filter(|table| table.id == work.table_id)
    }

    /// When the next record behind a place was committed, if there is one.
    async fn next_behind(&self, table: &Table, read: FeedCursor) -> Result<Option<u64>, StoreError> {
        let mut next = None;
        let visit = &mut |record: store::FeedRecord<'_>| {
            next = Some(record.stamp.time_micros);
            store::Visit::Stop
        };
        self.parts.engine.store().tail(table.feed_id(), read, 1, visit).await?;
        Ok(next)
    }

    /// What was committed up to this time gets through, by the rules of this server.
    fn let_through_until(&self, table: &Table, region: &str) -> u64 {
        let Parts { faults, random, clock, .. } = &self.parts;
        match faults.on_replication(random, &table.name, &table.scope.region, region) {
            None => u64::MAX,
            Some(Obstacle::Cut) => 0,
            Some(Obstacle::Lag(lag)) => clock.now_micros().saturating_sub(lag.as_micros() as u64),
        }
    }

    fn note(&self, table: &Table, region: &str, measured: (Option<f64>, usize)) {
        let names = || capacity::names(table);
        self.parts.figures.replicated(table.id, table.schema_version, names, region, measured);
    }
}

/// Failures one after the other.
#[derive(Default)]
struct Failures(u32);

impl Failures {
    async fn pause(&mut self, work: &Work, error: &StoreError) {
        self.0 += 1;
        if self.0 == FAILURES_TOLD {
            let Work { table_name, scope, kind, .. } = work;
            tracing::warn!(
                "{table_name} in {}: replication ({kind:?}) is tried again: {error}",
                scope.region
            );
        }
        let pause = PAUSE_MIN.saturating_mul(1 << self.0.saturating_sub(1).min(10)).min(PAUSE_MAX);
        tokio::time::sleep(pause).await;
    }
}

/// What there is to do for a table.
fn work(table: &Table) -> Vec<Work> {
    let of =
        |kind| Work { scope: table.scope.clone(), table_name: table.name.clone(), table_id: table.id, kind };
    let leaving = table.settings.is_leaving().then_some(Kind::Leaving);
    let parting = table.global().is_some_and(|global| global.is_parting).then_some(Kind::Parting);
    let to = table.replication_consumers().map(|consumer| Kind::To(consumer.id.clone()));
    let sweep = (!table.remote_replicas().is_empty()).then_some(Kind::Sweep);
    let new = table.introduction().map(|_| Kind::New);
    to.chain(leaving).chain(parting).chain(sweep).chain(new).map(of).collect()
}

impl std::fmt::Debug for Replication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replication").field("engine", &self.parts.engine).finish_non_exhaustive()
    }
}
