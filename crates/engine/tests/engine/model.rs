//! Random writes compared with a simple model: a sorted map of items, and indexes computed from it.

use crate::fixture::*;
use engine::{Attributes, Index, Page, Projected, QueryRequest, ScanRequest, Segment, Table, Write};
use expr::{BoundKeyCondition, RangeCondition};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use stdx::{Clock, Random};
use store::Direction;
use types::{Item, ItemBuilder, ValueBuf};

const HASHES: [&str; 3] = ["a", "b", "c\0d"];
const RANKS: [&str; 5] = ["", "r", "r\0", "r\0\0x", "s"];

struct Model {
    world: World,
    table: Arc<Table>,
    items: BTreeMap<(String, i64), Item>,
    /// When and in which region each was written.
    times: BTreeMap<(String, i64), (u64, String)>,
    random: Random,
}

impl Model {
    fn new(seed: u64) -> Model {
        let world = World::new();
        let table = things(&world);
        Model {
            world,
            table,
            items: BTreeMap::new(),
            times: BTreeMap::new(),
            random: Random::from_seed(seed),
        }
    }

    fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.random.next_u64() as usize % from.len()]
    }

    fn chance(&self) -> bool {
        !self.random.next_u64().is_multiple_of(3)
    }

    fn random_item(&self, pk: &str, sk: i64) -> Item {
        let mut item = ItemBuilder::new();
        item.put("pk", &s(pk)).put("sk", &n(sk));
        if self.chance() {
            item.put("g", &s(self.pick(&["x", "y"])));
        }
        if self.chance() {
            item.put("h", &n(self.pick(&[-1, 0, 10])));
        }
        match self.pick(&RANKS) {
            "" => {}
            rank => {
                item.put("r", &s(rank));
            }
        }
        if self.chance() {
            item.put("note", &s(self.pick(&["n", "long long note"])));
        }
        if self.chance() {
            let far = self.random.next_u64() % 40;
            item.put("ttl", &n((self.world.clock.now_micros() / 1_000_000 + far) as i64));
        }
        item.put("filler", &s(&"f".repeat(self.random.next_u64() as usize % 50)));
        item.build()
    }

    /// Adds an index, which is built while steps continue.
    fn add_index(&mut self, name: &str) {
        let key = keys(&[("h", engine::KeyType::N)], &[("sk", engine::KeyType::N)]);
        let include = Projected::Include(vec!["note".into()]);
        let added = index(name, engine::IndexKind::Global, key, include);
        self.table = add_index(&self.world, "things", &added);
    }

    fn delete_index(&mut self, name: &str) {
        self.table = delete_index(&self.world, "things", name);
    }

    fn deletable(&self) -> Vec<&Index> {
        let is_global = |index: &&Index| index.kind == engine::IndexKind::Global;
        let is_deleted = |index: &Index| index.status == engine::table::IndexStatus::Deleting;
        self.table.indexes.iter().filter(is_global).filter(|index| !is_deleted(index)).collect()
    }

    fn wait_for_indexes(&mut self) {
        self.world.finish_jobs();
        self.table = self.world.engine.table(&scope(), "things").unwrap();
        self.expire();
        let is_active = |index: &Index| index.status == engine::table::IndexStatus::Active;
        let jobs = self.world.engine.job_progress();
        assert!(self.table.indexes.iter().all(is_active), "{jobs:?}, {:?}", self.table.indexes);
    }

    /// Switches time to live on and off; while it is on, the clock moves, and expired items are deleted.
    fn let_time_pass(&mut self) {
        self.table = match self.table.settings.time_to_live {
            Some(_) if self.random.next_u64().is_multiple_of(4) => switch_off_ttl(&self.world, "things"),
            Some(_) => Arc::clone(&self.table),
            None => switch_on_ttl(&self.world, "things", "ttl"),
        };
        self.world.clock.advance_micros(self.random.next_u64() % 30_000_000);
        self.expire();
    }

    /// What has expired goes now, before anything else is written.
    fn expire(&mut self) {
        if self.table.settings.time_to_live.is_none() {
            return;
        }
        self.world.engine.expire_now(std::slice::from_ref(&self.table)).unwrap();
        let now = (self.world.clock.now_micros() / 1_000_000) as i64;
        let is_over =
            |item: &Item| matches!(item.get("ttl"), Some(types::ValueRef::N(at)) if at < now.into());
        self.items.retain(|_, item| !is_over(item));
        self.times.retain(|place, _| self.items.contains_key(place));
    }

    /// Provenance: deletes of time to live, and writes of another region that may come too late.
    fn provenance(&self) -> engine::Provenance {
        use engine::feed::Principal;
        match self.random.next_u64() % 4 {
            0 => engine::Provenance::of(Principal::Ttl),
            1 => engine::Provenance {
                principal: Principal::Replication,
                origin: Some("eu-west-1".into()),
                time_micros: Some(self.world.clock.now_micros() + self.random.next_u64() % 8),
                is_restored: false,
            },
            _ => engine::Provenance::default(),
        }
    }

    fn step(&mut self) {
        let (pk, sk) = (self.pick(&HASHES), (self.random.next_u64() % 12) as i64 - 6);
        let place = (pk.to_owned(), sk);
        let provenance = self.provenance();
        let wins = self.note_time(&place, &provenance);
        let write = match self.chance() {
            true => {
                let item = self.random_item(pk, sk);
                if wins {
                    self.items.insert(place, item.clone());
                }
                Write::put(&self.table, item)
            }
            false => {
                if wins {
                    self.items.remove(&place);
                    self.times.remove(&place);
                }
                Write::delete(&self.table, key(pk, sk))
            }
        };
        let write = write.unwrap().with_provenance(provenance);
        now(self.world.engine.write(&self.table, &write)).unwrap();
    }

    /// Whether a write is later than the item that is there.
    fn note_time(&mut self, place: &(String, i64), provenance: &engine::Provenance) -> bool {
        let old = self.times.get(place);
        let region = provenance.origin.as_deref().unwrap_or("local").to_owned();
        let next = old.map_or(0, |(time, _)| time + 1).max(self.world.clock.now_micros());
        let new = (provenance.time_micros.unwrap_or(next), region);
        let wins = old.is_none_or(|old| new >= *old);
        if wins {
            self.times.insert(place.clone(), new);
        }
        wins
    }

    /// The entries of an index, each with what orders it inside its partition.
    fn entries(&self, index: Option<&Index>) -> Vec<(Vec<ValueBuf>, Vec<ValueBuf>, Item)> {
        let schema = index.map_or(&self.table.key, |index| &index.key);
        let values = |item: &Item, names: &[engine::KeyAttribute]| {
            let value =
                |name: &str| item.as_ref().get_bytes(name).map(|v| ValueBuf::from_encoded(v.to_vec()));
            names.iter().map(|attribute| value(&attribute.name)).collect::<Option<Vec<_>>>()
        };
        let entry = |item: &Item| {
            let view = index.map_or_else(|| item.clone(), |index| projected(&self.table, index, item));
            Some((values(item, &schema.hash)?, values(item, &schema.range)?, view))
        };
        self.items.values().filter_map(entry).collect()
    }

    fn check(&self) {
        let (engine, table) = (&self.world.engine, &self.table);
        for ((pk, sk), item) in &self.items {
            assert_eq!(get(&self.world, table, &key(pk, *sk)).as_ref(), Some(item));
        }
        let statistics = now(engine.statistics(table)).unwrap();
        assert_eq!(statistics.items as usize, self.items.len());
        assert_eq!(statistics.size_bytes as usize, self.items.values().map(Item::size_bytes).sum::<usize>());
        for (index, statistics) in table.indexes.iter().zip(&statistics.indexes) {
            let entries = self.entries(Some(index));
            assert_eq!(statistics.entries as usize, entries.len());
            assert_eq!(
                statistics.size_bytes as usize,
                entries.iter().map(|(.., e)| e.size_bytes()).sum::<usize>()
            );
        }
        for index in [None].into_iter().chain(table.indexes.iter().map(Some)) {
            self.check_scan(index);
            self.check_queries(index);
        }
        self.check_collections();
        let times = match self.table.settings.time_to_live {
            Some(_) => expected_times(&self.world, &self.table, "ttl"),
            None => BTreeSet::new(),
        };
        assert_eq!(time_rows(&self.world), times);
    }

    fn check_scan(&self, index: Option<&Index>) {
        let mut expected: Vec<_> = self.entries(index).into_iter().map(|(.., entry)| entry).collect();
        expected.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        for (limit, total) in [(None, 1), (Some(1), 1), (Some(3), 4), (None, 3)] {
            let mut found = Vec::new();
            for number in 0..total {
                let segment = (total > 1).then_some(Segment { number, total });
                found.extend(all_pages(|start| {
                    now(self.world.engine.scan(&ScanRequest {
                        consistency: store::Consistency::Strong,
                        table: &self.table,
                        index,
                        segment,
                        exclusive_start_key: start,
                        limit,
                        filter: None,
                        attributes: Attributes::All,
                        fetch: false,
                    }))
                }));
            }
            found.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
            assert_eq!(found, expected);
        }
    }

    fn check_queries(&self, index: Option<&Index>) {
        let entries = self.entries(index);
        let hashes: BTreeSet<Vec<u8>> = entries.iter().map(|(hash, ..)| flat(hash)).collect();
        for hash in &hashes {
            let partition: Vec<_> = entries.iter().filter(|(of, ..)| flat(of) == *hash).collect();
            for condition in conditions(&partition[0].0, &partition[0].1) {
                let mut expected: Vec<_> =
                    partition.iter().filter(|(_, range, _)| holds(&condition, range)).collect();
                expected.sort_by_key(|entry| order(&entry.1));
                for limit in [None, Some(1), Some(2), Some(5)] {
                    self.check_query(index, &condition, limit, &expected);
                }
            }
        }
    }

    fn check_query(
        &self,
        index: Option<&Index>,
        condition: &BoundKeyCondition,
        limit: Option<usize>,
        expected: &[&&(Vec<ValueBuf>, Vec<ValueBuf>, Item)],
    ) {
        let query = |direction, fetch| {
            all_pages(|start| {
                now(self.world.engine.query(&QueryRequest {
                    consistency: store::Consistency::Strong,
                    table: &self.table,
                    index,
                    key: condition,
                    direction,
                    exclusive_start_key: start,
                    limit,
                    filter: None,
                    attributes: Attributes::All,
                    fetch,
                }))
            })
        };
        let forward = query(Direction::Forward, false);
        let mut backward = query(Direction::Reverse, false);
        backward.reverse();
        assert_eq!(forward, backward);
        // Entries of equal index keys are in the order of a hash: compare the runs as sets.
        let schema = index.map_or(&self.table.key, |index| &index.key);
        let range_of = |item: &Item| -> Vec<Vec<u8>> {
            let bytes = |name: &str| item.as_ref().get_bytes(name).map(<[u8]>::to_vec);
            schema.range.iter().filter_map(|attribute| bytes(&attribute.name)).collect()
        };
        let ranges: Vec<_> = forward.iter().map(range_of).collect();
        let wanted: Vec<_> = expected.iter().map(|entry| range_of(&entry.2)).collect();
        assert_eq!(ranges, wanted, "{condition:?}");
        assert_eq!(sorted(forward.clone()), sorted(expected.iter().map(|entry| entry.2.clone()).collect()));
        if index.is_some() {
            let whole =
                |entry: &Item| self.items.values().find(|item| same_key(item, entry)).cloned().unwrap();
            let fetched: Vec<Item> = forward.iter().map(whole).collect();
            assert_eq!(query(Direction::Forward, true), fetched);
        }
    }

    fn check_collections(&self) {
        let local = self.table.indexes.iter().find(|index| index.name == "by_rank").unwrap();
        for pk in HASHES {
            let of = |item: &&Item| item.get("pk").unwrap().to_value() == s(pk);
            let items: usize = self.items.values().filter(of).map(Item::size_bytes).sum();
            let entries = self.entries(Some(local)).into_iter().map(|(.., entry)| entry);
            let entries: usize = entries.filter(|entry| of(&entry)).map(|entry| entry.size_bytes()).sum();
            let nothing = Write::delete(&self.table, key(pk, 1_000)).unwrap();
            let written = now(self.world.engine.write(&self.table, &nothing)).unwrap();
            assert_eq!(written.collection.unwrap().size_bytes as usize, items + entries);
        }
    }
}

