//! Replicas of a global table come to the same, whatever is written where, in whatever order it arrives, with restarts
//! between; nothing that was deleted comes back.

use crate::fixture::*;
use crate::regions::*;
use engine::feed::ChangeRecord;
use engine::table::{StreamSpecification, StreamView};
use engine::{IndexKind, KeyType, NewTable, Projected, Table, Write};
use std::collections::BTreeMap;
use std::sync::Arc;
use stdx::{Clock, Random};
use store::Store;
use store::lease::Lease;
use types::Item;

pub const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];

pub fn definition(region: &str) -> NewTable {
    let by_group = index("by_group", IndexKind::Global, keys(&[("g", KeyType::S)], &[]), Projected::All);
    let by_rank =
        index("by_rank", IndexKind::Local, keys(&[("pk", KeyType::S)], &[("r", KeyType::N)]), Projected::All);
    let key = keys(&[("pk", KeyType::S)], &[("sk", KeyType::N)]);
    let mut new = NewTable { scope: at(region), ..new_table("things", key, vec![by_group, by_rank]) };
    new.settings.stream = Some(StreamSpecification::beginning(StreamView::NewAndOldImages, 1));
    new
}

pub fn members(world: &World, first: &str) -> Vec<Arc<Table>> {
    world.engine.replicas_of(&table(world, first)).expect("all replicas")
}

fn add(world: &World, from: &str, region: &str) {
    now(world.engine.refresh()).unwrap();
    loop {
        let added = now(world.engine.create_replica(definition(region), &members(world, from), 1)).unwrap();
        if added.is_some() {
            return;
        }
    }
}

/// Brings one batch of a replica's changes to another one.
pub fn bring(world: &World, from: &str, to: &str) -> bool {
    let Some(table) = world.engine.table(&at(from), "things") else { return false };
    let consumer = table.replication_consumers().find(|consumer| consumer.id == to).cloned();
    let Some(consumer) = consumer.filter(|consumer| world.engine.replica_at(&table, consumer).is_some())
    else {
        return false;
    };
    let done = now(world.engine.replicate(&table, &consumer, &Lease::NotNeeded, u64::MAX));
    done.is_ok_and(|done| done.records > 0)
}

/// Brings everything everywhere.
pub fn bring_all(world: &World) {
    let pairs = || REGIONS.iter().flat_map(|from| REGIONS.iter().map(move |to| (*from, *to)));
    while pairs().fold(false, |any, (from, to)| bring(world, from, to) | any) {}
}

/// All replicas have these items, and their indexes and counters are of them.
pub fn have(world: &World, regions: &[&str], expected: &[Item]) {
    for region in regions {
        let table = table(world, region);
        assert_eq!(scan(world, &table, None), expected, "{region}");
        let in_group = expected.iter().filter(|item| item.get("g").is_some()).cloned().collect::<Vec<_>>();
        assert_eq!(scan(world, &table, Some(&table.indexes[0])), in_group, "by_group in {region}");
        let ranked = expected.iter().filter(|item| item.get("r").is_some()).cloned().collect::<Vec<_>>();
        assert_eq!(scan(world, &table, Some(&table.indexes[1])), ranked, "by_rank in {region}");
        let figures = now(world.engine.statistics(&table)).unwrap();
        assert_eq!(figures.items, expected.len() as i64, "{region}");
        assert_eq!(figures.indexes[0].entries, in_group.len() as i64, "{region}");
    }
}

fn created() -> World {
    let world = World::new();
    now(world.engine.create_table(definition("us-east-1"))).unwrap();
    world
}

fn tombstones(world: &World) -> usize {
    let mut rows = 0;
    let range = store::KeyRange {
        start: std::ops::Bound::Included(&[23][..]),
        end: std::ops::Bound::Excluded(&[24][..]),
    };
    let (direction, consistency) = (store::Direction::Forward, store::Consistency::Strong);
    let read = store::RangeRead { range, direction, consistency, rows_expected: 1 };
    let visit = &mut |_: &[u8], _: &[u8]| {
        rows += 1;
        store::Visit::Continue
    };
    world.store.range(read, visit).wait().unwrap();
    rows
}

