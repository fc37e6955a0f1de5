//! Deletes the items whose time to live is over, of all tables, as long as there are tables with time to live. A round
//! looks at each of them; the next begins an interval later, and reads nothing if nothing was written since and
//! nothing has expired.
//!
//! Every engine on a store may do it, and again: it has no document. The lease only avoids duplicate work. With
//! concurrent writers it keeps the [pace](super::pace) of a long job.

use super::pace::Pace;
use super::{Step, Surroundings};
use crate::expiry::Lot;
use crate::table::{Table, TimeToLive};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::lease::{Asked, LEASE_MICROS};
use store::wait::wait;
use store::{Plan, StoreError};

pub(super) const ID: &str = "sweep-expired";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SweepExpired {
    /// The tables that this round has not come to the end of; the last one is next.
    tables: Vec<Arc<Table>>,
    /// Behind which row of its time index the next lot begins.
    after: Option<Vec<u8>>,
    /// The time by which the round judges expiry.
    position: u128,
    /// When the next item expires that this round has not found expired.
    next_micros: u64,
    held_until_micros: u64,
    deleted: u64,
    #[serde(skip)]
    pace: Pace,
}

impl SweepExpired {
    pub(super) fn done(&self) -> u64 {
        self.deleted
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let Some(interval) = around.options.ttl_sweep else { return Ok(Step::Done(Plan::default())) };
        let now = around.clock.now_micros();
        let again = now.saturating_add(interval.as_micros() as u64).max(now + 1);
        let Some(table) = self.tables.last().cloned() else { return self.begin(around, now, again) };
        let before = self.deleted;
        self.pace.begin(around);
        if !self.sweep(around, &table, now)? {
            return Ok(Step::WaitUntil(again));
        }
        // A job without a document takes no commit of its own for the step.
        Ok(self.pace.end(around, (self.deleted - before).saturating_sub(1)))
    }

    /// Begins a round if there is anything to look for.
    fn begin(&mut self, around: &Surroundings, now: u64, again: u64) -> Result<Step, StoreError> {
        let position = around.store().durable().position.0;
        let tables = around.expiring_tables()?;
        if tables.is_empty() {
            return Ok(Step::Done(Plan::default()));
        }
        if position == self.position && now < self.next_micros {
            return Ok(Step::WaitUntil(again));
        }
        (self.position, self.next_micros, self.tables) = (position, u64::MAX, tables);
        Ok(Step::Progress(Plan::default()))
    }

    /// Sweeps a lot of a table; false if the round has come to its end.
    fn sweep(&mut self, around: &Surroundings, table: &Table, now: u64) -> Result<bool, StoreError> {
        let table = around.table(&table.scope, &table.name, table.id)?;
        let failure = match table.as_ref().and_then(|table| Some((table, time_to_live(table)?))) {
            Some((table, time_to_live)) => {
                let (store, items_max) = (around.store(), self.pace.lot_items());
                let lot = match Lot::read(store, table, time_to_live, self.after.as_deref(), now, items_max) {
                    Err(StoreError::Locked(_)) => Lot::default(), // looked at again once its key can be used
                    lot => lot?,
                };
                if !lot.is_empty() && !self.hold(around, now)? {
                    (self.tables, self.after, self.next_micros) = (Vec::new(), None, 0);
                    return Ok(false);
                }
                self.delete(around, table, lot, now)?
            }
            None => {
                self.after = None;
                None
            }
        };
        if self.after.is_none() {
            self.tables.pop();
        }
        failure.map_or(Ok(!self.tables.is_empty()), Err)
    }

    /// Deletes a lot; returns what could not be deleted of it.
    fn delete(
        &mut self,
        around: &Surroundings,
        table: &Arc<Table>,
        lot: Lot,
        now: u64,
    ) -> Result<Option<StoreError>, StoreError> {
        let (after, next_micros) = (lot.after.clone(), lot.next_micros);
        let swept = lot.delete(around.store(), now, &around.options)?;
        self.after = after;
        self.next_micros = self.next_micros.min(next_micros.unwrap_or(u64::MAX));
        self.deleted += swept.deleted;
        around.options.tell_expired(table, swept.deleted);
        if swept.busy > 0 {
            self.next_micros = 0;
        }
        Ok(swept.failure)
    }

    /// Whether this engine is the one that sweeps.
    fn hold(&mut self, around: &Surroundings, now: u64) -> Result<bool, StoreError> {
        if now.saturating_add(LEASE_MICROS / 2) < self.held_until_micros {
            return Ok(true);
        }
        let Asked::Granted(_) = wait(around.leases.take(ID))? else { return Ok(false) };
        self.held_until_micros = now + LEASE_MICROS;
        Ok(true)
    }
}

fn time_to_live(table: &Table) -> Option<&TimeToLive> {
    table.settings.time_to_live.as_ref()
}
