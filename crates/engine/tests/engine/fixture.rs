//! What the tests of the engine share: an engine on a store in memory, and short constructors of items.
#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(missing_docs, reason = "names say it")]

use engine::table::{IndexStatus, ProvisionedThroughput, Settings};
use engine::{
    Engine, Index, IndexKind, ItemKey, KeyAttribute, KeySchema, KeyType, NewTable, Projected, Scope, Table,
};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use stdx::{ManualClock, Random};
use store::MemoryStore;
use types::{Item, ItemBuilder, Value};

pub struct World {
    pub engine: Engine,
    pub store: Arc<MemoryStore>,
    pub clock: Arc<ManualClock>,
}

impl World {
    pub fn new() -> World {
        let clock = Arc::new(ManualClock::at(1_700_000_000_000_000));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        World { engine: open(&store, &clock), store, clock }
    }

    /// Another engine on the same data; the one before is dropped, whatever it was doing.
    pub fn replace_engine(&mut self) {
        let elsewhere = Arc::new(MemoryStore::new(self.clock.clone()));
        self.engine = open(&elsewhere, &self.clock); // the threads of the one before end here
        self.engine = open(&self.store, &self.clock);
    }

    /// Waits until all jobs that end are done, rests and the leases of dropped engines included.
    pub fn finish_jobs(&self) {
        for _ in 0..100 {
            self.engine.wait_for_jobs();
            if self.engine.job_progress().iter().all(|job| is_endless(&job.id)) {
                return;
            }
            self.clock.advance_micros(1_000_000);
        }
        panic!("jobs do not end: {:?}", self.engine.job_progress());
    }

    /// The engine of the next start on the same data.
    pub fn reopen(&mut self) {
        self.engine.wait_for_jobs();
        self.engine = open(&self.store, &self.clock);
    }
}

fn is_endless(job: &str) -> bool {
    let endless = ["sweep-expired", "trim-feed", "tend-shards", "sweep-tombstones"];
    endless.iter().any(|endless| job.starts_with(endless))
}

pub fn open(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>) -> Engine {
    Engine::open(store.clone(), clock.clone(), Random::from_seed(1)).expect("a store in memory opens")
}

/// Runs a future that never waits for anything but the store in memory.
pub fn now<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
        std::thread::yield_now();
    }
}

pub fn scope() -> Scope {
    Scope { account: "000000000000".into(), region: "local".into() }
}

pub fn keys(hash: &[(&str, KeyType)], range: &[(&str, KeyType)]) -> KeySchema {
    let all = |attributes: &[(&str, KeyType)]| {
        attributes.iter().map(|(name, ty)| KeyAttribute { name: (*name).to_owned(), ty: *ty }).collect()
    };
    KeySchema { hash: all(hash), range: all(range) }
}

pub fn index(name: &str, kind: IndexKind, key: KeySchema, projected: Projected) -> Index {
    Index {
        number: 0,
        name: name.to_owned(),
        kind,
        key,
        projected,
        status: IndexStatus::Active,
        throughput: ProvisionedThroughput::default(),
        on_demand: None,
        warm: None,
    }
}

pub fn new_table(name: &str, key: KeySchema, indexes: Vec<Index>) -> NewTable {
    NewTable {
        scope: scope(),
        name: name.to_owned(),
        key,
        attribute_definitions: Vec::new(),
        indexes,
        settings: Settings::default(),
    }
}

/// Partition key `pk` (S), sort key `sk` (N); indexes `by_group` (`g`, `sk`), `by_two` (`g` and `h`, then `r`
/// and `sk`) and the local `by_rank` (`pk`, `r`).
pub fn things(world: &World) -> Arc<Table> {
    use KeyType::{N, S};
    let include = Projected::Include(vec!["note".into()]);
    now(world.engine.create_table(new_table(
        "things",
        keys(&[("pk", S)], &[("sk", N)]),
        vec![
            index("by_group", IndexKind::Global, keys(&[("g", S)], &[("sk", N)]), Projected::All),
            index("by_two", IndexKind::Global, keys(&[("g", S), ("h", N)], &[("r", S), ("sk", N)]), include),
            index("by_rank", IndexKind::Local, keys(&[("pk", S)], &[("r", S)]), Projected::KeysOnly),
        ],
    )))
    .expect("a new table")
}

/// Changes the table of a name, and again if a job has changed it meanwhile.
pub fn alter(world: &World, name: &str, alter: impl Fn(&mut Table) + Sync) -> Arc<Table> {
    loop {
        let table = world.engine.table(&scope(), name).expect("a table");
        match now(world.engine.alter_table(&table, &alter)) {
            Err(engine::AlterError::Changed) => {}
            altered => return altered.expect("a change"),
        }
    }
}

