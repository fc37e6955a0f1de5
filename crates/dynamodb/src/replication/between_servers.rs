//! What there is to do for replicas in regions that other servers host: they are made, brought changes and settings,
//! told of a replica here that goes, and asked before tombstones are forgotten ([`crate::peering`]).

use super::{Failures, KEPT_BACK_PAUSE, PAUSE_MAX, PENDING_MAX, Replication, Round, Work};
use crate::peering::{Marks, Round as Sweep, forget_everywhere};
use engine::Table;
use engine::feed::Consumer;
use engine::replication::Replicated;
use engine::table::{RemoteReplica, RemoteState};
use std::sync::Arc;
use std::time::Duration;
use store::lease::{Asked, Lease};
use store::{Position, StoreError};

/// How long between two rounds of a sweep.
const SWEEP_PAUSE: Duration = Duration::from_secs(30);

/// How far a replica has come that goes its own way. What is newest once this begins is behind the mark.
#[derive(Default)]
pub(super) struct OwnWay {
    marked: Option<Position>,
    marks: Marks,
}

impl Replication {
    /// One round for a replica at a peer.
    pub(super) async fn remote_round(
        &self,
        table: Arc<Table>,
        consumer: &Consumer,
        replica: &RemoteReplica,
    ) -> Result<Round, StoreError> {
        let region = &*replica.region;
        if self.carrier.peers.of(region).is_none() || table.settings.is_being_filled() {
            return Ok(Round::Waiting);
        }
        match &replica.state {
            RemoteState::Joining { source } if *source == table.scope.region || table.is_legacy_replica() => {
                self.join(&table, region).await
            }
            RemoteState::Active | RemoteState::Parting => {
                let round = self.carry(&table, consumer).await;
                if round.is_err() {
                    let pending = self.parts.engine.pending(&table, consumer, PENDING_MAX).await?;
                    self.note(&table, region, (None, pending));
                }
                round
            }
            RemoteState::Joining { .. } | RemoteState::Leaving | RemoteState::Failed { .. } => {
                Ok(Round::Waiting)
            }
        }
    }

    async fn join(&self, table: &Arc<Table>, region: &str) -> Result<Round, StoreError> {
        if self.let_through_until(table, region) == 0 {
            return Ok(Round::KeptBack);
        }
        let lease = match self.take_lease(table, region).await? {
            Ok(lease) => lease,
            Err(round) => return Ok(round),
        };
        let joined = self.carrier.join(&self.parts.engine, table, region, (&self.leases, &lease)).await;
        self.leases.release(lease).await?;
        joined.map(|()| Round::KeptBack) // the next round brings what was written meanwhile
    }

    /// Tells the servers of others of a new replica here, step by step.
    pub(super) async fn introduce(&self, work: &Work) {
        let watch = self.parts.engine.watch_tables();
        let mut failures = Failures::default();
        loop {
            let seen = watch.version();
            let step = self.introduce_step(work).await;
            if step.is_ok() {
                failures = Failures::default();
            }
            match step {
                Ok(Round::Gone) => return,
                Ok(Round::KeptBack) => tokio::time::sleep(KEPT_BACK_PAUSE).await,
                Ok(Round::HeldUntil(until)) => self.pause_until(until).await,
                Ok(Round::Waiting | Round::UpTo { .. }) => watch.changed(seen).await,
                Err(error) => failures.pause(work, &error).await,
            }
        }
    }

    async fn introduce_step(&self, work: &Work) -> Result<Round, StoreError> {
        self.parts.engine.refresh().await?;
        let Some(table) = self.table(work).filter(|table| table.introduction().is_some()) else {
            return Ok(Round::Gone);
        };
        let mut others = table.remote_replicas().iter();
        if others.any(|other| self.let_through_until(&table, &other.region) == 0) {
            return Ok(Round::KeptBack);
        }
        let lease = match self.take_lease(&table, "introduction").await? {
            Ok(lease) => lease,
            Err(round) => return Ok(round),
        };
        let done = self.carrier.introduce(&self.parts.engine, &table).await;
        self.leases.release(lease).await?;
        done.map(|is_done| if is_done { Round::KeptBack } else { Round::Waiting })
    }

