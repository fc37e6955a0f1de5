//! Replicas on three stores come to the same, also one that a store gets beside another of its own, whatever is
//! written where, whichever batches come twice, late or not at once, and whatever the clocks say; nothing that was
//! deleted comes back, and in the end no tombstone is kept.

use crate::fixture::*;
use engine::replication::{Carried, Rows};
use engine::table::{Elsewhere, GlobalTable, RemoteReplica, RemoteState};
use engine::{Engine, IndexKind, KeyType, NewTable, Projected, Scope, Table, Write};
use std::collections::BTreeMap;
use std::sync::Arc;
use stdx::{Clock, Random};
use store::lease::Lease;
use types::Item;

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];
/// One that the first store gets beside the others.
const BESIDE: &str = "us-west-2";

/// A replica, and the store that it is on.
struct Site {
    store: usize,
    region: &'static str,
}

struct Sites {
    worlds: [World; 3],
    sites: Vec<Site>,
    random: Random,
    /// Batches that were written once, with where.
    sent: Vec<(usize, Vec<Carried>)>,
    /// By key: what the last write has put, if it was no deletion.
    expected: BTreeMap<(&'static str, i64), Option<i64>>,
    note: i64,
}

fn definition(region: &str) -> NewTable {
    let by_group = index("by_group", IndexKind::Global, keys(&[("g", KeyType::S)], &[]), Projected::All);
    let scope = Scope { region: region.into(), ..scope() };
    NewTable {
        scope,
        ..new_table("things", keys(&[("pk", KeyType::S)], &[("sk", KeyType::N)]), vec![by_group])
    }
}

impl Sites {
    /// A table with items in the first region, of which the others become replicas while it is written to.
    fn of(seed: u64) -> Sites {
        let site = |at: usize| Site { store: at, region: REGIONS[at] };
        let (random, expected) = (Random::from_seed(seed), BTreeMap::new());
        let worlds = [World::new(), World::new(), World::new()];
        let sites = vec![site(0), site(1), site(2)];
        let mut sites = Sites { worlds, sites, random, sent: Vec::new(), expected, note: 0 };
        now(sites.engine(0).create_table(definition(REGIONS[0]))).unwrap();
        (0..10).for_each(|_| sites.write(0));
        (1..3).for_each(|at| sites.join(at));
        sites
    }

    fn engine(&self, at: usize) -> &Engine {
        &self.worlds[self.sites[at].store].engine
    }

    fn table(&self, at: usize) -> Arc<Table> {
        let region = self.sites[at].region.into();
        self.engine(at).table(&Scope { region, ..scope() }, "things").expect("a replica")
    }

    fn items(&self, at: usize, index: Option<usize>) -> Vec<Item> {
        let table = self.table(at);
        scan(&self.worlds[self.sites[at].store], &table, index.map(|at| &table.indexes[at]))
    }

    fn below(&self, end: usize) -> usize {
        (self.random.next_u64() % end as u64) as usize
    }

    fn join(&mut self, at: usize) {
        (0..at).for_each(|known| self.announce(known, REGIONS[at]));
        let group = self.table(0).global().unwrap().group.clone();
        let replica = |known: usize| RemoteReplica::new(REGIONS[known], RemoteState::Active);
        let mut new = definition(REGIONS[at]);
        new.settings.global = Some(GlobalTable::to_be_filled(&group, Vec::new()));
        let replicas = (0..at).map(replica).collect();
        new.settings.elsewhere = Some(Box::new(Elsewhere { replicas, ..Elsewhere::default() }));
        now(self.engine(at).create_table(new)).unwrap();
        let mut rows = Some(Rows::default());
        while let Some(from) = rows {
            let (lot, next) = self.engine(0).rows_for_copy(&self.table(0), &from).unwrap();
            rows = next;
            self.write(0);
            now(self.engine(at).take_carried(&self.table(at), lot)).unwrap();
        }
        now(self.engine(at).complete_replica(&self.table(at))).unwrap();
        (0..at).for_each(|known| self.is_there(known, REGIONS[at]));
    }

    /// A store keeps records for a new replica on another one, which gets its items from the first.
    fn announce(&self, at: usize, region: &str) {
        let members = [self.table(at)];
        let replica = RemoteReplica::new(region, RemoteState::Active);
        now(self.engine(at).add_remote_replica(&members, &replica, &REGIONS[0].into())).unwrap();
    }

    fn is_there(&self, at: usize, region: &str) {
        let members = [self.table(at)];
        now(self.engine(at).set_remote_replica(&members, region, RemoteState::Active)).unwrap();
    }

    /// The first store gets a replica beside the one that it has, while all are written to.
    fn add_beside(&mut self) {
        let members = [self.table(0)];
        now(self.engine(0).create_replica(definition(BESIDE), &members, 1))
            .unwrap()
            .expect("nothing has changed");
        let beside = |sites: &Sites| {
            sites.engine(0).table(&Scope { region: BESIDE.into(), ..scope() }, "things").expect("a replica")
        };
        self.steps(5);
        for at in 1..3 {
            self.announce(at, BESIDE);
            self.steps(5);
        }
        assert!(beside(self).settings.is_being_filled(), "before all servers know of it nothing is copied");
        now(self.engine(0).fill_announced(&beside(self))).unwrap();
        self.steps(20);
        let before = self.worlds[0].clock.now_micros();
        self.worlds[0].finish_jobs();
        let passed = self.worlds[0].clock.now_micros() - before;
        self.worlds[1..].iter().for_each(|world| world.clock.advance_micros(passed));
        assert!(!beside(self).settings.is_being_filled());
        for at in 1..3 {
            self.steps(5);
            self.is_there(at, BESIDE);
        }
        now(self.engine(0).end_introduction(&beside(self), None)).unwrap();
        self.sites.push(Site { store: 0, region: BESIDE });
    }

