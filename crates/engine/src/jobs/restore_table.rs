//! Restores a table: puts the items of a copy into it, through the same function as every write, and makes it active.
//! A table as it was at a time [needs no copy](as_of) of all its items. The items of a lot are put in the commit that
//! keeps how far the job has come, so each is put once. While that is made durable the next lot is read.
//!
//! Every row of the copy is checked, and at the end that none is missing. Where that fails the table is deleted: none
//! is left that holds a part of its items.

mod as_of;
mod lot;

use super::commit::{alter, drop_range};
use super::copying::{Copied, Copying};
use super::pace::Pace;
use super::{DropTable, Step, Surroundings};
use crate::backup::{Backup, CopyId, Totals};
use crate::catalog::{GONE, change, document};
use crate::table::{Sealing, Table};
use as_of::{AsOf, Part};
use lot::{Lot, NotPut};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::wait::wait;
use store::{Fence, Outcome, Plan, RowWrite, StoreError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RestoreTable {
    table: Arc<Table>,
    /// The table that was copied, as it was then.
    source: Arc<Table>,
    copy: CopyId,
    /// How the copy is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealing: Option<Sealing>,
    /// The copy, while it is being made for this table alone, as earlier versions did to restore to a time.
    copying: Option<Box<Copying>>,
    /// The source as it was at a time, while its items are being put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<Box<AsOf>>,
    /// What the copy holds; of a table as it was at a time, about that.
    expected: Totals,
    /// Whether the copy was made for this table alone, and is dropped.
    is_own: bool,
    /// Behind which item of the copy the next lot begins.
    after: Option<Vec<u8>>,
    restored: Totals,
    /// What is left of the table where it could not be restored.
    dropping: Option<DropTable>,
    /// The next lot, where it was read already.
    #[serde(skip)]
    ahead: Option<Arc<Lot>>,
    #[serde(skip)]
    pace: Pace,
}

/// Where the items of a table that is restored come from.
#[derive(Debug, Clone)]
pub(crate) enum RestoredFrom {
    /// A backup that is complete.
    Copy(Box<Backup>),
    /// The source as it was at a time, in microseconds since the Unix epoch; its copy is yet to be made. It records old
    /// images for the consumer.
    Time { source: Arc<Table>, sealing: Option<Sealing>, time_micros: u64, consumer: String },
}

impl RestoreTable {
    pub(crate) fn of(table: &Table, from: RestoredFrom) -> RestoreTable {
        let (source, copy, sealing, as_of, expected) = match from {
            RestoredFrom::Copy(backup) => {
                let Backup { table, copy, sealing, totals, .. } = *backup;
                (Arc::new(table), copy, sealing, None, totals)
            }
            RestoredFrom::Time { source, sealing, time_micros, consumer } => {
                let copy = CopyId { table_id: table.id, version: 0 };
                let as_of = AsOf::of(&source, copy, sealing.clone(), time_micros, consumer);
                (source, copy, sealing, Some(Box::new(as_of)), Totals::default())
            }
        };
        RestoreTable {
            table: Arc::new(table.clone()),
            source,
            copy,
            sealing,
            is_own: as_of.is_some(),
            copying: None,
            as_of,
            expected,
            after: None,
            restored: Totals::default(),
            dropping: None,
            ahead: None,
            pace: Pace::default(),
        }
    }

    pub(super) fn id(&self) -> String {
        format!("restore-table-{:010}", self.table.id)
    }

    pub(super) fn done(&self) -> u64 {
        self.restored.items
    }

    pub(super) fn percent(&self) -> Option<f64> {
        let is_known = self.copying.is_none() && self.expected.items > 0;
        is_known.then(|| super::items::percent(self.restored.items, self.expected.items))
    }

    pub(super) fn reads(&self, table_id: u32) -> bool {
        self.reading().is_some_and(|copying| copying.reads(table_id))
    }

    /// What reads items and feed of the source.
    fn reading(&self) -> Option<&Copying> {
        self.copying.as_deref().or_else(|| self.as_of.as_ref().map(|as_of| as_of.copying()))
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        if self.dropping.is_some() {
            self.leave_copy(around)?;
        }
        if let Some(dropping) = &mut self.dropping {
            return dropping.step(around);
        }
        let Table { id, scope, name, .. } = &*self.table;
        let Some(table) = around.table(scope, name, *id)? else {
            let is_released = self.release(around)?;
            self.dropping = is_released.then(|| DropTable::of(&self.table, false));
            return Ok(Step::Progress(Plan::default()));
        };
        self.learn_keys(around)?;
        if let Some(why) = around.catalog.keys().locked_copy(self.copy) {
            return self.give_up(around, &table, &why);
        }
        self.pace.begin(around);
        if table.settings.restore.is_none() {
            return self.end(around);
        }
        let ahead = self.ahead.take();
        match (&mut self.copying, &mut self.as_of) {
            (Some(copying), _) => match copying.advance(around.store(), self.pace.lot_items())? {
                Copied::Some(rows) => Ok(self.pace.end(around, 0).with_rows(rows)),
                Copied::All => {
                    self.expected = copying.totals();
                    self.release(around)?;
                    Ok(Step::Progress(Plan::default()))
                }
            },
            (None, Some(as_of)) => {
                let part = as_of.advance(around.store(), self.pace.lot_items(), ahead)?;
                self.put_part(around, &table, part)
            }
            (None, None) => self.put_copied(around, &table, ahead),
        }
    }

    fn learn_keys(&mut self, around: &Surroundings) -> Result<(), StoreError> {
        match (&mut self.copying, &mut self.as_of) {
            (Some(copying), _) => copying.learn_keys(around),
            (None, Some(as_of)) => as_of.learn_keys(around),
            (None, None) => {
                let keys = around.catalog.keys();
                wait(keys.learn_copy(self.copy, &self.source, self.sealing.as_ref()))
            }
        }
    }

    /// The source is not read any more. False: it was changed meanwhile; try again.
    fn release(&mut self, around: &Surroundings) -> Result<bool, StoreError> {
        let is_released = self.reading().map_or(Ok(true), |copying| copying.forget_consumer(around))?;
        if is_released {
            (self.copying, self.as_of) = (None, None);
        }
        Ok(is_released)
    }

    /// Reads the next lot while the previous one is being committed. What fails is tried again by the step.
    pub(super) fn read_ahead(&mut self, around: &Surroundings) {
        let (store, items_max) = (around.store(), self.pace.lot_items());
        let lot = match (&self.copying, &self.as_of) {
            (None, Some(as_of)) if as_of.wants_lot() => as_of.read_lot(store, items_max),
            (None, None) if self.after.is_some() => self.read_copied(around),
            _ => return,
        };
        self.ahead = lot.ok().map(Arc::new);
    }

    fn read_copied(&self, around: &Surroundings) -> Result<Lot, StoreError> {
        Lot::of_copy(around.store(), self.copy, self.after.as_deref(), self.pace.lot_items())
    }

    /// Puts the next items of the copy.
    fn put_copied(
        &mut self,
        around: &Surroundings,
        table: &Arc<Table>,
        ahead: Option<Arc<Lot>>,
    ) -> Result<Step, StoreError> {
        let lot = ahead.map_or_else(|| self.read_copied(around).map(Arc::new), Ok)?;
        if lot.last.is_none() && lot.fault.is_none() {
            return self.activate(around, table);
        }
        self.after.clone_from(&lot.last);
        self.put_lot(around, table, &lot)
    }

    fn put_part(
        &mut self,
        around: &Surroundings,
        table: &Arc<Table>,
        part: Part,
    ) -> Result<Step, StoreError> {
        match part {
            Part::Settled(rows) => {
                if self.expected.items == 0 {
                    self.expected = Totals::estimate(around.items(&self.source)?, 0);
                }
                Ok(self.pace.end(around, 0).with_rows(rows))
            }
            Part::Items(lot) => self.put_lot(around, table, &lot),
            Part::PutRight(rows, items) => {
                let planned = lot::replace(around, table, &items);
                self.planned(around, table, planned, rows)
            }
            Part::End => self.activate(around, table),
        }
    }

    fn put_lot(&mut self, around: &Surroundings, table: &Arc<Table>, lot: &Lot) -> Result<Step, StoreError> {
        if let Some(fault) = &lot.fault {
            return self.give_up(around, table, fault);
        }
        let planned = lot::put(around, table, &lot.items);
        self.note(lot.totals);
        self.planned(around, table, planned, Vec::new())
    }

    /// The step that commits a plan for the table, with rows of the copy.
    fn planned(
        &mut self,
        around: &Surroundings,
        table: &Arc<Table>,
        planned: Result<Plan, NotPut>,
        rows: Vec<RowWrite>,
    ) -> Result<Step, StoreError> {
        match planned {
            Ok(mut plan) => {
                plan.rows.extend(rows);
                Ok(self.pace.end(around, 0).under(table.fence(), plan))
            }
            Err(NotPut::Refused(why)) => self.give_up(around, table, &why),
            Err(NotPut::Store(error)) => Err(error),
        }
    }

    /// Items have been put. The log has each tenth.
    fn note(&mut self, lot: Totals) {
        let tenth = |items: u64| items.saturating_mul(10) / self.expected.items.max(1);
        let (before, restored) = (self.restored.items, self.restored.and(lot));
        if (tenth(before)..10).contains(&tenth(restored.items)) && tenth(before) < tenth(restored.items) {
            let (items, of) = (restored.items, self.expected.items);
            tracing::info!(table = self.table.name, items, of, "a table is being restored");
        }
        self.restored = restored;
    }

    fn activate(&mut self, around: &Surroundings, table: &Table) -> Result<Step, StoreError> {
        if self.as_of.is_none() && self.restored != self.expected {
            return self.give_up(around, table, "items of the copy are missing");
        }
        let until_micros = table.settings.creating_shows_until_micros();
        if around.clock.now_micros() < until_micros {
            return Ok(Step::WaitUntil(until_micros));
        }
        let is_released = self.reading().map_or(Ok(true), |copying| copying.forget_consumer(around))?;
        let is_active =
            is_released && alter(around, table, Plan::default(), |table| table.settings.restore = None)?;
        if !is_active {
            return Ok(Step::Progress(Plan::default())); // source or table have changed: try again
        }
        tracing::info!(table = table.name, items = self.restored.items, "a table is restored");
        self.end(around)
    }

    fn end(&self, around: &Surroundings) -> Result<Step, StoreError> {
        self.leave_copy(around)?;
        Ok(Step::Done(Plan::default()))
    }

    /// The copy is not read any more; one that was made for this table alone is dropped.
    fn leave_copy(&self, around: &Surroundings) -> Result<(), StoreError> {
        let keys = around.catalog.keys();
        wait(keys.forget_copy(self.copy));
        if self.is_own {
            drop_range(around.store(), &self.copy.prefix())?;
            wait(keys.release_copy(&self.source.scope, self.sealing.as_ref()));
        }
        Ok(())
    }

    /// Deletes the table.
    fn give_up(&mut self, around: &Surroundings, table: &Table, why: &str) -> Result<Step, StoreError> {
        let (items, of) = (self.restored.items, self.expected.items);
        tracing::error!(table = table.name, items, of, why, "a table was not restored and is deleted");
        let records = vec![document::delete(document::Kind::Table, &table.scope, &table.name)];
        let raise = vec![Fence { subject: u64::from(table.id), version: GONE }];
        let plan = Plan { records, raise, ..Plan::default() };
        let outcome = wait(change::commit(around.store(), &[table.fence()], plan))?;
        wait(around.catalog.reload(around.store(), &table.scope, &table.name))?;
        match outcome {
            Outcome::Committed(_) => Ok(Step::Progress(Plan::default())), // the next step drops what is left
            _ => Err(StoreError::Unavailable("the table has changed while it was being given up".to_owned())),
        }
    }
}