fn same_key(a: &Item, b: &Item) -> bool {
    a.get("pk") == b.get("pk") && a.get("sk") == b.get("sk")
}

fn projected(table: &Table, index: &Index, item: &Item) -> Item {
    let kept = |name: &str| match &index.projected {
        Projected::All => true,
        Projected::KeysOnly => table.is_key_of(index, name),
        Projected::Include(names) => table.is_key_of(index, name) || names.iter().any(|n| n == name),
    };
    let mut view = ItemBuilder::new();
    for (name, value) in item.as_ref().iter().filter(|(name, _)| kept(name)) {
        view.put(name, &value.to_value());
    }
    view.build()
}

fn flat(values: &[ValueBuf]) -> Vec<u8> {
    values.iter().flat_map(|value| value.as_bytes().to_vec()).collect()
}

fn order(range: &[ValueBuf]) -> Vec<Vec<u8>> {
    range.iter().map(bytes).collect()
}

fn bytes(value: &ValueBuf) -> Vec<u8> {
    types::value::key_bytes(value.as_bytes()).unwrap().to_vec()
}

/// Every kind of condition on the partition of an entry, around that entry.
fn conditions(hash: &[ValueBuf], range: &[ValueBuf]) -> Vec<BoundKeyCondition> {
    use RangeCondition::*;
    let of = |prefix: &[ValueBuf], range| BoundKeyCondition {
        hash: hash.to_vec(),
        range_prefix: prefix.to_vec(),
        range,
    };
    let mut conditions = vec![of(&[], None)];
    for at in 0..range.len() {
        let (prefix, value) = (&range[..at], range[at].clone());
        conditions.push(of(&range[..=at], None));
        for range in [Lt(value.clone()), Le(value.clone()), Gt(value.clone()), Ge(value.clone())] {
            conditions.push(of(prefix, Some(range)));
        }
        let other = ValueBuf::from(&match value.as_ref() {
            types::ValueRef::N(_) => n(3),
            _ => s("r\0"),
        });
        conditions.push(of(prefix, Some(Between(value.clone(), other.clone()))));
        conditions.push(of(prefix, Some(Between(other.clone(), value.clone()))));
        if matches!(value.as_ref(), types::ValueRef::S(_)) {
            conditions.push(of(prefix, Some(BeginsWith(value))));
            conditions.push(of(prefix, Some(BeginsWith(other))));
        }
    }
    conditions
}

