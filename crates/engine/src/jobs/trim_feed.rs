//! Forgets the records of a table's change feed that none of its consumers needs any more, as long as the table has
//! consumers. Every engine may do it, and again: it has no document.

use super::commit::committed;
use super::{Step, Surroundings};
use crate::feed::{Consumer, cursor};
use crate::table::{Scope, Table};
use serde::{Deserialize, Serialize};
use store::wait::wait;
use store::{FeedCursor, FeedRecord, Plan, StoreError, Visit};

/// Records looked at in one step.
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

    pub(super) fn table_id(&self) -> u32 {
        self.table_id
    }

    pub(super) fn done(&self) -> u64 {
        self.trimmed
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let Some(table) = around.table(&self.scope, &self.name, self.table_id)? else {
            return Ok(Step::Done(Plan::default()));
        };
        let consumers = table.feed_consumers();
        let Some(shortest) = consumers.iter().map(|consumer| consumer.retention_micros).min() else {
            return Ok(Step::Done(Plan::default()));
        };
        let now = around.clock.now_micros();
        let lot = Lot::read(around, &table, consumers, now)?;
        if let Some(up_to) = lot.unneeded {
            committed(around.store().trim(table.feed_id(), up_to))?;
        }
        self.trimmed += lot.seen as u64;
        let wait = if lot.needed { shortest / TRIMS_A_RETENTION } else { shortest };
        Ok(if lot.seen < LOT_MAX {
            Step::WaitUntil(now + wait.max(1))
        } else {
            Step::Progress(Plan::default())
        })
    }
}

/// The oldest records of a feed.
#[derive(Default)]
struct Lot {
    /// The last that nobody needs.
    unneeded: Option<FeedCursor>,
    /// How many nobody needs.
    seen: usize,
    /// Whether there is one behind them that somebody needs.
    needed: bool,
}

impl Lot {
    fn read(
        around: &Surroundings,
        table: &Table,
        consumers: Vec<Consumer>,
        now: u64,
    ) -> Result<Lot, StoreError> {
        let mut needs = Vec::with_capacity(consumers.len());
        for consumer in consumers {
            let read = match consumer.acknowledges {
                true => wait(cursor::read(around.store(), table, &consumer))?,
                false => FeedCursor::START,
            };
            needs.push((read, now.saturating_sub(consumer.retention_micros)));
        }
        let mut lot = Lot::default();
        let mut visit = |record: FeedRecord<'_>| {
            let is_needed = |(read, since): &(FeedCursor, u64)| {
                record.stamp.time_micros > *since && record.cursor() > *read
            };
            lot.needed = needs.iter().any(is_needed);
            if lot.needed {
                return Visit::Stop;
            }
            lot.unneeded = Some(record.cursor());
            lot.seen += 1;
            Visit::Continue
        };
        around.store().tail(table.feed_id(), FeedCursor::START, LOT_MAX, &mut visit).wait()?;
        Ok(lot)
    }
}
