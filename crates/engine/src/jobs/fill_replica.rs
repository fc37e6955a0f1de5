//! Fills a new replica: walks the tombstones and then the items of the replica it comes from in lots, and writes each
//! with the time and the region of its last write. Writes go on in all replicas meanwhile and come by their feeds: the
//! later one wins, so it does not matter which is first, and a lot may be written again. Where replicas are strongly
//! consistent, writes are made in the new one too by then, and it gets what was there before. When all items are there
//! the table shows. One that was in use before it became a replica gets in the same way what others had by then.

use super::commit::alter;
use super::items::{percent, visit_lot};
use super::pace::Pace;
use super::{Step, Surroundings};
use crate::keys::{successor, tombstones_prefix};
use crate::replication::tombstone::Tombstone;
use crate::replication::{Stamped, is_written, write_from};
use crate::row::RowFault;
use crate::table::{Scope, Table};
use crate::transact::level;
use crate::write::{Write, try_each};
use crate::write_stamps::Stamping;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use std::sync::Arc;
use store::lease::Lease;
use store::wait::wait;
use store::{Consistency, Direction, KeyRange, Plan, RangeRead, Store, StoreError, Visit};
use types::Item;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FillReplica {
    table_id: u32,
    scope: Scope,
    name: String,
    /// Where the replica is that the items come from.
    source: Scope,
    /// Behind which tombstone or item the next lot begins.
    after: Option<Vec<u8>>,
    tombstones_are_done: bool,
    items: u64,
    /// How many items the source had at the last count.
    expected: u64,
    /// The table is in use beside it: what it lacks is brought, and then nothing shows.
    #[serde(default)]
    is_beside: bool,
    #[serde(skip)]
    pace: Pace,
}

/// Some writes, and the key in the source of each.
type Lot = Vec<(Vec<u8>, (Arc<Table>, Write))>;

impl FillReplica {
    pub(crate) fn of(table: &Table, source: Scope) -> FillReplica {
        FillReplica {
            table_id: table.id,
            scope: table.scope.clone(),
            name: table.name.clone(),
            source,
            after: None,
            tombstones_are_done: false,
            items: 0,
            expected: 0,
            is_beside: false,
            pace: Pace::default(),
        }
    }

    /// Brings to a table that is in use what another one has by now.
    pub(crate) fn beside(table: &Table, source: Scope) -> FillReplica {
        FillReplica { is_beside: true, ..FillReplica::of(table, source) }
    }

    pub(super) fn id(&self) -> String {
        match self.is_beside {
            false => format!("fill-replica-{:010}", self.table_id),
            true => format!("fill-replica-{:010}-{}", self.table_id, self.source.region),
        }
    }

    pub(super) fn done(&self) -> u64 {
        self.items
    }

    pub(super) fn percent(&self) -> Option<f64> {
        (self.expected > 0).then(|| percent(self.items, self.expected))
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        match self.next(around) {
            Err(StoreError::Corrupt(why)) if !self.is_beside => self.give_up(around, why),
            next => next,
        }
    }

    /// What is damaged stays so: the replica shows why it is not there.
    fn give_up(&self, around: &Surroundings, why: String) -> Result<Step, StoreError> {
        let Some(table) = around.table(&self.scope, &self.name, self.table_id)? else {
            return Ok(Step::Done(Plan::default()));
        };
        let (name, region) = (&table.name, &table.scope.region);
        let is_told = alter(around, &table, Plan::default(), |table| {
            table.settings.global.iter_mut().for_each(|global| global.failure = Some(why.clone()));
        })?;
        if !is_told {
            return Ok(Step::Progress(Plan::default())); // changed meanwhile: try again
        }
        tracing::error!(table = name, region = &**region, "a replica cannot be filled: {why}");
        Ok(Step::Done(Plan::default()))
    }

    fn next(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let table = around.table(&self.scope, &self.name, self.table_id)?;
        let Some(table) = table.filter(|table| self.is_beside || table.settings.is_being_filled()) else {
            return Ok(Step::Done(Plan::default()));
        };
        let source = around.catalog.table(&self.source, &self.name);
        let source = source.filter(|source| source.is_replica_of(&table));
        if self.is_beside && source.is_none() {
            return Ok(Step::Done(Plan::default())); // one of them is a replica no more
        }
        let source =
            source.ok_or_else(|| StoreError::Unavailable("the replica to copy is gone".to_owned()))?;
        self.pace.begin(around);
        if table.is_strong() && self.tombstones_are_done {
            return self.level_lot(around, &source, &table);
        }
        let lot = match self.tombstones_are_done {
            true => self.items_of(around, &source, &table)?,
            false => self.tombstones_of(around, &source, &table)?,
        };
        if lot.is_empty() {
            return self.turn(around, &table);
        }
        let (keys, writes): (Vec<_>, Vec<_>) = lot.into_iter().unzip();
        let written = put(around, &writes)?;
        if self.tombstones_are_done {
            self.items += written as u64;
            self.expected = around.items(&source)?;
        }
        self.after = written.checked_sub(1).map(|last| keys[last].clone()).or(self.after.take());
        Ok(self.pace.end(around, written as u64))
    }