fn holds(condition: &BoundKeyCondition, range: &[ValueBuf]) -> bool {
    let prefix = condition.range_prefix.len();
    if condition.range_prefix != range[..prefix] {
        return false;
    }
    let Some(condition) = &condition.range else { return true };
    let value = bytes(&range[prefix]);
    match condition {
        RangeCondition::Lt(bound) => value < bytes(bound),
        RangeCondition::Le(bound) => value <= bytes(bound),
        RangeCondition::Gt(bound) => value > bytes(bound),
        RangeCondition::Ge(bound) => value >= bytes(bound),
        RangeCondition::Between(low, high) => bytes(low) <= value && value <= bytes(high),
        RangeCondition::BeginsWith(start) => value.starts_with(&bytes(start)),
    }
}

fn all_pages(read: impl Fn(Option<&Item>) -> Result<Page, engine::ReadError>) -> Vec<Item> {
    let (mut items, mut start) = (Vec::new(), None);
    loop {
        let page = read(start.as_ref()).unwrap();
        assert_eq!(page.count, page.items.len());
        items.extend(page.items);
        match page.last_evaluated_key {
            Some(key) => start = Some(key),
            None => return items,
        }
    }
}

#[test]
fn the_engine_is_a_map_with_indexes() {
    for seed in 1..=4 {
        let mut model = Model::new(seed);
        for round in 0..8 {
            match round {
                2 | 4 => model.add_index(&format!("added_{round}")),
                3 => model.delete_index("by_two"),
                5 => model.delete_index("added_2"),
                _ => {}
            }
            (0..20 + 10 * round).for_each(|_| model.step());
            model.let_time_pass();
            (0..10).for_each(|_| model.step());
            if round == 4 || round == 5 {
                model.world.replace_engine();
            }
            model.wait_for_indexes();
            model.check();
        }
    }
}

/// Indexes come and go between any writes, and engines are stopped.
#[test]
fn the_engine_is_a_map_while_indexes_come_and_go() {
    for seed in 1..=8 {
        let mut model = Model::new(seed);
        let mut added = 0;
        for round in 0..30 {
            (0..model.random.next_u64() % 20).for_each(|_| model.step());
            if model.random.next_u64().is_multiple_of(3) {
                model.let_time_pass();
            }
            match model.random.next_u64() % 4 {
                0 | 1 if model.table.indexes.len() < 6 => {
                    added += 1;
                    model.add_index(&format!("added_{added}"));
                }
                2 => {
                    let oldest = model.deletable().first().map(|index| index.name.clone());
                    oldest.iter().for_each(|name| model.delete_index(name));
                }
                _ => model.world.replace_engine(),
            }
            if round % 6 == 5 {
                model.wait_for_indexes();
                model.check();
            }
        }
    }
}