#[test]
fn a_new_replica_is_filled_and_gets_what_is_written_meanwhile() {
    let world = created();
    (0..3_000).for_each(|sk| put(&world, "us-east-1", thing("a", sk, 0)));
    add(&world, "us-east-1", "eu-west-1");
    put(&world, "us-east-1", thing("a", 1, 7));
    delete(&world, "us-east-1", key("a", 2));
    world.finish_jobs();
    assert!(!table(&world, "eu-west-1").settings.is_being_filled());
    bring_all(&world);
    put(&world, "eu-west-1", thing("b", 1, 1));
    bring_all(&world);
    let expected = scan(&world, &table(&world, "us-east-1"), None);
    assert_eq!(expected.len(), 3_000);
    have(&world, &["us-east-1", "eu-west-1"], &expected);
}

#[test]
fn the_later_write_wins_wherever_it_was_made() {
    let world = created();
    add(&world, "us-east-1", "eu-west-1");
    world.finish_jobs();
    put(&world, "us-east-1", thing("a", 1, 1));
    world.clock.advance_micros(1);
    put(&world, "eu-west-1", thing("a", 1, 2));
    bring_all(&world);
    have(&world, &REGIONS[..2], &[thing("a", 1, 2)]);
    // At the same time the region whose name sorts higher wins.
    world.clock.advance_micros(10);
    put(&world, "eu-west-1", thing("a", 1, 3));
    put(&world, "us-east-1", thing("a", 1, 4));
    bring_all(&world);
    have(&world, &REGIONS[..2], &[thing("a", 1, 4)]);
    // A write that changes nothing is none.
    world.clock.advance_micros(10);
    put(&world, "us-east-1", thing("a", 1, 4));
    bring_all(&world);
    have(&world, &REGIONS[..2], &[thing("a", 1, 4)]);
}

#[test]
fn what_was_deleted_does_not_come_back() {
    let world = created();
    add(&world, "us-east-1", "eu-west-1");
    world.finish_jobs();
    add(&world, "us-east-1", "ap-south-1");
    world.finish_jobs();
    put(&world, "us-east-1", thing("a", 1, 1));
    bring(&world, "us-east-1", "eu-west-1");
    world.clock.advance_micros(5);
    delete(&world, "eu-west-1", key("a", 1));
    // The deletion is there before what it deletes.
    bring(&world, "eu-west-1", "ap-south-1");
    assert_eq!(tombstones(&world), 2);
    bring_all(&world);
    have(&world, &REGIONS, &[]);
    // Tombstones go once nothing older can come, and only then.
    world.clock.advance_micros(120_000_000);
    world.finish_jobs();
    for _ in 0..200 {
        world.clock.advance_micros(1_000_000);
        world.engine.wait_for_jobs();
    }
    assert_eq!(tombstones(&world), 0);
    put(&world, "ap-south-1", thing("a", 1, 2));
    bring_all(&world);
    have(&world, &REGIONS, &[thing("a", 1, 2)]);
}

#[test]
fn tombstones_stay_while_a_replica_is_behind() {
    let world = created();
    for region in &REGIONS[1..] {
        add(&world, "us-east-1", region);
        world.finish_jobs();
    }
    put(&world, "us-east-1", thing("a", 1, 1));
    bring(&world, "us-east-1", "eu-west-1");
    world.clock.advance_micros(5);
    delete(&world, "eu-west-1", key("a", 1));
    bring(&world, "eu-west-1", "ap-south-1");
    for _ in 0..200 {
        world.clock.advance_micros(1_000_000);
        world.engine.wait_for_jobs();
    }
    assert_eq!(tombstones(&world), 2, "the item is still on its way to ap-south-1");
    bring_all(&world);
    have(&world, &REGIONS, &[]);
}

#[test]
fn a_replica_goes_once_the_others_have_its_changes() {
    let world = created();
    for region in &REGIONS[1..] {
        add(&world, "us-east-1", region);
        world.finish_jobs();
    }
    put(&world, "eu-west-1", thing("a", 1, 1));
    let leaving = members(&world, "eu-west-1");
    now(world.engine.begin_leaving(&leaving, 0)).unwrap();
    let left = table(&world, "eu-west-1");
    let early = now(world.engine.write(&leaving[0], &Write::put(&leaving[0], thing("a", 3, 1)).unwrap()));
    assert_eq!(early, Err(engine::WriteError::TableNotFound));
    assert!(!now(world.engine.finish_leaving(&left)).unwrap());
    bring(&world, "eu-west-1", "us-east-1");
    assert!(!now(world.engine.finish_leaving(&left)).unwrap(), "ap-south-1 does not have it");
    bring_all(&world);
    assert!(now(world.engine.finish_leaving(&left)).unwrap());
    assert!(world.engine.table(&at("eu-west-1"), "things").is_none());
    have(&world, &["us-east-1", "ap-south-1"], &[thing("a", 1, 1)]);
    put(&world, "us-east-1", thing("a", 2, 1));
    // The last other one leaves a table as any.
    delete(&world, "us-east-1", key("a", 1));
    let leaving = members(&world, "ap-south-1");
    now(world.engine.begin_leaving(&leaving, 0)).unwrap();
    bring_all(&world);
    assert!(now(world.engine.finish_leaving(&leaving[0])).unwrap());
    world.finish_jobs();
    let alone = table(&world, "us-east-1");
    assert_eq!((alone.global(), alone.replication_consumers().count(), tombstones(&world)), (None, 0, 0));
    have(&world, &["us-east-1"], &[thing("a", 2, 1)]);
    // It can come again.
    add(&world, "us-east-1", "eu-west-1");
    world.finish_jobs();
    have(&world, &REGIONS[..2], &[thing("a", 2, 1)]);
}

