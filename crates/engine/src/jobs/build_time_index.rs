//! Builds the time index of a table when time to live is switched on: walks the items in lots and puts the row of each
//! that expires at some time. A row follows from its item alone, so writing one twice is harmless, and items written
//! meanwhile are handled by their writers.

use super::commit::mutate_lot;
use super::items::{percent, visit_lot};
use super::pace::Pace;
use super::{Step, Surroundings};
use crate::expiry::{expires_at, time_row};
use crate::keys::{ItemKey, key_item};
use crate::row::{RowFault, RowRef};
use crate::table::{Scope, Table, TimeToLive};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use store::{Decision, OldRows, Outcome, Plan, RowWrite, Store, StoreError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BuildTimeIndex {
    table_id: u32,
    scope: Scope,
    name: String,
    since_version: u64,
    /// Behind which item the next lot begins.
    after: Option<Vec<u8>>,
    items: u64,
    /// How many items the table had at the last count.
    #[serde(default)]
    expected: u64,
    #[serde(skip)]
    pace: Pace,
}

/// What a lot came to.
#[derive(Default)]
pub(crate) struct Advanced {
    /// Whether there is another.
    pub goes_on: bool,
    commits: u64,
}

impl BuildTimeIndex {
    pub(crate) fn of(table: &Table, time_to_live: &TimeToLive) -> BuildTimeIndex {
        BuildTimeIndex {
            table_id: table.id,
            scope: table.scope.clone(),
            name: table.name.clone(),
            since_version: time_to_live.since_version,
            after: None,
            items: 0,
            expected: 0,
            pace: Pace::default(),
        }
    }

    pub(crate) fn id(&self) -> String {
        format!("build-time-index-{:010}-{:010}", self.table_id, self.since_version)
    }

    pub(super) fn done(&self) -> u64 {
        self.items
    }

    pub(super) fn percent(&self) -> Option<f64> {
        (self.expected > 0).then(|| percent(self.items, self.expected))
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let Some(table) = around.table(&self.scope, &self.name, self.table_id)? else {
            return Ok(Step::Done(Plan::default()));
        };
        self.pace.begin(around);
        let advanced = self.advance(around.store(), &table, self.pace.lot_items())?;
        if !advanced.goes_on {
            return Ok(Step::Done(Plan::default()));
        }
        self.expected = around.items(&table)?;
        Ok(self.pace.end(around, advanced.commits))
    }

    /// Puts the rows of the next items, unless the index is not wanted any more.
    pub(crate) fn advance(
        &mut self,
        store: &dyn Store,
        table: &Table,
        items_max: usize,
    ) -> Result<Advanced, StoreError> {
        let time_to_live = table.settings.time_to_live.as_ref();
        let Some(time_to_live) = time_to_live.filter(|now| now.since_version == self.since_version) else {
            return Ok(Advanced::default());
        };
        let lot = Lot::read(store, table, time_to_live, self.after.as_deref(), items_max)?;
        let (done, commits) = lot.put_rows(store, table, time_to_live)?;
        let is_whole = done == lot.expiring.len();
        if is_whole {
            self.items += lot.items as u64;
        }
        let last =
            if is_whole { lot.last } else { done.checked_sub(1).map(|last| lot.expiring[last].clone()) };
        self.after = last.or(self.after.take());
        Ok(Advanced { goes_on: !is_whole || lot.items > 0, commits })
    }
}

/// Some items, in the order of their keys.
#[derive(Default)]
struct Lot {
    items: usize,
    /// The keys of those that expire at some time.
    expiring: Vec<Vec<u8>>,
    /// The key of the last one.
    last: Option<Vec<u8>>,
}

impl Lot {
    fn read(
        store: &dyn Store,
        table: &Table,
        time_to_live: &TimeToLive,
        after: Option<&[u8]>,
        items_max: usize,
    ) -> Result<Lot, StoreError> {
        let mut lot = Lot::default();
        visit_lot(store, table, after, items_max, |key, row| {
            lot.items += 1;
            lot.last = Some(key.to_vec());
            if expires_at(time_to_live, row.item()).is_some() {
                lot.expiring.push(key.to_vec());
            }
            Ok(())
        })?;
        Ok(lot)
    }

    /// Puts the rows of the time index; returns for how many items, from the first, that is done, and in how many
    /// commits.
    fn put_rows(
        &self,
        store: &dyn Store,
        table: &Table,
        time_to_live: &TimeToLive,
    ) -> Result<(usize, u64), StoreError> {
        let keys: Vec<[&[u8]; 1]> = self.expiring.iter().map(|key| [&key[..]]).collect();
        let fault = Mutex::new(None);
        let outcomes = mutate_lot(store, &[table.fence()], &keys, |at, old| {
            match row(table, time_to_live, &self.expiring[at], old) {
                Ok(Some(row)) => Decision::Commit(Plan { rows: vec![row], ..Plan::default() }),
                Ok(None) => Decision::Refuse,
                Err(found) => {
                    fault.lock().get_or_insert(found);
                    Decision::Refuse
                }
            }
        })?;
        if let Some(fault) = fault.into_inner() {
            return Err(fault.into());
        }
        let is_committed = |outcome: &&Outcome| matches!(outcome, Outcome::Committed(_));
        let is_done = |outcome: &&Outcome| is_committed(outcome) || matches!(outcome, Outcome::Refused);
        let commits = outcomes.iter().filter(is_committed).count() as u64;
        Ok((outcomes.iter().take_while(is_done).count(), commits))
    }
}

/// The row of the item as it is now; `None` if it was deleted or does not expire any more.
fn row(
    table: &Table,
    time_to_live: &TimeToLive,
    item: &[u8],
    old: &OldRows<'_>,
) -> Result<Option<RowWrite>, RowFault> {
    let Some(row) = old.get(0) else { return Ok(None) };
    let row = RowRef::read(row)?.item();
    let key = ItemKey::of_map(table, row).map_err(|_| RowFault::OtherKey)?;
    if key.as_bytes() != item {
        return Err(RowFault::OtherKey);
    }
    let names = table.key.attributes().map(|attribute| attribute.name.as_str());
    let put = |seconds| time_row(table, time_to_live, seconds, &key, Some(&key_item(row, names)));
    Ok(expires_at(time_to_live, row).map(put))
}
