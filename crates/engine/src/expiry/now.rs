//! Deletes expired items at once, without waiting for the sweep.

use super::{Lot, Swept};
use crate::catalog::document::{self, Kind};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::jobs::{BuildTimeIndex, Job};
use crate::table::{Table, TimeToLive};
use std::sync::Arc;
use store::StoreError;
use store::wait::wait;

/// How often items are looked for again that a transaction holds.
const PASSES_MAX: usize = 100;
/// Items that are deleted, or of which the time index gets the rows, under one group commit.
const LOT_ITEMS: usize = 256;

impl Engine {
    /// Deletes the items of these tables whose time to live is over, and returns how many there were. Blocks the
    /// calling thread until that is done.
    pub fn expire_now(&self, tables: &[Arc<Table>]) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for table in tables {
            deleted += self.expire_table(table)?;
        }
        Ok(deleted)
    }

    fn expire_table(&self, table: &Arc<Table>) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for _ in 0..PASSES_MAX {
            let Some(table) = self.current(table)? else { break };
            let Some(time_to_live) = &table.settings.time_to_live else { break };
            self.finish_time_index(&table, time_to_live)?;
            let pass = self.sweep(&table, time_to_live)?;
            deleted += pass.deleted;
            self.options().tell_expired(&table, pass.deleted);
            match (pass.failure, pass.busy) {
                (Some(failure), _) => return Err(failure),
                (None, 0) => break,
                _ => wait(self.store().settled()).map(drop)?,
            }
        }
        Ok(deleted)
    }

    /// Builds the time index where its job has not finished: the rows are the same whichever writes them.
    fn finish_time_index(&self, table: &Table, time_to_live: &TimeToLive) -> Result<(), StoreError> {
        let mut build = BuildTimeIndex::of(table, time_to_live);
        let job = wait(document::read_global::<Job>(self.store(), Kind::Job, &build.id()));
        let mut goes_on = job.map_err(EngineError::into_store)?.is_some();
        while goes_on {
            goes_on = match self.current(table)? {
                Some(table) => build.advance(self.store(), &table, LOT_ITEMS)?.goes_on,
                None => false,
            };
        }
        Ok(())
    }

    fn current(&self, table: &Table) -> Result<Option<Arc<Table>>, StoreError> {
        wait(self.refresh())?;
        Ok(self.table(&table.scope, &table.name).filter(|now| now.id == table.id))
    }

    /// Everything from the head of the time index that has expired.
    fn sweep(&self, table: &Arc<Table>, time_to_live: &TimeToLive) -> Result<Swept, StoreError> {
        let now = self.now_micros();
        let (mut all, mut after) = (Swept::default(), None::<Vec<u8>>);
        loop {
            let lot = Lot::read(self.store(), table, time_to_live, after.as_deref(), now, LOT_ITEMS)?;
            after = lot.after.clone();
            all.add(lot.delete(self.store(), now, self.options())?);
            if after.is_none() {
                return Ok(all);
            }
        }
    }
}