/// Adds an index, which is built while the test continues.
pub fn add_index(world: &World, table: &str, index: &Index) -> Arc<Table> {
    alter(world, table, |table| {
        table.index_number_max += 1;
        let number = table.index_number_max;
        table.attribute_definitions.extend(index.key.attributes().cloned());
        table.indexes.push(Index { number, status: IndexStatus::Backfilling, ..index.clone() });
    })
}

/// Deletes an index, complete or not, which is removed while the test continues.
pub fn delete_index(world: &World, table: &str, name: &str) -> Arc<Table> {
    alter(world, table, |table| {
        let index = table.indexes.iter_mut().find(|index| index.name == name);
        index.expect("an index").status = IndexStatus::Deleting;
    })
}

/// Switches time to live on; expired items are deleted while the test continues.
pub fn switch_on_ttl(world: &World, table: &str, attribute: &str) -> Arc<Table> {
    alter(world, table, |table| table.switch_on_time_to_live(attribute.to_owned()))
}

/// Switches time to live off; its index is dropped while the test continues.
pub fn switch_off_ttl(world: &World, table: &str) -> Arc<Table> {
    alter(world, table, |table| table.settings.time_to_live = None)
}

/// The time indexes of all tables: seconds and keys.
pub fn time_rows(world: &World) -> BTreeSet<(u64, Vec<u8>)> {
    let mut rows = BTreeSet::new();
    visit_rows(world, &[7], &mut |key, row| {
        let seconds = u64::from_be_bytes(key[13..21].try_into().expect("eight bytes"));
        rows.insert((seconds, row[1..].to_vec()));
    });
    rows
}

/// The time index that a table must have by its items.
pub fn expected_times(world: &World, table: &Table, attribute: &str) -> BTreeSet<(u64, Vec<u8>)> {
    let mut rows = BTreeSet::new();
    let items = [&[1][..], &table.id.to_be_bytes(), &[0, 0]].concat();
    visit_rows(world, &items, &mut |_, row| {
        let row = engine::RowRef::read(row).expect("a row");
        let mut key = ItemBuilder::new();
        for name in table.key.attributes().map(|attribute| &attribute.name) {
            key.put_encoded(name, row.item().get_bytes(name).expect("a key attribute"));
        }
        if let Some(types::ValueRef::N(at)) = row.item().get(attribute)
            && let Some(at) = types::number::to_whole(at.as_bytes()).filter(|at| *at <= 253_402_300_799)
        {
            rows.insert((at, key.build().as_bytes().to_vec()));
        }
    });
    rows
}

fn visit_rows(world: &World, prefix: &[u8], visit: &mut (dyn FnMut(&[u8], &[u8]) + Send)) {
    let mut end = prefix.to_vec();
    *end.last_mut().expect("a prefix") += 1;
    let range = store::KeyRange { start: Bound::Included(prefix), end: Bound::Excluded(&end) };
    let (direction, consistency) = (store::Direction::Forward, store::Consistency::Strong);
    let read = store::RangeRead { range, direction, consistency, rows_expected: 1 };
    let visit = &mut |key: &[u8], row: &[u8]| {
        visit(key, row);
        store::Visit::Continue
    };
    store::Store::range(&*world.store, read, visit).wait().expect("a read");
}

pub fn s(text: &str) -> Value {
    Value::S(text.to_owned())
}

pub fn n(number: i64) -> Value {
    Value::N(number.into())
}

pub fn item(attributes: &[(&str, Value)]) -> Item {
    let mut item = ItemBuilder::new();
    attributes.iter().for_each(|(name, value)| {
        item.put(name, value);
    });
    item.build()
}

pub fn key(pk: &str, sk: i64) -> Item {
    item(&[("pk", s(pk)), ("sk", n(sk))])
}

pub fn get(world: &World, table: &Table, key: &Item) -> Option<Item> {
    let key = ItemKey::exact(table, key).expect("a key of the table");
    now(world.engine.get(table, &key, store::Consistency::Strong, None))
        .expect("a read")
        .map(|found| found.item)
}

/// All items of a table or an index, in the order of their bytes.
pub fn scan(world: &World, table: &Table, index: Option<&Index>) -> Vec<Item> {
    let request = engine::ScanRequest {
        consistency: store::Consistency::Strong,
        table,
        index,
        segment: None,
        exclusive_start_key: None,
        limit: None,
        filter: None,
        attributes: engine::Attributes::All,
        fetch: false,
    };
    let page = now(world.engine.scan(&request)).expect("a scan");
    assert!(page.last_evaluated_key.is_none(), "all fit in a page");
    sorted(page.items)
}

/// In the order of their bytes.
pub fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    items
}