    /// Brings items to a replica whose writes are made here as well by now: each as it is then, for nothing tells which
    /// were deleted meanwhile.
    fn level_lot(
        &mut self,
        around: &Surroundings,
        source: &Arc<Table>,
        table: &Arc<Table>,
    ) -> Result<Step, StoreError> {
        let mut items: Vec<(Vec<u8>, Item)> = Vec::new();
        let after = self.after.as_deref();
        visit_lot(around.store(), source, after, self.pace.lot_items(), |key, row| {
            items.push((key.to_vec(), row.item().to_item()));
            Ok(())
        })?;
        if items.is_empty() {
            return self.turn(around, table);
        }
        let mut written = 0;
        for (key, item) in items {
            let now = around.clock.now_micros();
            if !wait(level(around.store(), now, (source, table), item.as_ref()))? {
                break;
            }
            (written, self.after) = (written + 1, Some(key));
        }
        self.items += written;
        Ok(self.pace.end(around, written))
    }

    /// The tombstones are followed by the items, behind which the table is complete.
    fn turn(&mut self, around: &Surroundings, table: &Table) -> Result<Step, StoreError> {
        if !self.tombstones_are_done {
            (self.tombstones_are_done, self.after) = (true, None);
            return Ok(Step::Progress(Plan::default()));
        }
        if self.is_beside {
            return Ok(Step::Done(Plan::default()));
        }
        let is_complete = alter(around, table, Plan::default(), |table| {
            table.settings.global.iter_mut().for_each(|global| global.is_filling = false);
        })?;
        if is_complete {
            let (name, region, items) = (&table.name, &table.scope.region, self.items);
            tracing::info!(table = name, region = &**region, items, "a replica is complete");
            return Ok(Step::Done(Plan::default()));
        }
        Ok(Step::Progress(Plan::default())) // changed meanwhile: try again
    }

    fn items_of(&self, around: &Surroundings, source: &Table, table: &Arc<Table>) -> Result<Lot, StoreError> {
        let mut lot = Lot::new();
        let after = self.after.as_deref();
        visit_lot(around.store(), source, after, self.pace.lot_items(), |key, row| {
            let stamp = Stamped { time_micros: row.write_time_micros, origin: row.origin };
            let write = write_from(source, table, row.item(), true, stamp)?;
            lot.push((key.to_vec(), (Arc::clone(table), write)));
            Ok(())
        })?;
        Ok(lot)
    }

    fn tombstones_of(
        &self,
        around: &Surroundings,
        source: &Table,
        table: &Arc<Table>,
    ) -> Result<Lot, StoreError> {
        let mut lot = Lot::new();
        let after = self.after.as_deref();
        visit_tombstones(around.store(), source, after, self.pace.lot_items(), |key, row| {
            let stone = Tombstone::read(row)?;
            let stamp = Stamped { time_micros: stone.write_time_micros, origin: stone.origin };
            let write = write_from(source, table, stone.key, false, stamp)?;
            lot.push((key.to_vec(), (Arc::clone(table), write)));
            Ok(())
        })?;
        Ok(lot)
    }
}

/// Writes a lot; returns how many of it, from the first on, are done.
fn put(around: &Surroundings, writes: &[(Arc<Table>, Write)]) -> Result<usize, StoreError> {
    let stamping = around.options.stamp(writes.iter().map(|(table, write)| (&**table, write)));
    let tried = wait(try_each(around.store(), around.clock.now_micros(), writes, &Lease::NotNeeded));
    Stamping::conclude(stamping);
    let mut written = 0;
    for tried in tried {
        if !is_written(tried)? {
            break;
        }
        written += 1;
    }
    Ok(written)
}

/// Visits the tombstones of a table behind a key, at most `rows_max`.
pub(crate) fn visit_tombstones(
    store: &dyn Store,
    table: &Table,
    after: Option<&[u8]>,
    rows_max: usize,
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), RowFault> + Send,
) -> Result<(), StoreError> {
    let Some(since_version) = table.tombstones_since() else { return Ok(()) };
    let prefix = tombstones_prefix(table.id, since_version);
    let end = successor(&prefix);
    let start = after.map_or(Bound::Included(&prefix[..]), Bound::Excluded);
    let (mut rows, mut fault) = (0, None);
    let visit = &mut |key: &[u8], row: &[u8]| {
        rows += 1;
        fault = visit(key, row).err();
        if fault.is_none() && rows < rows_max { Visit::Continue } else { Visit::Stop }
    };
    let range = KeyRange { start, end: Bound::Excluded(&end) };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    store.range(RangeRead { range, direction, consistency, rows_expected: rows_max }, visit).wait()?;
    fault.map_or(Ok(()), |fault| Err(fault.into()))
}