#[test]
fn a_time_to_live_that_is_over_deletes_everywhere() {
    let world = created();
    let expiring = |sk: i64, at: i64| item(&[("pk", s("a")), ("sk", n(sk)), ("ttl", n(at))]);
    add(&world, "us-east-1", "eu-west-1");
    world.finish_jobs();
    let all = members(&world, "us-east-1");
    now(world.engine.alter_tables(&all, |_, table| table.switch_on_time_to_live("ttl".to_owned()))).unwrap();
    let now_seconds = (world.clock.now_micros() / 1_000_000) as i64;
    put(&world, "us-east-1", expiring(1, now_seconds + 5));
    put(&world, "us-east-1", expiring(2, now_seconds + 5_000_000));
    bring_all(&world);
    world.clock.advance_micros(10_000_000);
    world.engine.expire_now(&[table(&world, "us-east-1")]).unwrap();
    bring_all(&world);
    assert_eq!(scan(&world, &table(&world, "us-east-1"), None).len(), 1);
    assert_eq!(scan(&world, &table(&world, "eu-west-1"), None).len(), 1);
}

/// What a replica's feed has of an item, in order.
fn notes(world: &World, region: &str) -> Vec<Option<String>> {
    let table = table(world, region);
    let mut notes = Vec::new();
    let visit = &mut |record: store::FeedRecord<'_>| {
        if let Ok(change) = ChangeRecord::read(record.bytes) {
            let note = change.new.and_then(|item| item.get("note"));
            notes.push(note.map(|note| format!("{:?}", note.to_value())));
        }
        store::Visit::Continue
    };
    world.store.tail(table.feed_id(), store::FeedCursor::START, 1_000, visit).wait().unwrap();
    notes
}

#[test]
fn each_replica_has_a_feed_of_all_changes_in_their_order() {
    let world = created();
    add(&world, "us-east-1", "eu-west-1");
    world.finish_jobs();
    for note in 0..20 {
        put(&world, "us-east-1", thing("a", 1, note));
    }
    delete(&world, "us-east-1", key("a", 1));
    bring_all(&world);
    assert_eq!(notes(&world, "us-east-1").len(), 21);
    assert_eq!(notes(&world, "us-east-1"), notes(&world, "eu-west-1"));
}

/// One seed of the simulation.
struct Simulation {
    world: World,
    random: Random,
    /// By key: what the last write that did something has put, if it was no deletion.
    expected: BTreeMap<(&'static str, i64), Option<i64>>,
    present: Vec<&'static str>,
    note: i64,
}

impl Simulation {
    fn below(&self, end: u64) -> u64 {
        self.random.next_u64() % end
    }

    fn region(&self) -> &'static str {
        let there: Vec<_> = self.present.iter().filter(|region| self.is_there(region)).collect();
        there[self.below(there.len() as u64) as usize]
    }

    fn is_there(&self, region: &str) -> bool {
        let table = self.world.engine.table(&at(region), "things");
        table.is_some_and(|table| !table.settings.is_being_filled() && !table.settings.is_leaving())
    }

    fn write(&mut self) {
        let region = self.region();
        let (pk, sk) = (["a", "b", "c"][self.below(3) as usize], self.below(4) as i64);
        self.note += 1;
        let is_put = self.below(3) > 0;
        let is_there = get(&self.world, &table(&self.world, region), &key(pk, sk)).is_some();
        match is_put {
            true => put(&self.world, region, thing(pk, sk, self.note)),
            false => delete(&self.world, region, key(pk, sk)),
        }
        // A deletion of what a replica does not have is none. Time passes between any two writes, so the last one wins.
        if is_put || is_there {
            self.expected.insert((pk, sk), is_put.then_some(self.note));
        }
        self.world.clock.advance_micros(1 + self.below(50));
    }

