//! Forgets the records of a table's change feed that neither its consumers nor its streams need any more, and streams
//! that were disabled long ago, also of a deleted table. Every engine may run it, repeatedly: it has no document.

use super::commit::trim;
use super::copy_table::is_being_copied;
use super::{Step, Surroundings};
use crate::catalog::change::commit;
use crate::error::EngineError;
use crate::feed::{Consumer, cursor};
use crate::stream::{self, Stream};
use crate::table::{Scope, Table};
use serde::{Deserialize, Serialize};
use store::wait::wait;
use store::{FeedCursor, FeedId, FeedRecord, Outcome, Plan, StoreError, Visit};

/// Records read in one step.
const LOT_MAX: usize = 10_000;
/// A feed that is written to is trimmed this many times while a record is kept.
const TRIMS_A_RETENTION: u64 = 24;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TrimFeed {
    table_id: u32,
    scope: Scope,
    name: String,
    trimmed: u64,
}

impl TrimFeed {
    pub(crate) fn of(table: &Table) -> TrimFeed {
        TrimFeed { table_id: table.id, scope: table.scope.clone(), name: table.name.clone(), trimmed: 0 }
    }

    /// For a stream whose table may have been deleted.
    pub(crate) fn of_stream(stream: &Stream) -> TrimFeed {
        let (scope, name) = (stream.scope.clone(), stream.table_name.clone());
        TrimFeed { table_id: stream.table_id, scope, name, trimmed: 0 }
    }

    pub(super) fn table_id(&self) -> u32 {
        self.table_id
    }

    pub(super) fn done(&self) -> u64 {
        self.trimmed
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        // A consumer that is not seen below has no record before this.
        let (durable, now) = (around.store().durable().position, around.clock.now_micros());
        let limits = around.options.shard_limits;
        let table = around.table(&self.scope, &self.name, self.table_id)?;
        let streams = stream::all_of_table(around.store(), &self.scope, &self.name, self.table_id);
        let streams = wait(streams).map_err(EngineError::into_store)?;
        let (listed, ended): (Vec<_>, Vec<_>) =
            streams.into_iter().partition(|stream| stream.is_listed(limits.horizon(now)));
        let consumers = table.as_ref().map_or(&[][..], |table| &table.consumers);
        let mut needs = Needs::of(around, table.as_deref(), consumers, !listed.is_empty(), now)?;
        if is_being_copied(around, self.table_id)? {
            needs.add(FeedCursor::START, now);
        }
        let lot = Lot::read(around, Table::feed_of(self.table_id), &needs)?;
        let up_to = if needs.all.is_empty() {
            lot.unneeded.map(|_| FeedCursor::behind(durable))
        } else {
            lot.unneeded
        };
        if let Some(up_to) = up_to {
            trim(around.store(), Table::feed_of(self.table_id), up_to)?;
        }
        self.trimmed += lot.seen as u64;
        forget(around, &ended)?; // behind the trim: by the documents a later process finds that there is a feed
        if needs.all.is_empty() {
            if table.is_none() {
                wait(around.catalog.keys().forget(self.table_id));
            }
            return Ok(Step::Done(Plan::default()));
        }
        if lot.seen == LOT_MAX {
            return Ok(Step::Progress(Plan::default()));
        }
        let disabled = listed.iter().filter_map(|stream| stream.disabled_micros).min();
        let ends = disabled.map_or(u64::MAX, |disabled| disabled + limits.retention_micros);
        Ok(Step::WaitUntil(needs.next_trim(lot.needed, now).min(ends)))
    }
}

fn forget(around: &Surroundings, ended: &[Stream]) -> Result<(), StoreError> {
    if ended.is_empty() {
        return Ok(());
    }
    let plan = Plan { records: ended.iter().map(stream::forget).collect(), ..Plan::default() };
    match wait(commit(around.store(), &[], plan))? {
        Outcome::Committed(_) => Ok(()),
        outcome => Err(StoreError::Unavailable(format!("a stream was not forgotten: {outcome:?}"))),
    }
}

/// Up to where each consumer has read, and how long it needs a record.
struct Needs {
    /// Up to where a consumer has read, and since when it needs a record.
    all: Vec<(FeedCursor, u64)>,
    shortest_micros: u64,
    now: u64,
}

impl Needs {
    fn of(
        around: &Surroundings,
        table: Option<&Table>,
        consumers: &[Consumer],
        has_streams: bool,
        now: u64,
    ) -> Result<Needs, StoreError> {
        let mut needs = Needs { all: Vec::new(), shortest_micros: u64::MAX, now };
        for consumer in consumers {
            let read = match table.filter(|_| consumer.acknowledges) {
                Some(table) => wait(cursor::read(around.store(), table, consumer))?,
                None => FeedCursor::START,
            };
            needs.add(read, consumer.retention_micros);
        }
        if has_streams {
            needs.add(FeedCursor::START, around.options.shard_limits.kept_micros());
        }
        Ok(needs)
    }

    fn add(&mut self, read: FeedCursor, retention_micros: u64) {
        self.shortest_micros = self.shortest_micros.min(retention_micros);
        self.all.push((read, self.now.saturating_sub(retention_micros)));
    }

    fn has(&self, record: &FeedRecord<'_>) -> bool {
        let is_needed =
            |(read, since): &(FeedCursor, u64)| record.stamp.time_micros > *since && record.cursor() > *read;
        self.all.iter().any(is_needed)
    }

    fn next_trim(&self, holds_records: bool, now: u64) -> u64 {
        let wait =
            if holds_records { self.shortest_micros / TRIMS_A_RETENTION } else { self.shortest_micros };
        now.saturating_add(wait.max(1))
    }
}

/// The oldest records of a feed.
#[derive(Default)]
struct Lot {
    /// The last record that no consumer needs.
    unneeded: Option<FeedCursor>,
    /// How many records no consumer needs.
    seen: usize,
    /// Whether there is a record behind them that a consumer needs.
    needed: bool,
}

impl Lot {
    fn read(around: &Surroundings, feed: FeedId, needs: &Needs) -> Result<Lot, StoreError> {
        let mut lot = Lot::default();
        let mut visit = |record: FeedRecord<'_>| {
            lot.needed = needs.has(&record);
            if lot.needed {
                return Visit::Stop;
            }
            lot.unneeded = Some(record.cursor());
            lot.seen += 1;
            Visit::Continue
        };
        let limit = if needs.all.is_empty() { 1 } else { LOT_MAX }; // all goes: one shows that there is something
        match around.store().tail(feed, FeedCursor::START, limit, &mut visit).wait() {
            Err(StoreError::Locked(_)) if needs.all.is_empty() => lot.unneeded = Some(FeedCursor::START),
            read => _ = read?,
        }
        Ok(lot)
    }
}