    async fn carry(&self, table: &Arc<Table>, consumer: &Consumer) -> Result<Round, StoreError> {
        let is_cut = self.let_through_until(table, &consumer.id) == 0;
        if !is_cut {
            self.carrier.tell_settings(table, &consumer.id).await?;
        }
        self.bring_all(Arc::clone(table), consumer).await
    }

    /// Brings the next changes. That they are there is kept under the lease, which that renews.
    pub(super) async fn carry_batch(
        &self,
        table: &Table,
        consumer: &Consumer,
        lease: &Lease,
        until_micros: u64,
    ) -> Result<Replicated, StoreError> {
        let engine = &self.parts.engine;
        let (changes, done) = engine.changes_for(table, consumer, until_micros).await?;
        self.carrier.send(table, &consumer.id, &changes).await?;
        if done.records > 0 {
            engine.changes_are_there(table, consumer, &done, lease).await?;
        }
        Ok(done)
    }

    /// One step of taking a replica away that has others at peers: they forget it once they have all of it.
    pub(super) async fn leave_step(&self, table: &Table) -> Result<bool, StoreError> {
        let (engine, peers) = (&self.parts.engine, &self.carrier.peers);
        let concerns = |region: &str| table.remote_replica(region).is_none() || peers.of(region).is_some();
        if peers.are_there() {
            if !engine.others_have_all(table, concerns).await? {
                return Ok(false);
            }
            forget_everywhere(peers, engine, table, &table.scope.region).await?;
        }
        engine.finish_leaving_among(table, concerns).await
    }

    /// One step of letting a replica go its own way that has others at peers: they forget it once they have all that
    /// was written to it before, and it has what they had for it.
    pub(super) async fn part_step(&self, table: &Arc<Table>, way: &mut OwnWay) -> Result<bool, StoreError> {
        let (engine, peers) = (&self.parts.engine, &self.carrier.peers);
        let concerns = |region: &str| table.remote_replica(region).is_none() || peers.of(region).is_some();
        let marked = match way.marked {
            Some(position) => position,
            None => engine.store().newest().await?,
        };
        way.marked = Some(marked);
        if peers.are_there() {
            let has_all = self.carrier.has_all_of_others(table, &mut way.marks).await?;
            if !has_all || !engine.has_parted(table, marked, concerns).await? {
                return Ok(false);
            }
            forget_everywhere(peers, engine, table, &table.scope.region).await?;
        }
        engine.finish_parting(table, marked, concerns).await
    }

    /// Forgets tombstones of a table with replicas at peers, round after round.
    pub(super) async fn sweep(&self, work: &Work) {
        let mut after = None;
        while let Some(table) = self.table(work).filter(|table| !table.remote_replicas().is_empty()) {
            let swept = self.sweep_round(&table, after.take()).await;
            match swept {
                Ok(next) => after = next,
                Err(error) => tracing::debug!(table = table.name, "tombstones are kept: {error}"),
            }
            let pause = if after.is_some() { PAUSE_MAX } else { SWEEP_PAUSE };
            tokio::time::sleep(pause).await;
            if let Err(error) = self.parts.engine.refresh().await {
                tracing::debug!("tables cannot be looked for: {error}");
            }
        }
    }

    async fn sweep_round(
        &self,
        table: &Arc<Table>,
        after: Option<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let name = format!("replication/{:010}/tombstones", table.id);
        let Asked::Granted(lease) = self.leases.take(&name).await? else { return Ok(None) };
        let round = Sweep {
            engine: &self.parts.engine,
            clock: self.parts.clock.as_ref(),
            leases: &self.leases,
            lease: &lease,
        };
        let swept = self.carrier.sweep(&round, table, after).await;
        self.leases.release(lease).await?;
        swept
    }
}