    fn step(&mut self) {
        match self.below(100) {
            0..55 => self.write(),
            55..93 => {
                let (from, to) = (self.below(3) as usize, self.below(3) as usize);
                bring(&self.world, REGIONS[from], REGIONS[to]);
            }
            93..95 => {
                self.world.clock.advance_micros(self.below(90_000_000));
                self.world.engine.wait_for_jobs();
            }
            95..97 => self.world.replace_engine(),
            _ => self.change_members(),
        }
    }

    fn change_members(&mut self) {
        let settled = self.present.iter().all(|region| self.is_there(region));
        let missing: Vec<_> = REGIONS.iter().filter(|region| !self.present.contains(region)).collect();
        if !settled {
            return self.finish_leaving();
        }
        match missing.first() {
            Some(region) => {
                add(&self.world, self.region(), region);
                self.present.push(region);
            }
            None => {
                let leaving = members(&self.world, self.region());
                now(self.world.engine.begin_leaving(&leaving, 0)).unwrap();
            }
        }
    }

    fn finish_leaving(&mut self) {
        for region in self.present.clone() {
            let table = self.world.engine.table(&at(region), "things");
            let Some(table) = table.filter(|table| table.settings.is_leaving()) else { continue };
            if now(self.world.engine.finish_leaving(&table)).unwrap() {
                self.present.retain(|known| *known != region);
            }
        }
    }

    /// Everything arrives, and all replicas are the same.
    fn settle(&mut self) -> Vec<Item> {
        for _ in 0..10 {
            self.world.finish_jobs();
            bring_all(&self.world);
            self.finish_leaving();
        }
        let first = self.present[0];
        let items = scan(&self.world, &table(&self.world, first), None);
        have(&self.world, &self.present, &items);
        items
    }
}

#[test]
fn random_writes_in_three_regions_come_to_the_same() {
    for seed in 0..60 {
        let mut simulation = Simulation {
            world: created(),
            random: Random::from_seed(seed),
            expected: BTreeMap::new(),
            present: vec!["us-east-1"],
            note: 0,
        };
        for _ in 0..300 {
            simulation.step();
        }
        let items = simulation.settle();
        let expected = simulation.expected.iter();
        let expected =
            sorted(expected.filter_map(|((pk, sk), note)| Some(thing(pk, *sk, (*note)?))).collect());
        assert_eq!(items, expected, "seed {seed}");
        // Nothing comes back later.
        for _ in 0..100 {
            simulation.world.clock.advance_micros(1_000_000);
            simulation.world.engine.wait_for_jobs();
        }
        bring_all(&simulation.world);
        have(&simulation.world, &simulation.present, &items);
        if simulation.present.len() > 1 {
            assert_eq!(tombstones(&simulation.world), 0, "seed {seed}");
        }
    }
}

#[test]
fn a_replica_whose_items_cannot_be_read_says_so() {
    let world = created();
    put(&world, "us-east-1", thing("a", 1, 1));
    let key = engine::ItemKey::exact(&table(&world, "us-east-1"), &key("a", 1)).unwrap();
    let rows = vec![store::RowWrite { key: key.as_bytes().to_vec(), row: Some(vec![1, 0]) }];
    let plan = store::Plan { rows, ..store::Plan::default() };
    let decide = &mut |_: &store::OldRows<'_>| store::Decision::Commit(plan.clone());
    let (keys, locking) = ([key.as_bytes()], store::Locking::Single);
    let damaged = world.store.mutate(store::Mutation { keys: &keys, fences: &[], locking, decide }).wait();
    assert!(matches!(damaged, Ok(store::Outcome::Committed(_))));
    add(&world, "us-east-1", "eu-west-1");
    world.finish_jobs();
    let failed = table(&world, "eu-west-1");
    assert!(failed.settings.is_being_filled());
    assert_eq!(failed.global().unwrap().failure.as_deref(), Some("a row is cut short"));
    // It can be taken away.
    now(world.engine.begin_leaving(&members(&world, "eu-west-1"), 0)).unwrap();
    bring_all(&world);
    assert!(now(world.engine.finish_leaving(&failed)).unwrap());
    assert_eq!(table(&world, "us-east-1").global(), None);
}
