//! Forgets tombstones that no replica needs any more: those older than which no write can be on its way.
//!
//! All replicas are on one store, whose commits have one order. What was committed up to a position P0, tombstones of
//! other replicas included, has come everywhere once all feeds have been read up to there; say that was seen at P1.
//! Behind P1 every replica knows of the deletion and gives later times to its own writes; so once all feeds have been
//! read up to P1 too, nothing older than the tombstone is left to come. Cursors that are stored count, not those in the
//! memory of some server.
//!
//! Where replicas are on other stores, there is no one order: who carries changes between stores sweeps, too
//! ([`crate::replication`]).
//!
//! A replica that is being filled or taken away ends the round. It has no document, so a restart begins anew.

use super::commit::mutate_lot;
use super::fill_replica::visit_tombstones;
use super::{Step, Surroundings};
use crate::replication::tombstone::Tombstone;
use crate::table::{Scope, Table};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::wait::wait;
use store::{Decision, Outcome, Plan, Position, RowWrite, Store, StoreError};

/// How long a tombstone is kept at least, in microseconds. More than clocks differ: a write behind it is later by its
/// own clock.
const KEPT_MICROS: u64 = 60_000_000;
/// How long between two looks at the feeds, and between two rounds.
const LOOK_MICROS: u64 = 1_000_000;
const ROUND_MICROS: u64 = 30_000_000;
const LOT_ROWS: usize = 1_024;

/// Keys and rows.
type Rows = Vec<(Vec<u8>, Vec<u8>)>;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SweepTombstones {
    table_id: u32,
    scope: Scope,
    name: String,
    forgotten: u64,
    #[serde(skip)]
    round: Option<Round>,
    /// Behind which tombstone the next round begins.
    #[serde(skip)]
    after: Option<Vec<u8>>,
}

/// Some tombstones, and up to where all feeds must have been read before they can go.
#[derive(Debug, Clone)]
struct Round {
    tombstones: Rows,
    position: Position,
    is_second: bool,
}

impl SweepTombstones {
    pub(crate) fn of(table: &Table) -> SweepTombstones {
        let (table_id, scope, name) = (table.id, table.scope.clone(), table.name.clone());
        SweepTombstones { table_id, scope, name, forgotten: 0, round: None, after: None }
    }

    pub(super) fn id(&self) -> String {
        format!("sweep-tombstones-{:010}", self.table_id)
    }

    pub(super) fn done(&self) -> u64 {
        self.forgotten
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let table = around.table(&self.scope, &self.name, self.table_id)?;
        let Some(table) = table.filter(|table| table.tombstones_since().is_some()) else {
            return Ok(Step::Done(Plan::default()));
        };
        let now = around.clock.now_micros();
        let Some(members) = members(around, &table) else {
            self.round = None;
            return Ok(Step::WaitUntil(now + ROUND_MICROS));
        };
        let Some(round) = self.round.take() else { return self.begin(around, &table, now) };
        if !wait(have_read(around, &members, round.position))? {
            self.round = Some(round);
            return Ok(Step::WaitUntil(now + LOOK_MICROS));
        }
        if !round.is_second {
            let position = wait(around.store().newest().into_future())?;
            self.round = Some(Round { position, is_second: true, ..round });
            return Ok(Step::Progress(Plan::default()));
        }
        self.forgotten += forget(around.store(), &round.tombstones)?;
        Ok(Step::Progress(Plan::default()))
    }

    /// Takes the next tombstones that are old enough.
    fn begin(&mut self, around: &Surroundings, table: &Table, now: u64) -> Result<Step, StoreError> {
        let tombstones;
        (tombstones, self.after) =
            tombstones_behind(around.store(), table, self.after.as_deref(), LOT_ROWS, now)?;
        if tombstones.is_empty() {
            let goes_on = self.after.is_some();
            return Ok(if goes_on {
                Step::Progress(Plan::default())
            } else {
                Step::WaitUntil(now + ROUND_MICROS)
            });
        }
        let position = wait(around.store().newest().into_future())?;
        self.round = Some(Round { tombstones, position, is_second: false });
        Ok(Step::Progress(Plan::default()))
    }
}

/// Some tombstones behind a key that are old enough, and behind which to go on, where there are more.
pub(crate) fn tombstones_behind(
    store: &dyn Store,
    table: &Table,
    after: Option<&[u8]>,
    rows_max: usize,
    now: u64,
) -> Result<(Rows, Option<Vec<u8>>), StoreError> {
    let (mut tombstones, mut last, mut seen) = (Vec::new(), None, 0);
    visit_tombstones(store, table, after, rows_max, |key, row| {
        (seen, last) = (seen + 1, Some(key.to_vec()));
        if Tombstone::read(row)?.write_time_micros.saturating_add(KEPT_MICROS) < now {
            tombstones.push((key.to_vec(), row.to_vec()));
        }
        Ok(())
    })?;
    Ok((tombstones, last.filter(|_| seen == rows_max)))
}

/// All replicas, if none of them comes or goes. Where some are on other stores, it is for others to know.
fn members(around: &Surroundings, table: &Arc<Table>) -> Option<Vec<Arc<Table>>> {
    if !table.remote_replicas().is_empty() {
        return None;
    }
    let other = |scope: Scope| {
        let found = around.catalog.table(&scope, &table.name);
        found.filter(|found| found.is_replica_of(table))
    };
    let others: Option<Vec<_>> = table.replica_scopes().map(other).collect();
    let all: Vec<_> = others?.into_iter().chain([Arc::clone(table)]).collect();
    let is_settled =
        |member: &Arc<Table>| !member.settings.is_being_filled() && !member.settings.is_leaving();
    all.iter().all(is_settled).then_some(all)
}

/// Whether every replica's feed was read up to a position by all others.
async fn have_read(
    around: &Surroundings,
    members: &[Arc<Table>],
    position: Position,
) -> Result<bool, StoreError> {
    for member in members {
        for consumer in member.replication_consumers() {
            if !crate::replication::has_read(around.store(), member, consumer, Some(position)).await? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Deletes the tombstones that still are what they were.
pub(crate) fn forget(store: &dyn Store, tombstones: &[(Vec<u8>, Vec<u8>)]) -> Result<u64, StoreError> {
    let keys: Vec<[&[u8]; 1]> = tombstones.iter().map(|(key, _)| [&key[..]]).collect();
    let outcomes = mutate_lot(store, &[], &keys, |at, old| {
        let (key, row) = &tombstones[at];
        match old.get(0) == Some(&row[..]) {
            true => {
                let rows = vec![RowWrite { key: key.clone(), row: None }];
                Decision::Commit(Plan { rows, ..Plan::default() })
            }
            false => Decision::Refuse,
        }
    })?;
    Ok(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Committed(_))).count() as u64)
}
