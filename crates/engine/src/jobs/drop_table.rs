//! Drops the data of a deleted table: items, index entries, collection sizes, tombstones, feed, counters. A backup
//! that is being made of it comes first. Every step can be repeated.

use super::commit::{drop_range, to_zero, trim};
use super::copy_table::is_being_copied;
use super::{Step, Surroundings};
use crate::keys::{
    collections_prefix, table_marks_prefix, table_prefix, table_times_prefix, table_tombstones_prefix,
};
use crate::table::Table;
use serde::{Deserialize, Serialize};
use store::wait::wait;
use store::{CounterId, FeedCursor, FeedId, Plan, Position, StoreError};

/// When it looks again whether a backup still reads the table.
const COPY_WAIT_MICROS: u64 = 200_000;

/// Which table, and what of it cannot be found any more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DropTable {
    table_id: u32,
    feed: u64,
    counters: Vec<u64>,
    #[serde(default)]
    ranges_are_dropped: bool,
    /// The table's streams are readable for a while: `TrimFeed` forgets their records.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    keeps_feed: bool,
}

impl DropTable {
    pub(crate) fn of(table: &Table, keeps_feed: bool) -> DropTable {
        let indexes = 0..=table.index_number_max;
        let counters = indexes.flat_map(|index| [table.count_counter(index).0, table.size_counter(index).0]);
        DropTable {
            table_id: table.id,
            feed: table.feed_id().0,
            counters: counters.collect(),
            ranges_are_dropped: false,
            keeps_feed,
        }
    }

    pub(super) fn table_id(&self) -> u32 {
        self.table_id
    }

    pub(super) fn done(&self) -> u64 {
        self.ranges_are_dropped.into()
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let store = around.store();
        if self.ranges_are_dropped {
            if !self.keeps_feed {
                wait(around.catalog.keys().forget(self.table_id));
            }
            let counters = to_zero(store, self.counters.iter().map(|id| CounterId(*id)))?;
            return Ok(Step::Done(Plan { counters, ..Plan::default() }));
        }
        if is_being_copied(around, self.table_id)? {
            return Ok(Step::WaitUntil(around.clock.now_micros().saturating_add(COPY_WAIT_MICROS)));
        }
        drop_range(store, &table_prefix(self.table_id))?;
        drop_range(store, &collections_prefix(self.table_id))?;
        drop_range(store, &table_marks_prefix(self.table_id))?;
        drop_range(store, &table_times_prefix(self.table_id))?;
        drop_range(store, &table_tombstones_prefix(self.table_id))?;
        if !self.keeps_feed {
            trim(store, FeedId(self.feed), FeedCursor::behind(Position(u128::MAX)))?;
        }
        self.ranges_are_dropped = true;
        Ok(Step::Progress(Plan::default()))
    }
}
