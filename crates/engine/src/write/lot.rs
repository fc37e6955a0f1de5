//! Many writes of one table in one plan, for the only writer that the table has: a restore, whose table no client can
//! write to yet. Whoever commits the plan makes sure that it is the only one.
//!
//! Each write goes through [`apply`] like any other.

use super::{Before, Write, apply, collection_row, read_collection};
use crate::error::WriteError;
use crate::keys::collection_key;
use crate::row::RowRef;
use crate::table::Table;
use std::collections::BTreeMap;
use store::wait::wait;
use store::{Consistency, CounterId, Plan, RowWrite, Store, StoreError, Visit};

/// Rows by their keys.
pub(crate) type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// What writes of different items change together, where these are the rows of those that are there already.
pub(crate) fn plan_lot(
    store: &dyn Store,
    table: &Table,
    writes: &[Write],
    before: &Rows,
    now: u64,
) -> Result<Plan, WriteError> {
    let mut collections = Collections::read(store, table, writes)?;
    let mut plan = Plan { rows: Vec::with_capacity(writes.len()), ..Plan::default() };
    for write in writes {
        let row = before.get(write.key().as_bytes()).map(|row| RowRef::read(row)).transpose()?;
        let before = Before { row, collection_bytes: collections.size_of(table, write), ..Before::default() };
        let change = apply(table, write, before, now)?;
        collections.note(table, write, change.collection_bytes);
        change.add_to(&mut plan);
    }
    plan.counters = summed(plan.counters);
    plan.rows.extend(collections.changed());
    Ok(plan)
}

/// A counter is changed once.
fn summed(changes: Vec<(CounterId, i64)>) -> Vec<(CounterId, i64)> {
    let mut sums: BTreeMap<CounterId, i64> = BTreeMap::new();
    changes.into_iter().for_each(|(counter, delta)| *sums.entry(counter).or_default() += delta);
    sums.into_iter().filter(|(_, delta)| *delta != 0).collect()
}

/// The collections of the items that are written, in a table with a local secondary index.
#[derive(Default)]
struct Collections(BTreeMap<Vec<u8>, Collection>);

#[derive(Default)]
struct Collection {
    size_bytes: u64,
    /// Its row, where the size is another one now.
    row: Option<RowWrite>,
}

impl Collections {
    fn read(store: &dyn Store, table: &Table, writes: &[Write]) -> Result<Collections, WriteError> {
        if !table.has_local_index() {
            return Ok(Collections::default());
        }
        let key = |write: &Write| (collection_key(table, write.key()).to_vec(), Collection::default());
        let mut collections: BTreeMap<_, _> = writes.iter().map(key).collect();
        let keys: Vec<Vec<u8>> = collections.keys().cloned().collect();
        for (key, row) in rows_of(store, &keys)? {
            let size_bytes = read_collection(Some(&row))?;
            collections.insert(key, Collection { size_bytes, row: None });
        }
        Ok(Collections(collections))
    }

    fn size_of(&self, table: &Table, write: &Write) -> u64 {
        if self.0.is_empty() {
            return 0;
        }
        self.0.get(&collection_key(table, write.key())[..]).map_or(0, |collection| collection.size_bytes)
    }

    fn note(&mut self, table: &Table, write: &Write, size_bytes: Option<u64>) {
        let Some(size_bytes) = size_bytes else { return };
        let row = collection_row(table, write, size_bytes);
        self.0.insert(row.key.clone(), Collection { size_bytes, row: Some(row) });
    }

    fn changed(self) -> impl Iterator<Item = RowWrite> {
        self.0.into_values().filter_map(|collection| collection.row)
    }
}

/// Those of some keys that have a row.
pub(crate) fn rows_of(store: &dyn Store, keys: &[Vec<u8>]) -> Result<Rows, StoreError> {
    let wanted: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    let mut rows = Rows::new();
    let mut visit = |at: usize, row: Option<&[u8]>| {
        rows.extend(row.map(|row| (keys[at].clone(), row.to_vec())));
        Visit::Continue
    };
    wait(store.get_many(&wanted, Consistency::Strong, &mut visit))?;
    Ok(rows)
}