    fn steps(&mut self, count: usize) {
        (0..count).for_each(|_| self.step());
    }

    /// Time passes everywhere, so the last write wins, where clocks agree.
    fn write(&mut self, at: usize) {
        let (pk, sk) = (["a", "b", "c"][self.below(3)], self.below(4) as i64);
        self.note += 1;
        let is_put = self.below(3) > 0;
        let (engine, table) = (self.engine(at), self.table(at));
        let is_there = get(&self.worlds[self.sites[at].store], &table, &key(pk, sk)).is_some();
        let note = item(&[("pk", s(pk)), ("sk", n(sk)), ("g", s("all")), ("note", n(self.note))]);
        let write = if is_put { Write::put(&table, note) } else { Write::delete(&table, key(pk, sk)) };
        now(engine.write(&table, &write.unwrap())).unwrap();
        if is_put || is_there {
            self.expected.insert((pk, sk), is_put.then_some(self.note));
        }
        let passed = 1 + self.below(50) as u64;
        self.worlds.iter().for_each(|world| world.clock.advance_micros(passed));
    }

    /// Brings one batch, perhaps without that being kept. False: there was none.
    fn bring(&mut self, from: usize, to: usize, is_kept: bool) -> bool {
        let (engine, table) = (self.engine(from), self.table(from));
        let region = self.sites[to].region;
        let Some(consumer) = table.replication_consumers().find(|consumer| consumer.id == region) else {
            return false;
        };
        if self.sites[from].store == self.sites[to].store {
            let done = now(engine.replicate(&table, consumer, &Lease::NotNeeded, u64::MAX)).unwrap();
            return done.records > 0;
        }
        let (changes, done) = now(engine.changes_for(&table, consumer, u64::MAX)).unwrap();
        now(self.engine(to).take_carried(&self.table(to), changes.clone())).unwrap();
        if is_kept && done.records > 0 {
            now(engine.changes_are_there(&table, consumer, &done, &Lease::NotNeeded)).unwrap();
        }
        self.sent.push((to, changes));
        done.records > 0
    }

    fn step(&mut self) {
        let (from, to) = (self.below(self.sites.len()), self.below(self.sites.len()));
        match self.below(10) {
            0..6 => self.write(from),
            6..8 => _ = self.bring(from, to, true),
            8 => _ = self.bring(from, to, false),
            _ if self.sent.is_empty() => {}
            _ => {
                let (to, batch) = self.sent[self.below(self.sent.len())].clone();
                now(self.engine(to).take_carried(&self.table(to), batch)).unwrap();
            }
        }
    }

    fn settle(&mut self) {
        let sites = self.sites.len();
        let pairs = || (0..sites).flat_map(|from| (0..sites).map(move |to| (from, to)));
        while pairs()
            .filter(|(from, to)| from != to)
            .fold(false, |any, (from, to)| self.bring(from, to, true) | any)
        {}
        let first = self.items(0, None);
        for at in 0..sites {
            assert_eq!(self.items(at, None), first, "{}", self.sites[at].region);
            assert_eq!(self.items(at, Some(0)), first, "by_group in {}", self.sites[at].region);
        }
    }

    /// Forgets all tombstones that nobody needs: the feeds were read by all.
    fn sweep(&self) {
        self.worlds.iter().for_each(|world| world.clock.advance_micros(61_000_000));
        for at in 0..self.sites.len() {
            let (engine, table) = (self.engine(at), self.table(at));
            let members = engine.replicas_of(&table).expect("all replicas of the store");
            assert!(now(engine.all_have_read(&members, now(engine.mark()).unwrap())).unwrap());
            engine.forget_old_tombstones(&engine.old_tombstones(&table, None).unwrap()).unwrap();
            assert!(engine.old_tombstones(&table, None).unwrap().are_none(), "{}", self.sites[at].region);
        }
    }
}

#[test]
fn random_writes_at_three_stores_come_to_the_same() {
    for seed in 0..40 {
        let mut sites = Sites::of(seed);
        sites.steps(100);
        sites.add_beside();
        sites.steps(100);
        sites.settle();
        let expected = sites.expected.iter().filter_map(|((pk, sk), note)| {
            Some(item(&[("pk", s(pk)), ("sk", n(*sk)), ("g", s("all")), ("note", n((*note)?))]))
        });
        let mut expected: Vec<Item> = expected.collect();
        expected.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        assert_eq!(sites.items(0, None), expected, "seed {seed}");
        sites.sweep();
        (0..30).for_each(|_| sites.write(sites.below(4)));
        sites.settle();
    }
}

#[test]
fn clocks_that_differ_only_decide_who_wins() {
    for seed in 100..120 {
        let mut sites = Sites::of(seed);
        sites.worlds[1].clock.advance_micros(40_000_000);
        sites.worlds[2].clock.advance_micros(3_000);
        sites.steps(100);
        sites.add_beside();
        sites.steps(100);
        sites.settle();
    }
}

#[test]
fn a_replica_elsewhere_is_forgotten_with_what_was_kept_for_it() {
    let mut sites = Sites::of(7);
    sites.settle();
    let engine = sites.engine(0).clone();
    for region in &REGIONS[1..] {
        let members = [sites.table(0)];
        now(engine.forget_remote_replica(&members, region)).unwrap();
    }
    sites.worlds[0].finish_jobs();
    let alone = sites.table(0);
    assert_eq!((alone.global(), alone.replication_consumers().count()), (None, 0));
    assert!(alone.settings.elsewhere.is_none());
    sites.write(0);
}
