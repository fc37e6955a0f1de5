//! Forgets tombstones of tables whose replicas are on several servers.
//!
//! The argument is that of the sweep within a store, with a mark of each server in place of one position. Once the
//! feeds of all members were read up to marks that were asked for after the tombstones were there, all know of the
//! deletions, and give later times to their writes; once they were read up to marks of after that, nothing older is
//! left to come by any feed. A call that was signed before may still be on its way, but no longer than peers accept
//! it: so they are kept for three times as long. Members that come or go, or that do not answer, end the round.

use super::carry::{Carrier, group};
use super::messages::{Group, MARK, Marked, READ, Read};
use super::{ask, one_of_each_peer};
use engine::replication::{Mark, OldTombstones};
use engine::{Engine, Table};
use peers::SKEW_MICROS_MAX;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use stdx::clock::sleep_until;
use store::StoreError;
use store::lease::{Lease, Leases};

/// How long between two looks at the feeds.
const LOOK_PAUSE: Duration = Duration::from_secs(1);
/// Looks after which a round ends: more than ten minutes.
const LOOKS_MAX: usize = 600;
/// How long tombstones are kept once nothing older can come by the feeds.
const KEPT_MICROS: u64 = 3 * SKEW_MICROS_MAX;

/// What a round runs on.
pub struct Round<'a> {
    pub engine: &'a Engine,
    pub clock: &'a dyn Clock,
    pub leases: &'a Leases,
    pub lease: &'a Lease,
}

impl Round<'_> {
    /// Lets time pass. False: the lease was lost meanwhile.
    async fn wait(&self, micros: u64) -> Result<bool, StoreError> {
        let until = self.clock.now_micros().saturating_add(micros);
        while self.clock.now_micros() < until {
            sleep_until(self.clock, until.min(self.clock.now_micros() + LOOK_PAUSE.as_micros() as u64)).await;
            if !self.leases.renew(self.lease).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Carrier {
    /// Looks at the next tombstones of a table, and forgets them if nobody needs them. Returns behind which to go on.
    ///
    /// # Errors
    /// When the store fails, or the lease was lost. What ends a round otherwise is no error.
    pub async fn sweep(
        &self,
        round: &Round<'_>,
        table: &Arc<Table>,
        after: Option<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let (engine, source) = (round.engine.clone(), Arc::clone(table));
        let old = blocking(move || engine.old_tombstones(&source, after.as_deref())).await?;
        if old.are_none() {
            return Ok(old.after);
        }
        let of = group(table);
        for _ in 0..2 {
            if !self.all_have_read(round, table, &of).await? {
                return Ok(None);
            }
        }
        if !round.wait(KEPT_MICROS).await? {
            return Ok(None);
        }
        round.engine.refresh().await?;
        let now = round.engine.table(&table.scope, &table.name).filter(|now| now.id == table.id);
        if !now.is_some_and(|now| group(&now) == of && is_settled(&now))
            || !round.leases.renew(round.lease).await?
        {
            return Ok(None);
        }
        let OldTombstones { after, .. } = old.clone();
        let engine = round.engine.clone();
        let forgotten = blocking(move || engine.forget_old_tombstones(&old)).await?;
        tracing::debug!(table = table.name, forgotten, "tombstones that no replica needs are forgotten");
        Ok(after)
    }

    /// Waits until the feeds of all members were read as far as they come now. False: the members are not those any
    /// more, or somebody does not answer.
    async fn all_have_read(&self, round: &Round<'_>, table: &Table, of: &Group) -> Result<bool, StoreError> {
        let peers = &self.peers;
        let mark = round.engine.mark().await?;
        let mut marks: Vec<(Arc<str>, String)> = Vec::new();
        for region in one_of_each_peer(peers, table.remote_replicas().iter().map(|replica| &replica.region)) {
            match ask::<Marked>(peers, &region, MARK, of).await {
                Ok(marked) if marked.is_settled => marks.push((region, marked.mark)),
                _ => return Ok(false),
            }
        }
        if table.remote_replicas().iter().any(|replica| peers.of(&replica.region).is_none()) {
            return Ok(false);
        }
        for _ in 0..LOOKS_MAX {
            round.engine.refresh().await?;
            let now = round.engine.table(&table.scope, &table.name).filter(|now| now.id == table.id);
            let Some(now) = now.filter(|now| group(now) == *of && is_settled(now)) else { return Ok(false) };
            let Some(members) = round.engine.replicas_of(&now) else { return Ok(false) };
            let mut is_read = self.have_read_here(round.engine, &members, mark).await?;
            for (region, mark) in &marks {
                let read = Read { of: of.clone(), mark: mark.clone() };
                match ask::<Marked>(peers, region, READ, &read).await {
                    Ok(marked) if marked.is_settled => is_read &= marked.is_read,
                    _ => return Ok(false),
                }
            }
            if is_read {
                return Ok(true);
            }
            if !round.leases.renew(round.lease).await? {
                return Ok(false);
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        Ok(false)
    }

    async fn have_read_here(
        &self,
        engine: &Engine,
        members: &[Arc<Table>],
        mark: Mark,
    ) -> Result<bool, StoreError> {
        engine.all_have_read(members, mark).await
    }
}

fn is_settled(table: &Table) -> bool {
    let is_coming_or_going = table.settings.is_being_filled() || table.settings.is_leaving();
    !is_coming_or_going && !table.remote_replicas().iter().any(|replica| replica.is_changing())
}

async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, StoreError> + Send + 'static,
) -> Result<R, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Unavailable(error.to_string()))?
}
