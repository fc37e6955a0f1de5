//! Drops everything a deleted table has left: items, index entries, collection sizes, counters, feed. Every
//! step can be repeated.

use super::{commit, finished};
use crate::keys::{collections_prefix, table_prefix};
use crate::table::Table;
use serde::{Deserialize, Serialize};
use store::{CounterId, FeedCursor, FeedId, Plan, Position, Store, StoreError};

/// Which table, and what of it cannot be found any more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DropTable {
    table_id: u32,
    feed: u64,
    counters: Vec<u64>,
}

impl DropTable {
    pub(crate) fn of(table: &Table) -> DropTable {
        let indexes = 0..=table.index_number_max;
        let counters = indexes.flat_map(|index| [table.count_counter(index).0, table.size_counter(index).0]);
        DropTable { table_id: table.id, feed: table.feed_id().0, counters: counters.collect() }
    }

    pub(super) fn table_id(&self) -> u32 {
        self.table_id
    }

    pub(super) fn run(&self, store: &dyn Store) -> Result<(), StoreError> {
        finished(store.drop_range(&table_prefix(self.table_id)).wait()?)?;
        finished(store.drop_range(&collections_prefix(self.table_id)).wait()?)?;
        finished(store.trim(FeedId(self.feed), FeedCursor::behind(Position(u128::MAX))).wait()?)?;
        self.zero_counters(store)
    }

    fn zero_counters(&self, store: &dyn Store) -> Result<(), StoreError> {
        let mut counters = Vec::new();
        for counter in self.counters.iter().map(|id| CounterId(*id)) {
            match store.counter(counter)? {
                0 => {}
                value => counters.push((counter, -value)),
            }
        }
        commit(store, Plan { counters, ..Plan::default() })
    }
}
