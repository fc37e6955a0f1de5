//! Restores a table: puts the items of a copy into it, through the same function as every write, and makes it active.
//! A table as it was at a time is copied first. A lot that is put twice, because the process ended, is the same.
//!
//! Every row of the copy is checked, and at the end that none is missing. Where that fails the table is deleted: none
//! is left that holds a part of its items.

use super::commit::{alter, drop_range};
use super::copying::{Copied, Copying, Since};
use super::pace::Pace;
use super::{DropTable, Step, Surroundings};
use crate::backup::{Backup, CopiedItem, CopyId, Totals};
use crate::catalog::{GONE, change, document};
use crate::keys::{KeyFault, successor};
use crate::table::{Sealing, Table};
use crate::write::{Provenance, Write, try_each};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use std::sync::Arc;
use store::lease::Lease;
use store::wait::wait;
use store::{Consistency, Direction, Fence, KeyRange, Outcome, Plan, RangeRead, Store, StoreError, Visit};

/// Bytes after which a lot ends.
const LOT_BYTES: usize = 1 << 20;
/// How often the items of a lot are put of which nothing happened.
const TRIES_MAX: usize = 16;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RestoreTable {
    table: Arc<Table>,
    /// The table that was copied, as it was then.
    source: Arc<Table>,
    copy: CopyId,
    /// How the copy is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealing: Option<Sealing>,
    /// The copy, while it is being made for this table alone.
    copying: Option<Copying>,
    /// What the copy holds.
    expected: Totals,
    /// Whether the copy was made for this table alone, and is dropped.
    is_own: bool,
    /// Behind which item of the copy the next lot begins.
    after: Option<Vec<u8>>,
    restored: Totals,
    /// What is left of the table where it could not be restored.
    dropping: Option<DropTable>,
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
        let (source, copy, sealing, copying, expected) = match from {
            RestoredFrom::Copy(backup) => {
                let Backup { table, copy, sealing, totals, .. } = *backup;
                (Arc::new(table), copy, sealing, None, totals)
            }
            RestoredFrom::Time { source, sealing, time_micros, consumer } => {
                let copy = CopyId { table_id: table.id, version: 0 };
                let since = Since::Time(time_micros);
                let copying = Copying::of(&source, copy, sealing.clone(), since, Some(consumer));
                (source, copy, sealing, Some(copying), Totals::default())
            }
        };
        RestoreTable {
            table: Arc::new(table.clone()),
            source,
            copy,
            sealing,
            is_own: copying.is_some(),
            copying,
            expected,
            after: None,
            restored: Totals::default(),
            dropping: None,
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
        self.copying.as_ref().is_some_and(|copying| copying.reads(table_id))
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
        let keys = around.catalog.keys();
        match &mut self.copying {
            Some(copying) => copying.learn_keys(around)?,
            None => wait(keys.learn_copy(self.copy, &self.source, self.sealing.as_ref()))?,
        }
        if let Some(why) = keys.locked_copy(self.copy) {
            return self.give_up(around, &table, &why);
        }
        self.pace.begin(around);
        match &mut self.copying {
            Some(copying) => match copying.advance(around.store(), self.pace.lot_items())? {
                Copied::Some(rows) => Ok(self.pace.end(around, 0).with_rows(rows)),
                Copied::All => {
                    self.expected = copying.totals();
                    self.release(around)?;
                    Ok(Step::Progress(Plan::default()))
                }
            },
            None => self.put_items(around, &table),
        }
    }

    /// The source is not copied any more. False: it was changed meanwhile; try again.
    fn release(&mut self, around: &Surroundings) -> Result<bool, StoreError> {
        let is_released =
            self.copying.as_ref().map_or(Ok(true), |copying| copying.forget_consumer(around))?;
        self.copying = self.copying.take().filter(|_| !is_released);
        Ok(is_released)
    }

    fn put_items(&mut self, around: &Surroundings, table: &Arc<Table>) -> Result<Step, StoreError> {
        if table.settings.restore.is_none() {
            return self.end(around);
        }
        let lot = Lot::read(around.store(), self.copy, self.after.as_deref(), self.pace.lot_items())?;
        if let Some(fault) = &lot.fault {
            return self.give_up(around, table, fault);
        }
        let Some(last) = lot.last.clone() else { return self.activate(around, table) };
        match lot.put(around, table)? {
            Put::Refused(fault) => self.give_up(around, table, &fault),
            Put::Some => Ok(Step::Progress(Plan::default())),
            Put::All { commits } => {
                self.after = Some(last);
                self.note(lot.totals);
                Ok(self.pace.end(around, commits))
            }
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
        if self.restored != self.expected {
            return self.give_up(around, table, "items of the copy are missing");
        }
        let until_micros = table.settings.creating_shows_until_micros();
        if around.clock.now_micros() < until_micros {
            return Ok(Step::WaitUntil(until_micros));
        }
        if !alter(around, table, Plan::default(), |table| table.settings.restore = None)? {
            return Ok(Step::Progress(Plan::default())); // the table has changed: try again
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
        wait(change::commit(around.store(), &[table.fence()], plan))?;
        wait(around.catalog.reload(around.store(), &table.scope, &table.name))?;
        Ok(Step::Progress(Plan::default())) // the next step drops what is left, or finds the table changed
    }
}

/// Some items of a copy, in the order of their keys.
#[derive(Default)]
struct Lot {
    items: Vec<types::Item>,
    totals: Totals,
    /// The key of the last row.
    last: Option<Vec<u8>>,
    /// What is wrong with a row.
    fault: Option<String>,
}

impl Lot {
    fn read(
        store: &dyn Store,
        copy: CopyId,
        after: Option<&[u8]>,
        items_max: usize,
    ) -> Result<Lot, StoreError> {
        let prefix = copy.prefix();
        let end = successor(&prefix);
        let start = after.map_or(Bound::Included(&prefix[..]), Bound::Excluded);
        let (mut lot, mut rows, mut bytes) = (Lot::default(), 0, 0);
        let visit = &mut |key: &[u8], row: &[u8]| {
            (rows, bytes) = (rows + 1, bytes + row.len());
            lot.take(&key[prefix.len()..], key, row);
            let has_room = rows < items_max && bytes < LOT_BYTES && lot.fault.is_none();
            if has_room { Visit::Continue } else { Visit::Stop }
        };
        let range = KeyRange { start, end: Bound::Excluded(&end) };
        let (direction, consistency) = (Direction::Forward, Consistency::Strong);
        store.range(RangeRead { range, direction, consistency, rows_expected: items_max }, visit).wait()?;
        Ok(lot)
    }

    fn take(&mut self, item_key: &[u8], key: &[u8], row: &[u8]) {
        match CopiedItem::read(item_key, row) {
            Ok(copied) => {
                self.totals.add(&copied);
                self.items.extend(copied.item.map(|(item, _)| item.to_item()));
                self.last = Some(key.to_vec());
            }
            Err(fault) => self.fault = Some(fault.to_string()),
        }
    }

    /// Puts the items. Where the store loses commits, those of them again.
    fn put(&self, around: &Surroundings, table: &Arc<Table>) -> Result<Put, StoreError> {
        let provenance = Provenance { is_restored: true, ..Provenance::default() };
        let write = |item: &types::Item| {
            let write = Write::put(table, item.clone())?.with_provenance(provenance.clone());
            Ok((Arc::clone(table), write))
        };
        let writes = self.items.iter().map(write).collect::<Result<Vec<_>, KeyFault>>();
        let Ok(mut left) = writes else {
            return Ok(Put::Refused("an item has no key of its table".to_owned()));
        };
        let mut commits = 0;
        for _ in 0..TRIES_MAX {
            let tried = wait(try_each(around.store(), around.clock.now_micros(), &left, &Lease::NotNeeded));
            let mut lost = Vec::new();
            for (write, (verdict, outcome)) in left.into_iter().zip(tried) {
                match (outcome?, verdict) {
                    (Outcome::Committed(_), _) => commits += 1,
                    (Outcome::Refused, Some(Err(refusal))) => {
                        return Ok(Put::Refused(format!("{refusal:?}")));
                    }
                    (Outcome::Refused, _) => {}
                    _ => lost.push(write),
                }
            }
            if lost.is_empty() {
                return Ok(Put::All { commits });
            }
            left = lost;
        }
        Ok(Put::Some)
    }
}

/// What came of putting the items of a lot.
enum Put {
    All {
        commits: u64,
    },
    /// The table has been changed meanwhile.
    Some,
    /// What is wrong with one.
    Refused(String),
}
